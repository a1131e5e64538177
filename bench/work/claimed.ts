// The store's side of the rows about claims: workers of one process that claim tasks and complete
// them. Each is an agent.

import type { Store } from '../../src/index.ts'
import { newTasks } from '../inputs.ts'
import { drain } from '../measure.ts'

export const WORKERS = 8

/**
 * @param atOnce the limit of a claim
 * @returns microseconds per task; making the tasks does not count
 */
export async function claimAndComplete(store: Store, count: number, atOnce: number): Promise<number> {
  await store.tasks.createMany(newTasks(count))
  return drain(WORKERS, count, {
    take: (worker) => store.tasks.claim({ agent: `agent-${worker}`, limit: atOnce }),
    finish: ({ id, claimId }) => store.tasks.complete(id, claimId),
  })
}
