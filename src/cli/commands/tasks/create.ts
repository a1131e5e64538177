// `purser tasks create`: one new task, with --assigned-to assigned to an agent in the same
// transaction; or one from elsewhere, as of a time.

import type { ActingStore, TakenOverTask, Task } from '../../../index.ts'
import { taskStatuses } from '../../../records/tasks/enums.ts'
import { defineChange } from '../../flags/actor-flag.ts'
import { checkNew } from '../../flags/check-fields.ts'
import { fieldsOf, text, time, under, word } from '../../flags/flags.ts'
import { withWholeIds } from '../../flags/whole-ids.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { printableLine } from '../../screen/text.ts'
import { givenTaskFields, neededTaskFields, taskFields, taskFieldsOf } from './fields.ts'
import { noteUnknownTasks } from './unknown-tasks.ts'
import { statusText } from './view.ts'

const flags = {
  ...under('Needed:', neededTaskFields),
  ...under('Optional:', {
    id: text('id', 'its id (default: a new ULID)', { field: 'id' }),
    assignedTo: text('agent', 'assign it right away', { field: 'assignedTo' }),
    ...taskFields,
  }),
  ...under('Taken over from elsewhere:', {
    asOf: time('when it was as it is given; else it begins now, as created', { field: 'asOf' }),
    status: word(taskStatuses, 'the status that it had (default created)', { field: 'status' }),
    createdAt: time('when it was created (default: --as-of)', { field: 'createdAt' }),
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
  validate: ({ flags: given, actor }) => {
    const { asOf: _, ...fields } = fieldsOf(flags, given)
    return checkNew(({ taskDefinition }) => taskDefinition, {
      ...{ createdBy: actor, ...fields },
      ...givenTaskFields(given),
    })
  },
  run: async (call) => {
    const { asOf, ...given } = fieldsOf(flags, call.flags)
    const fields = { createdBy: call.actor, ...given, ...(await taskFieldsOf(call.flags)) }
    return call.withStore('create', async (store) => {
      const input = (await withWholeIds(store, fields)) as unknown as TakenOverTask
      const task = await create(call.acting(store), input, asOf as Date | undefined)
      await noteUnknownTasks(call, store, task)
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

/** A new task is created and then assigned; one that is taken over has the status of its input. */
function create(store: ActingStore, input: TakenOverTask, asOf: Date | undefined): Promise<Task> {
  const { assignedTo, ...unassigned } = input
  if (asOf !== undefined) return store.tasks.create(input, { asOf })
  if (assignedTo === undefined || input.status !== undefined) return store.tasks.create(input)
  return store.transaction(async ({ tasks }) => {
    const task = await tasks.create(unassigned)
    return tasks.transition(task.id, 'assigned', { version: task.version, patch: { assignedTo } })
  })
}
