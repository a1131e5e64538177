// X4: transactions that conflict with another one, with and without retry. Barriers bring two of
// them together. A case waits for events, and for time only if an engine runs one transaction at a
// time and the second times out.

import assert from 'node:assert/strict'
import { TransactionConflictError, VersionConflictError } from '../../errors.ts'
import { events, type Store, type Transaction } from '../../index.ts'
import { type ConformanceCase, openAt, openFresh } from '../support/case.ts'
import { idsOf, only, rejection, signal } from '../support/expect.ts'
import { newTask } from '../support/samples.ts'

/**
 * Changes one task after the other, with a barrier in between that both sides of a conflict reach.
 */
async function changeBoth(
  tx: Transaction,
  order: readonly [string, string],
  meeting: { own: () => void; other: Promise<unknown> },
): Promise<void> {
  for (const [index, id] of order.entries()) {
    const task = await tx.tasks.get(id)
    assert.ok(task)
    await tx.tasks.update(id, { maxRetries: task.maxRetries + 1 }, { version: task.version })
    if (index > 0) continue
    meeting.own()
    await meeting.other
  }
}

/**
 * Two transactions that want the same two tasks in opposite order, and meet after the first one.
 */
async function collide(one: Store, other: Store, retry: boolean) {
  await one.tasks.createMany([newTask({ id: 'a', maxRetries: 0 }), newTask({ id: 'b', maxRetries: 0 })])
  const [firstIn, secondIn, secondEnded] = [signal(), signal(), signal()]
  const options = { retry }
  const first = one.transaction(
    // If transactions run one at a time, the second never starts while this one waits: it ends by
    // its time limit.
    (tx) =>
      changeBoth(tx, ['a', 'b'], {
        own: firstIn.fire,
        other: Promise.race([secondIn.reached, secondEnded.reached]),
      }),
    options,
  )
  await Promise.race([firstIn.reached, first])
  let attempts = 0
  other.on(events.transactionRetried, () => secondEnded.fire())
  const second = other
    .transaction((tx) => {
      attempts += 1
      return changeBoth(tx, ['b', 'a'], { own: secondIn.fire, other: Promise.resolve() })
    }, options)
    .finally(() => secondEnded.fire())
  return { results: await Promise.allSettled([first, second]), attempts: () => attempts }
}

async function assertOneWins(one: Store, other: Store): Promise<void> {
  const { results } = await collide(one, other, false)
  const lost = results.filter((result) => result.status === 'rejected')
  const error = only(lost).reason
  assert.ok(error instanceof TransactionConflictError, `the loser got ${String(error)}`)
  assert.equal(error.retryable, true)
  for (const id of ['a', 'b']) assert.equal((await one.tasks.get(id))?.maxRetries, 1)
  // Nothing stays locked.
  await other.transaction((tx) => tx.tasks.create(newTask()))
  await one.tasks.create(newTask())
}

function assertBothSucceeded(results: readonly PromiseSettledResult<unknown>[]): void {
  // The reason of a failure says more than that it failed.
  const reasons = results.map((result) => (result.status === 'rejected' ? String(result.reason) : null))
  assert.deepEqual(reasons, [null, null])
}

export const transactionConflictCases: readonly ConformanceCase[] = [
  {
    id: 'X4',
    name: 'two transactions of one store that conflict: one succeeds, the other gets TransactionConflictError',
    async run(harness) {
      const store = await openFresh(harness, { waitForLocks: 200 })
      await assertOneWins(store, store)
    },
  },
  {
    id: 'X4b',
    name: 'two transactions of two stores that conflict: one succeeds, the other gets TransactionConflictError',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      await assertOneWins(
        await openAt(harness, place, { waitForLocks: 200 }),
        await openAt(harness, place, { waitForLocks: 200 }),
      )
    },
  },
  {
    id: 'X4c',
    name: 'with retry both succeed, of one store',
    async run(harness) {
      const store = await openFresh(harness, { waitForLocks: 200 })
      assertBothSucceeded((await collide(store, store, true)).results)
      for (const id of ['a', 'b']) assert.equal((await store.tasks.get(id))?.maxRetries, 2)
    },
  },
  {
    id: 'X4d',
    name: 'with retry both succeed, of two stores',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const stores = [
        await openAt(harness, place, { waitForLocks: 200 }),
        await openAt(harness, place, { waitForLocks: 200 }),
      ] as const
      assertBothSucceeded((await collide(...stores, true)).results)
      for (const id of ['a', 'b']) assert.equal((await stores[0].tasks.get(id))?.maxRetries, 2)
    },
  },
  {
    id: 'X4f',
    name: 'what a transaction has read is not changed under it: the other writer waits, or the transaction is repeated',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      const other = await openAt(harness, place, { waitForLocks: 200 })
      await store.tasks.create(newTask({ id: 'a', maxRetries: 0 }))
      const outside: PromiseSettledResult<unknown>[] = []
      await store.transaction(
        async (tx) => {
          const task = await tx.tasks.get('a')
          assert.ok(task)
          // If only one writer is admitted at a time, this one gives up; elsewhere it commits.
          if (outside.length === 0)
            outside.push(
              ...(await Promise.allSettled([
                other.tasks.update('a', { maxRetries: 1 }, { version: task.version }),
              ])),
            )
          await tx.tasks.update('a', { maxRetries: task.maxRetries + 10 }, { version: task.version })
        },
        { retry: true },
      )
      const cameBetween = only(outside).status === 'fulfilled'
      assert.equal((await store.tasks.get('a'))?.maxRetries, cameBetween ? 11 : 10)
      // A version that the caller supplied is the caller's to check.
      await rejection(VersionConflictError, () =>
        store.transaction((tx) => tx.tasks.update('a', { maxRetries: 3 }, { version: 1 }), { retry: true }),
      )
    },
  },
  {
    id: 'X4h',
    name: 'T1: a version that the caller brought along is VersionConflictError, whatever was read or rolled back before',
    async run(harness) {
      const store = await openFresh(harness)
      const conflict = async (tx: Transaction, version: number) => {
        const error = await rejection(VersionConflictError, () =>
          tx.tasks.update('a', { maxRetries: 9 }, { version }),
        )
        assert.deepEqual([error.expected, error.actual], [version, 1])
      }
      await store.tasks.create(newTask({ id: 'a' }))
      await store.transaction(async (tx) => {
        const failing = tx.transaction(async (inner) => {
          await inner.tasks.get('a')
          await inner.tasks.update('a', { maxRetries: 2 }, { version: 1 })
          await inner.tasks.get('a')
          throw new RangeError('on purpose')
        })
        await assert.rejects(failing, RangeError)
        // The version that was created and read in the part that was rolled back.
        await conflict(tx, 2)
        await tx.tasks.get('a')
        await conflict(tx, 3)
        await tx.transaction((inner) => conflict(inner, 2))
        await tx.tasks.update('a', { maxRetries: 3 }, { version: 1 })
      })
      assert.deepEqual((await store.tasks.get('a'))?.maxRetries, 3)
    },
  },
  {
    id: 'X4e',
    name: 'retry repeats the callback for a lost transaction, at most five times, and for nothing else',
    async run(harness) {
      const store = await openFresh(harness)
      let attempts = 0
      const lose = async (tx: Transaction) => {
        attempts += 1
        await tx.tasks.create(newTask({ id: `t${attempts}` }))
        throw new TransactionConflictError('lost on purpose')
      }
      await rejection(TransactionConflictError, () => store.transaction(lose))
      assert.equal(attempts, 1)
      attempts = 0
      await rejection(TransactionConflictError, () => store.transaction(lose, { retry: true }))
      assert.equal(attempts, 6)
      attempts = 0
      const fail = async () => {
        attempts += 1
        throw new VersionConflictError('tasks', 'a', 1, 2)
      }
      await rejection(VersionConflictError, () => store.transaction(fail, { retry: true }))
      assert.equal(attempts, 1)
      attempts = 0
      const recover = async (tx: Transaction) => {
        attempts += 1
        await tx.tasks.create(newTask({ id: 'kept' }))
        if (attempts < 3) throw new TransactionConflictError('lost on purpose')
        return attempts
      }
      assert.equal(await store.transaction(recover, { retry: true }), 3)
      assert.deepEqual(idsOf((await store.tasks.list()).items), ['kept'])
    },
  },
]
