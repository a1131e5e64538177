// `purser actions archive`: no new plan can be made from the action; existing ones continue.

import { defineChange, ifVersion } from '../../flags/actor-flag.ts'
import { printableLine } from '../../screen/text.ts'
import { actionArgument, findAction } from './find.ts'

export const archiveAction = defineChange({
  name: 'archive',
  summary: 'let no more plans be made from an action',
  description:
    'Archive an action: no plan is made from it any more, and those that there are go on. purser actions update NAME --state available brings it back.',
  args: actionArgument,
  flags: { ifVersion: ifVersion('action') },
  examples: [['no more plans from it', 'actions archive demo/deliver']],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const before = await findAction(store, call.args.name)
      const base = { version: call.flags.ifVersion ?? before.version }
      const isArchived = before.state === 'archived'
      const action =
        isArchived && base.version === before.version
          ? before
          : await call.acting(store).actions.update(before.name, { state: 'archived' }, base)
      return {
        data: action,
        show: (screen) => {
          if (screen.quiet) return ''
          const name = screen.paint.bold(printableLine(action.name))
          return isArchived ? `Action ${name} was archived already` : `Archived action ${name}`
        },
      }
    }),
})
