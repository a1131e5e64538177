// `purser tasks delete`: removes one task for good. Its costs and messages stay.

import { actor, inNameOf } from '../acting.ts'
import { defineCommand, required } from '../command.ts'
import { toggle } from '../flags.ts'
import { printableLine } from '../screen/text.ts'
import { noTask } from './show.ts'

export const deleteTask = defineCommand({
  name: 'delete',
  summary: 'delete a task for good',
  description: 'Delete a task for good. What it cost and what was said about it stay recorded. Asks first.',
  args: { id: required('the id of the task') },
  flags: { yes: toggle('do not ask'), actor },
  examples: [
    ['delete it, after a question', 'tasks delete demo-task-8'],
    ['in a script', 'tasks delete demo-task-8 --yes'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const { id } = call.args
      const task = await store.tasks.get(id)
      if (task === null) throw noTask(id)
      const what = `Task ${printableLine(id)} (${printableLine(task.title)}) would be deleted for good`
      await call.confirm(what, call.flags.yes)
      if (!(await inNameOf(store, call.flags.actor).tasks.delete(id))) throw noTask(id)
      return {
        data: { id, deleted: true },
        show: (screen) => (screen.quiet ? '' : `Deleted task ${screen.paint.bold(printableLine(id))}`),
      }
    }),
})
