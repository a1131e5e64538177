// `purser tasks create`: one new task. With --assigned-to it is assigned from the start.

import type { NewTask } from '../../index.ts'
import { taskStatuses } from '../../records/tasks/words.ts'
import { defineChange } from '../acting.ts'
import { fieldsOf, text, under, word } from '../flags.ts'
import { commandLine, sameDatabase } from '../screen/command-line.ts'
import { printableLine } from '../screen/text.ts'
import { withWholeIds } from '../whole-ids.ts'
import { neededTaskFields, taskFields, taskFieldsOf } from './fields.ts'
import { statusText } from './view.ts'

const flags = {
  ...under('Needed:', neededTaskFields),
  ...under('Optional:', {
    id: text('id', 'its id (default: a new ULID)', { field: 'id' }),
    assignedTo: text('agent', 'assign it right away', { field: 'assignedTo' }),
    status: word(taskStatuses, 'the status it starts in (default: created, or assigned)', {
      field: 'status',
    }),
    ...taskFields,
  }),
}

export const createTask = defineChange({
  name: 'create',
  summary: 'create a task',
  flags,
  examples: [
    [
      'a task that nobody has yet',
      'tasks create --title "Cache predictions" --description "Keep a day of them" --project tide-api --created-by mira --type development',
    ],
    [
      'assigned at once, with a description from a file',
      'tasks create --title "Read the licence" --description - --project tide-api --created-by mira --type research --assigned-to pax < licence.md',
    ],
  ],
  run: async (call) => {
    const { assignedTo, status } = call.flags
    const input = {
      createdBy: call.actor,
      ...fieldsOf(flags, call.flags),
      ...(await taskFieldsOf(call.flags)),
      ...(assignedTo !== undefined && status === undefined ? { status: 'assigned' } : {}),
    }
    return call.withStore('create', async (store) => {
      const task = await call
        .acting(store)
        .tasks.create((await withWholeIds(store, input)) as unknown as NewTask)
      const id = printableLine(task.id)
      const show = commandLine(call.screen, ['tasks', 'show', task.id, ...sameDatabase(call.global)])
      return {
        data: task,
        show: (screen) =>
          screen.quiet
            ? id
            : `Created task ${screen.paint.bold(id)}, ${statusText(task.status)}\n  ${screen.paint.dim(show)}`,
      }
    })
  },
})
