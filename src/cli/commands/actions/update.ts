// `purser actions update`: changes an action; plans already made from it keep their values.

import type { ActionPatch } from '../../../index.ts'
import { actionStates } from '../../../records/actions/enums.ts'
import { defineChange, ifVersion } from '../../flags/actor-flag.ts'
import { checkPatch } from '../../flags/check-fields.ts'
import { clearFlag, patchOf } from '../../flags/clear-flag.ts'
import { fieldsOf, word } from '../../flags/flags.ts'
import { printableLine } from '../../screen/text.ts'
import { actionFields, actionFieldsOf, givenActionFields } from './fields.ts'
import { actionArgument, findAction } from './find.ts'

const clearable = {
  'definition-of-done': ['definitionOfDone', null],
  profile: ['automationProfile', null],
  'long-description': ['longDescription', null],
  arguments: ['arguments', []],
  invariants: ['invariants', []],
  tags: ['tags', []],
  metadata: ['metadata', {}],
} as const

const own = {
  state: word(actionStates, 'no plan is made from an archived action', { field: 'state' }),
  clear: clearFlag(clearable),
}

export const updateAction = defineChange({
  name: 'update',
  summary: 'change an action',
  description:
    'Change an action; plans that were made from it stay as they are. Of the roles, those that are not named stay, and an empty name (--role review=) takes one away.',
  args: actionArgument,
  flags: { ...actionFields, ...own, ifVersion: ifVersion('action') },
  examples: [
    ['another profile for its plans from now on', 'actions update demo/deliver --profile cautious'],
    ['no profile of its own', 'actions update demo/deliver --clear profile'],
    ['bring it back', 'actions update demo/deliver --state available'],
  ],
  validate: ({ flags }) =>
    checkPatch(({ actionDefinition }) => actionDefinition, {
      ...fieldsOf(own, flags),
      ...givenActionFields(flags),
    }),
  run: async (call) => {
    const { flags } = call
    const given = { ...fieldsOf(own, flags), ...(await actionFieldsOf(flags)) }
    const patch = patchOf(given, flags.clear, clearable) as ActionPatch
    return call.withStore('existing', async (store) => {
      const before = await findAction(store, call.args.name)
      const base = { version: flags.ifVersion ?? before.version }
      const action = await call.acting(store).actions.update(before.name, patch, base)
      const fields = Object.keys(patch).join(', ')
      return {
        data: action,
        show: (screen) =>
          screen.quiet
            ? ''
            : `Updated action ${screen.paint.bold(printableLine(action.name))}, now at version ${action.version} ${screen.paint.dim(`(${fields})`)}`,
      }
    })
  },
})
