// `purser projects show`: everything about one project, and what names it.

import type { Project } from '../../../index.ts'
import { planStates } from '../../../records/plans/enums.ts'
import { invariantText } from '../../flags/invariants.ts'
import { defineCommand } from '../../run/command.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { facts } from '../../screen/facts.ts'
import type { Screen } from '../../screen/screen.ts'
import { counted, printable, printableLine, wrap } from '../../screen/text.ts'
import { absolute, relative } from '../../screen/times.ts'
import { findProject, projectArgument } from './find.ts'

const liveStates = planStates.filter((state) => state !== 'applied' && state !== 'cancelled')

export const showProject = defineCommand({
  name: 'show',
  summary: 'show one project, and how many plans and tasks name it',
  args: projectArgument,
  examples: [
    ['one project', 'projects show parser'],
    ['as JSON', 'projects show parser --json'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const project = await findProject(store, call.args.name)
      const { name } = project
      const [plans, livePlans, tasks] = await Promise.all([
        store.plans.count({ project: name }),
        store.plans.count({ project: name, state: liveStates }),
        store.tasks.count({ project: name }),
      ])
      const list = ['plans', 'list', '--project', name, ...sameDatabase(call.global)]
      return {
        data: { ...project, related: { plans, livePlans, tasks } },
        show: (screen) =>
          [
            ...projectLines(screen, project),
            ...facts(screen, [
              ['Plans', plans === 0 ? 'none' : `${counted(plans, 'plan')}, ${livePlans} of them live`],
              ['Tasks', tasks === 0 ? 'none' : counted(tasks, 'task')],
            ]),
            ...(screen.quiet || plans === 0
              ? []
              : ['', screen.paint.dim('Its plans:'), `  ${commandLine(screen, list)}`]),
          ].join('\n'),
      }
    }),
})

function projectLines(screen: Screen, project: Project): readonly string[] {
  const { paint } = screen
  const when = (time: Date) => `${relative(time, screen.now)} (${absolute(time)})`
  const { executionEnvironment: environment, executionEnvPriority, metadata } = project
  const paragraph = (title: string, content: string) => [
    '',
    paint.bold(title),
    ...wrap(printable(content), screen.width - 2).map((line) => `  ${line}`),
  ]
  return [
    `${paint.bold(printableLine(project.name))}${project.readOnly ? `  ${paint.dim('plans only read it')}` : ''}`,
    ...(project.description === '' ? [] : paragraph('Description', project.description)),
    ...(project.invariants.length === 0
      ? []
      : paragraph('Must hold', project.invariants.map(invariantText).join('\n'))),
    '',
    ...facts(screen, [
      ['Profile', printableLine(project.automationProfile ?? 'of the configuration')],
      ['Runs in', environment && `${environment} (${executionEnvPriority ?? 'fallback'})`],
      ['Budget', project.budget && printableLine(project.budget)],
      ['Created', when(project.createdAt)],
      ['Updated', `${when(project.updatedAt)}, version ${project.version}`],
      ['Metadata', Object.keys(metadata).length === 0 ? null : printableLine(JSON.stringify(metadata))],
    ]),
  ]
}
