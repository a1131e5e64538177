// What the cases about claims share.

import assert from 'node:assert/strict'
import type { ClaimedTask, ClaimRequest, Store, Task } from '../../index.ts'
import { turn } from '../support/expect.ts'

/** Long enough that no case waits for its end. */
export const LONG = '1h'

/** Waits for what only time brings, by asking again and again. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!(await holds())) {
    assert.ok(performance.now() < deadline, `${what} did not happen in 20 s`)
    await turn()
  }
}

/** Claims one task, which must be there. */
export async function claimOne(
  { tasks }: Pick<Store, 'tasks'>,
  request: Partial<ClaimRequest> = {},
): Promise<ClaimedTask> {
  const [task] = await tasks.claim({ agent: 'agent-1', lease: LONG, ...request })
  assert.ok(task, 'a task is ready')
  return task
}

/** The task as it is stored now. */
export async function stored({ tasks }: Pick<Store, 'tasks'>, id: string): Promise<Task> {
  const task = await tasks.get(id)
  assert.ok(task)
  return task
}

/** The actions of the audit entries about a task, the oldest first. */
export async function actionsOf(store: Store, id: string): Promise<readonly string[]> {
  const { items } = await store.audit.query({ taskId: id })
  return items.map(({ action }) => action).toReversed()
}

/** The ids of ready tasks, in the order in which they are handed out. */
export async function readyIds({ tasks }: Pick<Store, 'tasks'>, agent?: string): Promise<readonly string[]> {
  return (await tasks.ready(agent === undefined ? {} : { agent })).items.map(({ id }) => id)
}
