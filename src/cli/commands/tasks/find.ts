// Finds the task that a command is about, by its id or a prefix of it.

import type { Store, Task } from '../../../index.ts'
import { identify } from '../../flags/identify.ts'
import { required } from '../../run/command.ts'

/** The argument of commands about one task. */
export const taskArgument = { task: required('the id of the task, or the beginning of it') }

/** @throws CommandError if there is none; UsageError if several ids have the prefix */
export function findTask(store: Pick<Store, 'tasks'>, id: string): Promise<Task> {
  return identify(store.tasks, id, { noun: 'task', list: 'purser tasks list' })
}
