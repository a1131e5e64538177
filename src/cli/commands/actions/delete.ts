// `purser actions delete`: deletes an action that no live plan uses. Its plans are kept.

import { defineChange } from '../../flags/actor-flag.ts'
import { toggle } from '../../flags/flags.ts'
import { printableLine } from '../../screen/text.ts'
import { actionArgument, findAction } from './find.ts'

export const deleteAction = defineChange({
  name: 'delete',
  summary: 'delete an action that no live plan uses',
  description:
    'Delete an action for good. Refused while plans made from it are neither applied nor cancelled. Asks first.',
  args: actionArgument,
  flags: { yes: toggle('do not ask') },
  examples: [
    ['after a question', 'actions delete local/build'],
    ['in a script', 'actions delete local/build --yes'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const { name } = await findAction(store, call.args.name)
      await call.confirm(`Action ${printableLine(name)} would be deleted for good`, call.flags.yes)
      const deleted = await call.acting(store).actions.delete(name)
      // Another process deleted it first.
      if (!deleted) await findAction(store, name)
      return {
        data: { name, deleted },
        show: (screen) => (screen.quiet ? '' : `Deleted action ${screen.paint.bold(printableLine(name))}`),
      }
    }),
})
