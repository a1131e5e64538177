// `purser actions show`: everything about one action, and the plans that were made from it.

import type { Action, ActionArgument } from '../../../index.ts'
import { planStates } from '../../../records/plans/enums.ts'
import { invariantText } from '../../flags/invariants.ts'
import { rolesText } from '../../flags/roles.ts'
import { defineCommand } from '../../run/command.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { facts } from '../../screen/facts.ts'
import type { Screen } from '../../screen/screen.ts'
import { counted, printable, printableLine, wrap } from '../../screen/text.ts'
import { absolute, relative } from '../../screen/times.ts'
import { actionArgument, findAction } from './find.ts'

interface Use {
  readonly plans: number
  /** Those that are neither applied nor cancelled. */
  readonly live: number
}

const liveStates = planStates.filter((state) => state !== 'applied' && state !== 'cancelled')

export const showAction = defineCommand({
  name: 'show',
  summary: 'show one action, and how many plans were made from it',
  args: actionArgument,
  examples: [
    ['one action', 'actions show demo/deliver'],
    ['as JSON', 'actions show demo/deliver --json'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const action = await findAction(store, call.args.name)
      const actionName = action.name
      const [plans, live] = await Promise.all([
        store.plans.count({ actionName }),
        store.plans.count({ actionName, state: liveStates }),
      ])
      const list = ['plans', 'list', '--action', actionName, ...sameDatabase(call.global)]
      return {
        data: { ...action, related: { plans, livePlans: live } },
        show: (screen) =>
          [
            ...actionLines(screen, action, { plans, live }),
            ...(screen.quiet || plans === 0
              ? []
              : ['', screen.paint.dim('Its plans:'), `  ${commandLine(screen, list)}`]),
          ].join('\n'),
      }
    }),
})

function actionLines(screen: Screen, action: Action, { plans, live }: Use): readonly string[] {
  const { paint } = screen
  const when = (time: Date) => `${relative(time, screen.now)} (${absolute(time)})`
  const optional = (value: string | null) => (value === null ? null : printableLine(value))
  const text = (title: string, content: string | null) =>
    content === null
      ? []
      : ['', paint.bold(title), ...wrap(printable(content), screen.width - 2).map((line) => `  ${line}`)]
  const { metadata } = action
  return [
    `${paint.bold(printableLine(action.name))}  ${action.state === 'archived' ? paint.dim('archived') : paint.green('available')}`,
    '',
    ...facts(screen, [
      ['Profile', optional(action.automationProfile) ?? 'of the project, or the configuration'],
      ['Roles', optional(rolesText(action.actors))],
      ['Tags', action.tags.length === 0 ? null : printableLine(action.tags.join(', '))],
      ['Makes', action.reusable ? null : 'only one plan: it is archived with the first'],
      ['Changes', action.readOnly ? 'nothing: its plans should only read' : null],
      ['Plans', plans === 0 ? 'none' : `${counted(plans, 'plan')}, ${live} of them live`],
      [
        'Created',
        `${when(action.createdAt)}${action.createdBy === null ? '' : ` by ${printableLine(action.createdBy)}`}`,
      ],
      ['Updated', `${when(action.updatedAt)}, version ${action.version}`],
      ['Metadata', Object.keys(metadata).length === 0 ? null : printableLine(JSON.stringify(metadata))],
    ]),
    ...text('Description', action.description),
    ...text('More about it', action.longDescription),
    ...text('Done when', action.definitionOfDone),
    ...text('Arguments', linesOf(action.arguments.map(argumentText))),
    ...text('Must hold', linesOf(action.invariants.map(invariantText))),
  ]
}

const linesOf = (lines: readonly string[]) => (lines.length === 0 ? null : lines.join('\n'))

/** `target: string, required, matching [a-z]+`. */
function argumentText({
  name,
  description,
  type,
  required,
  default: initial,
  min,
  max,
  pattern,
}: ActionArgument) {
  const rules = [
    type,
    ...(required ? ['required'] : []),
    ...(initial === null ? [] : [`${JSON.stringify(initial)} by default`]),
    ...(min === null ? [] : [`at least ${min}`]),
    ...(max === null ? [] : [`at most ${max}`]),
    ...(pattern === null ? [] : [`matching ${pattern}`]),
  ]
  return `${name}: ${rules.join(', ')}${description ? ` (${description})` : ''}`
}
