// Fields that hold ids of other records, as people type them: a prefix of an id, or a root's name,
// becomes the whole id.

import type { Store } from '../../index.ts'
import { CommandError } from '../run/failure.ts'

/** Which record each field of a filter or an input refers to. */
const named: Readonly<Record<string, 'plan' | 'task'>> = {
  planId: 'plan',
  rootPlanId: 'plan',
  parentPlanId: 'plan',
  taskId: 'task',
  parentTaskId: 'task',
  dependencies: 'task',
}

/**
 * The same fields with whole ids. An unknown id is kept as given: costs and messages outlive what
 * they are about.
 * @throws UsageError if several ids have the given prefix
 */
export async function withWholeIds<T extends object>(store: Store, fields: T): Promise<T> {
  const entries = Object.entries(fields).map(async ([field, value]) => {
    const record = named[field]
    if (record === undefined || value === null) return [field, value]
    const whole = (id: unknown) => (typeof id === 'string' ? wholeId(store, record, id) : id)
    return [field, Array.isArray(value) ? await Promise.all(value.map(whole)) : await whole(value)]
  })
  return Object.fromEntries(await Promise.all(entries)) as T
}

async function wholeId(store: Store, record: 'plan' | 'task', id: string): Promise<string> {
  try {
    if (record === 'task') {
      const { findTask } = await import('../commands/tasks/find.ts')
      return (await findTask(store, id)).id
    }
    const { findPlan } = await import('../commands/plans/find.ts')
    return (await findPlan(store, id)).planId
  } catch (error) {
    if (error instanceof CommandError) return id
    throw error
  }
}
