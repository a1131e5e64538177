// What a database may do to single statements of a set, as triggers that a test adds: refuse the
// audit entry of a move, or pass over a change in silence. The move is not made then, and its
// neighbours in the set are.

import { describe, expect, test } from 'vitest'
import { openStore, PersistenceError, type Store } from '../../src/index.ts'
import { withDatabase } from '../support/database-content.ts'
import { scratchFile } from '../support/scratch.ts'

const plan = { actionName: 'label', description: 'd' }

/** A store with a trigger of the test's own. */
async function openWithTrigger(trigger: string): Promise<{ path: string; store: Store }> {
  const path = scratchFile()
  await (await openStore(`sqlite:${path}`)).close()
  const store = await openStore({ url: `sqlite:${path}`, enforce: 'record' })
  withDatabase(path, (handle) => handle.exec(trigger), false)
  return { path, store }
}

describe('an entry that the database refuses', () => {
  test('takes its move with it, and leaves the other writes of the set and the chain whole', async () => {
    const { store } = await openWithTrigger(
      "CREATE TRIGGER no_start BEFORE INSERT ON audit_entries WHEN NEW.action = 'plan:start' BEGIN SELECT RAISE(ABORT, 'no'); END",
    )
    const made = await store.plans.createMany(
      ['a', 'b', 'c', 'd'].map((name) => ({
        ...plan,
        name: `local/${name}`,
        phase: 'execute' as const,
        state: 'queued' as const,
      })),
      { asOf: new Date() },
    )
    const calls = made.map((each, index) =>
      index % 2 === 0 ? store.plans.start(each.planId, each) : store.plans.cancel(each.planId, null, each),
    )
    const results = await Promise.allSettled([
      ...calls,
      store.audit.append({ action: 'a:b', subjectType: 'x' }),
    ])
    expect(results.map(({ status }) => status)).toEqual([
      ...['rejected', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
    ])
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'CONSTRAINT_VIOLATION' })
    }
    const states = (await store.plans.list()).items.map(({ state, version }) => `${state} ${version}`)
    expect(states).toEqual(['queued 1', 'cancelled 2', 'queued 1', 'cancelled 2'])
    expect(await store.audit.verify()).toMatchObject({ ok: true, checked: 7 })
    await store.transaction(async (tx) => {
      const [first] = made
      if (!first) throw new Error('no plan was made')
      await expect(tx.plans.start(first.planId, first)).rejects.toBeInstanceOf(PersistenceError)
      expect((await tx.plans.get(first.planId))?.version).toBe(1)
      await tx.plans.cancel(first.planId, null, first)
    })
    expect(await store.audit.verify()).toMatchObject({ ok: true, checked: 8 })
    await store.close()
  })
})

describe('a change that the database passes over', () => {
  test('undoes the cancelling of a whole tree, which then can be repeated', async () => {
    const { path, store } = await openWithTrigger(
      "CREATE TRIGGER pass_over BEFORE UPDATE ON plans WHEN OLD.description = 'held' BEGIN SELECT RAISE(IGNORE); END",
    )
    const root = await store.plans.create({ ...plan, name: 'local/root' })
    await store.plans.createMany(
      Array.from({ length: 450 }, (_, index) => ({
        ...plan,
        parentPlanId: root.planId,
        description: index === 430 ? 'held' : 'd',
      })),
    )
    const head = await store.audit.head()
    const cancel = () => store.plans.cancel(root.planId, 'over', { version: 1, tree: true })
    await expect(cancel()).rejects.toMatchObject({ code: 'TRANSACTION_CONFLICT', retryable: true })
    expect(await store.plans.count({ state: 'queued' })).toBe(451)
    expect(await store.audit.head()).toEqual(head)
    withDatabase(path, (handle) => handle.exec('DROP TRIGGER pass_over'), false)
    await cancel()
    expect(await store.plans.count({ state: 'cancelled' })).toBe(451)
    expect(await store.audit.verify()).toMatchObject({ ok: true, checked: 902 })
    await store.close()
  })
})
