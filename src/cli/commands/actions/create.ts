// `purser actions create`: a new action, the template that plans are made from.

import type { NewAction } from '../../../index.ts'
import { defineChange } from '../../flags/actor-flag.ts'
import { checkNew } from '../../flags/check-fields.ts'
import { fieldsOf, text } from '../../flags/flags.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { printableLine } from '../../screen/text.ts'
import { actionFields, actionFieldsOf, givenActionFields } from './fields.ts'

const own = { name: text('name', 'its name, namespace/name; needed', { field: 'name' }) }

export const createAction = defineChange({
  name: 'create',
  summary: 'create an action, a template for plans',
  description:
    'Create an action. A plan that is made with its name takes from it what is left out: description, definition of done, roles, automation profile.',
  flags: { ...own, ...actionFields },
  examples: [
    [
      'an action',
      'actions create --name local/build --description "Build what the plan says, with tests" --profile trusted --role review=june',
    ],
  ],
  validate: ({ flags }) =>
    checkNew(({ actionDefinition }) => actionDefinition, {
      ...fieldsOf(own, flags),
      ...givenActionFields(flags),
    }),
  run: async (call) => {
    const input = { ...fieldsOf(own, call.flags), ...(await actionFieldsOf(call.flags)) }
    return call.withStore('create', async (store) => {
      const action = await call.acting(store).actions.create(input as unknown as NewAction)
      const name = printableLine(action.name)
      const show = commandLine(call.screen, ['actions', 'show', action.name, ...sameDatabase(call.global)])
      return {
        data: action,
        show: (screen) =>
          screen.quiet ? name : `Created action ${screen.paint.bold(name)}\n  ${screen.paint.dim(show)}`,
      }
    })
  },
})
