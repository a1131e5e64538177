// `purser tasks delete`: deletes one task permanently. Its costs and messages are kept.

import { defineChange } from '../../flags/actor-flag.ts'
import { toggle } from '../../flags/flags.ts'
import { printableLine } from '../../screen/text.ts'
import { findTask, taskArgument } from './find.ts'

export const deleteTask = defineChange({
  name: 'delete',
  summary: 'delete a task for good',
  description: 'Delete a task for good. What it cost and what was said about it stay recorded. Asks first.',
  args: taskArgument,
  flags: { yes: toggle('do not ask') },
  examples: [
    ['delete it, after a question', 'tasks delete demo-task-8'],
    ['in a script', 'tasks delete demo-task-8 --yes'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const task = await findTask(store, call.args.task)
      const { id } = task
      const what = `Task ${printableLine(id)} (${printableLine(task.title)}) would be deleted for good`
      await call.confirm(what, call.flags.yes)
      if (!(await call.acting(store).tasks.delete(id))) await findTask(store, id)
      return {
        data: { id, deleted: true },
        show: (screen) => (screen.quiet ? '' : `Deleted task ${screen.paint.bold(printableLine(id))}`),
      }
    }),
})
