// Warns of ids that name no task. They are accepted, since tasks may be created in any order; but a
// dependency that nothing will ever meet keeps its task waiting without a word.

import type { Store, Task } from '../../../index.ts'
import type { Call } from '../../run/command.ts'
import { printableLine } from '../../screen/text.ts'

export async function noteUnknownTasks(
  call: Pick<Call, 'note'>,
  store: Store,
  { dependencies, parentTaskId }: Task,
): Promise<void> {
  const parents = parentTaskId === null ? [] : [parentTaskId]
  const found = await store.tasks.getMany([...dependencies, ...parents])
  const named = (ids: readonly string[]) =>
    ids.filter((id) => !found.has(id)).map((id) => JSON.stringify(printableLine(id)))
  const [missing, missingParent] = [named(dependencies), named(parents)]
  if (missing.length > 0) {
    const text = `--depends-on: there is no task ${missing.join(', ')}; the task waits until one of each id is completed`
    call.note('warn', text, 'UNKNOWN_DEPENDENCY')
  }
  if (missingParent.length > 0)
    call.note('warn', `--parent: there is no task ${missingParent.join(', ')}`, 'UNKNOWN_PARENT')
}
