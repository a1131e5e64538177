// X2 and X5 in depth: concurrent parts of a transaction, handles used out of scope, and what
// remains of a part that forgot to await.

import assert from 'node:assert/strict'
import { DuplicateRecordError, QueryError } from '../../errors.ts'
import type { Transaction } from '../../index.ts'
import { type ConformanceCase, openFresh } from '../support/case.ts'
import { idsOf, only, outcome, rejection, signal } from '../support/expect.ts'
import { newCost, newMessage, newTask } from '../support/samples.ts'

const onPurpose = async (): Promise<never> => {
  throw new RangeError('on purpose')
}

export const transactionPartCases: readonly ConformanceCase[] = [
  {
    id: 'X2b',
    name: 'calls beside a nested part that fails are kept: only the part’s own writes are undone',
    async run(harness) {
      const store = await openFresh(harness)
      await store.transaction(async (tx) => {
        const failing = (id: string) => async (inner: Transaction) => {
          await inner.tasks.create(newTask({ id }))
          await onPurpose()
        }
        const results = await Promise.allSettled([
          tx.tasks.create(newTask({ id: 'before' })),
          tx.transaction(failing('lost-1')),
          tx.tasks.create(newTask({ id: 'between' })),
          tx.transaction((inner) => inner.tasks.create(newTask({ id: 'part' }))),
          tx.transaction(failing('lost-2')),
          tx.tasks.save({ ...newTask(), id: 'after' }),
        ])
        assert.deepEqual(
          results.map((result) => result.status),
          ['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
        )
        assert.equal(await tx.tasks.count(), 4)
      })
      const ids = idsOf((await store.tasks.list()).items)
      assert.deepEqual(ids.toSorted(), ['after', 'before', 'between', 'part'])
    },
  },
  {
    id: 'X2c',
    name: 'batches side by side in one transaction are each stored whole, or not at all',
    async run(harness) {
      const store = await openFresh(harness)
      await store.transaction(async (tx) => {
        await tx.tasks.create(newTask({ id: 'there' }))
        const results = await Promise.allSettled([
          tx.messages.appendMany([newMessage(), newMessage()]),
          tx.tasks.createMany([newTask({ id: 'lost' }), newTask({ id: 'there' })]),
          tx.costRecords.appendMany([newCost(), newCost(), newCost()]),
          tx.tasks.create(newTask({ id: 'single' })),
          tx.tasks.createMany([newTask({ id: 'b1' }), newTask({ id: 'b2' })]),
        ])
        const failures = results.filter((result) => result.status === 'rejected')
        assert.ok(only(failures).reason instanceof DuplicateRecordError)
      })
      const ids = idsOf((await store.tasks.list()).items)
      assert.deepEqual(ids.toSorted(), ['b1', 'b2', 'single', 'there'])
      assert.deepEqual([await store.messages.count(), await store.costRecords.count()], [2, 3])
      assert.equal(only(await store.costRecords.aggregate()).records, 3)
    },
  },
  {
    id: 'X2d',
    name: 'the outer handle inside the callback of a nested part is refused at once, not a deadlock',
    async run(harness) {
      const store = await openFresh(harness)
      await store.transaction(async (tx) => {
        await tx.transaction(async (inner) => {
          await rejection(QueryError, () => tx.tasks.create(newTask({ id: 'outer' })))
          await rejection(QueryError, () => tx.tasks.get('outer'))
          await rejection(QueryError, () => tx.transaction(async () => undefined))
          await inner.transaction(async (deepest) => {
            await rejection(QueryError, () => inner.tasks.count())
            await rejection(QueryError, () => tx.tasks.count())
            await deepest.tasks.create(newTask({ id: 'deepest' }))
          })
          await inner.tasks.create(newTask({ id: 'inner' }))
        })
        await tx.tasks.create(newTask({ id: 'later' }))
      })
      assert.deepEqual(idsOf((await store.tasks.list()).items).toSorted(), ['deepest', 'inner', 'later'])
    },
  },
  {
    id: 'X2e',
    name: 'the handle of a nested part that has ended is refused, while its transaction goes on',
    async run(harness) {
      const store = await openFresh(harness)
      await store.transaction(async (tx) => {
        let kept: Transaction | undefined
        await tx.transaction(async (inner) => {
          kept = inner
        })
        await rejection(QueryError, () => kept?.tasks.create(newTask({ id: 'late' })))
        await outcome(() =>
          tx.transaction(async (inner) => {
            kept = inner
            await onPurpose()
          }),
        )
        await rejection(QueryError, () => kept?.tasks.count())
        await tx.tasks.create(newTask({ id: 'a' }))
      })
      assert.deepEqual(idsOf((await store.tasks.list()).items), ['a'])
    },
  },
  {
    id: 'X5c',
    name: 'a forgotten await inside a nested part undoes the part; the rest can be stored',
    async run(harness) {
      const store = await openFresh(harness)
      await store.transaction(async (tx) => {
        await tx.tasks.create(newTask({ id: 'kept' }))
        const part = () =>
          tx.transaction(async (inner) => {
            await inner.tasks.create(newTask({ id: 'awaited' }))
            void inner.tasks.create(newTask({ id: 'forgotten' }))
          })
        await rejection(QueryError, part)
        assert.equal(await tx.tasks.count(), 1)
      })
      assert.deepEqual(idsOf((await store.tasks.list()).items), ['kept'])
    },
  },
  {
    id: 'X5d',
    name: 'a forgotten call that fails is no unhandled rejection: the transaction’s error is the only one',
    async run(harness) {
      const store = await openFresh(harness)
      await store.tasks.create(newTask({ id: 'there' }))
      const work = () =>
        store.transaction(async (tx) => {
          void tx.tasks.create(newTask({ id: 'there' }))
          void tx.transaction(onPurpose)
        })
      // A runner reports unhandled rejections of its process as failures.
      await rejection(QueryError, work)
      assert.equal(await store.tasks.count(), 1)
    },
  },
  {
    id: 'X5e',
    name: 'a nested part that never ends does not keep the error of a forgotten await from its caller’s other work',
    async run(harness) {
      const store = await openFresh(harness, { waitForLocks: 200 })
      const [started, end] = [signal(), signal()]
      const work = store.transaction(async (tx) => {
        void tx.transaction(async () => {
          started.fire()
          await end.reached
        })
        await started.reached
      })
      await started.reached
      end.fire()
      await rejection(QueryError, () => work)
      await store.tasks.create(newTask({ id: 'next' }))
      assert.equal(await store.tasks.count(), 1)
    },
  },
  {
    id: 'X5f',
    name: 'a forgotten call is found even when it has settled by the end of the callback',
    async run(harness) {
      const store = await openFresh(harness)
      const work = () =>
        store.transaction(async (tx) => {
          void tx.tasks.create(newTask({ id: 'forgotten' }))
          await tx.tasks.create(newTask({ id: 'awaited' }))
          assert.equal(await tx.tasks.count(), 2)
        })
      await rejection(QueryError, work)
      assert.equal(await store.tasks.count(), 0)
    },
  },
  {
    id: 'X5g',
    name: 'calls under way when the callback throws leave nothing behind, and disturb nothing that follows',
    async run(harness) {
      const store = await openFresh(harness)
      let under: readonly Promise<unknown>[] = []
      const work = () =>
        store.transaction(async (tx) => {
          under = [
            tx.tasks.create(newTask({ id: 'a' })),
            tx.messages.appendMany([newMessage(), newMessage()]),
            tx.transaction((inner) => inner.costRecords.append(newCost())),
            tx.tasks.count(),
          ]
          await onPurpose()
        })
      assert.ok((await outcome(work)) instanceof RangeError)
      await store.transaction((tx) => tx.tasks.create(newTask({ id: 'next' })))
      await Promise.allSettled(under)
      await store.tasks.create(newTask({ id: 'last' }))
      assert.deepEqual(idsOf((await store.tasks.list()).items).toSorted(), ['last', 'next'])
      assert.deepEqual([await store.messages.count(), await store.costRecords.count()], [0, 0])
    },
  },
]
