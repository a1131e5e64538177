// X1–X3, X5: transactions over all repositories. Concurrent parts are in transaction-parts.ts,
// conflicts in transaction-conflicts.ts.

import assert from 'node:assert/strict'
import {
  ConstraintViolationError,
  DuplicateRecordError,
  PersistenceError,
  QueryError,
  VersionConflictError,
} from '../../errors.ts'
import type { Store, Transaction } from '../../index.ts'
import { type ConformanceCase, openAt, openFresh } from '../support/case.ts'
import { idsOf, only, outcome, rejection, signal } from '../support/expect.ts'
import { newAction, newCost, newEntry, newMessage, newPlan, newProfile, newTask } from '../support/samples.ts'

type Books = Omit<Transaction, 'as' | 'transaction'>

/** Writes of every kind. Task `old` exists, `gone` exists. */
async function writeEverything(books: Books): Promise<void> {
  await books.tasks.create(newTask({ id: 'new' }))
  await books.tasks.createMany([newTask({ id: 'new-2' }), newTask({ id: 'new-3' })])
  await books.tasks.save({ ...newTask(), id: 'saved' })
  await books.tasks.update('old', { title: 'Changed' }, { version: 1 })
  await books.tasks.transition('old', 'assigned', { version: 2, patch: { assignedTo: 'ann' } })
  await books.tasks.delete('gone')
  await books.costRecords.append(newCost({ idempotencyKey: 'k' }))
  await books.costRecords.appendMany([newCost(), newCost()])
  await books.messages.append(newMessage({ id: 'm1' }))
  await books.messages.appendMany([newMessage({ id: 'm2' }), newMessage({ id: 'm3' })])
  await books.automationProfiles.create(newProfile())
  await books.automationProfiles.update('local/careful', { editCode: 1 }, { version: 1 })
  await books.actions.create(newAction({ automationProfile: 'local/careful' }))
  await books.actions.update('local/build', { state: 'archived' }, { version: 1 })
  const plan = await books.plans.create(newPlan({ name: 'local/new', automationProfile: 'local/careful' }))
  await books.plans.createMany([newPlan({ parentPlanId: plan.planId }), newPlan({ name: 'local/other' })])
  const moved = await books.plans.use(plan.planId, plan)
  await books.plans.update(plan.planId, { metadata: { moved: true } }, moved)
  await books.plans.cancel(plan.planId, null, { version: 3, tree: true })
  const gone = await books.plans.create(newPlan({ name: 'local/gone' }))
  await books.plans.delete(gone.planId)
  await books.audit.append(newEntry())
}

async function openWithTasks(store: Store): Promise<Store> {
  await store.tasks.create(newTask({ id: 'old' }))
  await store.tasks.create(newTask({ id: 'gone' }))
  return store
}

/**
 * Everything that is stored, except what a search finds: that updates its index first, which is a
 * write.
 */
async function stored(books: Books) {
  return {
    tasks: (await books.tasks.list()).items,
    costs: (await books.costRecords.query()).items,
    total: await books.costRecords.aggregate(),
    messages: (await books.messages.query()).items,
    profiles: (await books.automationProfiles.list()).filter(({ builtIn }) => !builtIn),
    actions: (await books.actions.list()).items,
    plans: (await books.plans.list()).items,
    audit: (await books.audit.query()).items,
    verified: await books.audit.verify(),
  }
}

async function snapshot(books: Books) {
  return { ...(await stored(books)), found: (await books.messages.search('parser')).items }
}

export const transactionCases: readonly ConformanceCase[] = [
  {
    id: 'X1',
    name: 'a throw in the callback undoes writes in all repositories and is rethrown as it is',
    async run(harness) {
      const store = await openWithTasks(await openFresh(harness))
      const before = await snapshot(store)
      for (const thrown of [new RangeError('on purpose'), 'a text', { code: 7 }, undefined, null]) {
        let caught: unknown = 'nothing'
        try {
          await store.transaction(async (tx) => {
            await writeEverything(tx)
            throw thrown
          })
        } catch (error) {
          caught = error
        }
        assert.equal(caught, thrown)
        assert.deepEqual(await snapshot(store), before)
      }
      const answer = await store.transaction(async (tx) => {
        await writeEverything(tx)
        return { done: true }
      })
      assert.deepEqual(answer, { done: true })
      const after = await snapshot(store)
      assert.deepEqual([after.tasks.length, after.costs.length, after.messages.length], [5, 3, 3])
      assert.equal(await store.tasks.get('gone'), null)
      assert.equal((await store.tasks.get('old'))?.status, 'assigned')
    },
  },
  {
    id: 'X1b',
    name: 'a write that is refused fails alone, when the callback catches it; the rest is stored',
    async run(harness) {
      const store = await openWithTasks(await openFresh(harness))
      await store.transaction(async (tx) => {
        await tx.tasks.create(newTask({ id: 'first' }))
        await rejection(DuplicateRecordError, () => tx.tasks.create(newTask({ id: 'old' })))
        await rejection(ConstraintViolationError, () => tx.tasks.create(newTask({ planId: 'no-plan' })))
        await rejection(VersionConflictError, () => tx.tasks.update('old', { title: 'x' }, { version: 9 }))
        const batch = [newMessage({ id: 'm1' }), newMessage({ id: 'm1' })]
        await rejection(DuplicateRecordError, () => tx.messages.appendMany(batch))
        await tx.tasks.create(newTask({ id: 'last' }))
      })
      assert.equal(await store.tasks.count(), 4)
      assert.equal(await store.messages.count(), 0)
      const uncaught = () =>
        store.transaction(async (tx) => {
          await tx.tasks.create(newTask({ id: 'lost' }))
          await tx.tasks.create(newTask({ id: 'old' }))
        })
      await rejection(DuplicateRecordError, uncaught)
      assert.equal(await store.tasks.get('lost'), null)
    },
  },
  {
    id: 'X2',
    name: 'nested: the inner one can fail alone, at any depth; the outer one takes all of them along',
    async run(harness) {
      const store = await openWithTasks(await openFresh(harness))
      await store.transaction(async (tx) => {
        await tx.tasks.create(newTask({ id: 'outer' }))
        const failed = tx.transaction(async (inner) => {
          await inner.messages.append(newMessage())
          await inner.tasks.update('old', { title: 'Changed' }, { version: 1 })
          throw new RangeError('on purpose')
        })
        assert.ok((await outcome(() => failed)) instanceof RangeError)
        assert.equal((await tx.tasks.get('old'))?.version, 1)
        const answer = await tx.transaction(async (inner) => {
          await inner.tasks.create(newTask({ id: 'inner' }))
          const deep = inner.transaction(async (deepest) => {
            await deepest.tasks.create(newTask({ id: 'deep' }))
            assert.equal(await deepest.tasks.count(), 5)
            throw new RangeError('on purpose')
          })
          assert.ok((await outcome(() => deep)) instanceof RangeError)
          await inner.transaction((deepest) => deepest.costRecords.append(newCost()))
          return 7
        })
        assert.equal(answer, 7)
        await tx.tasks.create(newTask({ id: 'later' }))
      })
      const ids = idsOf((await store.tasks.list()).items)
      assert.deepEqual(ids.toSorted(), ['gone', 'inner', 'later', 'old', 'outer'])
      assert.deepEqual([await store.costRecords.count(), await store.messages.count()], [1, 0])

      const before = await snapshot(store)
      const whole = store.transaction(async (tx) => {
        await tx.transaction((inner) => inner.tasks.create(newTask({ id: 'released' })))
        throw new RangeError('on purpose')
      })
      assert.ok((await outcome(() => whole)) instanceof RangeError)
      assert.deepEqual(await snapshot(store), before)
    },
  },
  {
    id: 'X3',
    name: 'reads inside see own writes',
    async run(harness) {
      const store = await openWithTasks(await openFresh(harness))
      await store.transaction(async (tx) => {
        await writeEverything(tx)
        assert.equal((await tx.tasks.get('new'))?.version, 1)
        assert.equal((await tx.tasks.get('old'))?.status, 'assigned')
        assert.equal(await tx.tasks.get('gone'), null)
        assert.equal((await tx.tasks.getMany(['new', 'saved', 'gone'])).size, 2)
        assert.equal(await tx.tasks.count(), 5)
        assert.deepEqual(idsOf((await tx.tasks.list({ assignedTo: 'ann' })).items), ['old'])
        assert.equal((await tx.costRecords.query()).items.length, 3)
        assert.equal(only(await tx.costRecords.aggregate()).records, 3)
        assert.equal((await tx.messages.history('parser')).items.length, 3)
        assert.equal((await tx.messages.search('parser')).items.length, 3)
      })
    },
  },
  {
    id: 'X3e',
    name: 'a read inside sees the writes that were called before it, awaited or not',
    async run(harness) {
      const store = await openFresh(harness)
      await store.transaction(async (tx) => {
        const [, count, made, , total] = await Promise.all([
          tx.tasks.create(newTask({ id: 'a' })),
          tx.tasks.count(),
          tx.tasks.get('a'),
          tx.costRecords.append(newCost()),
          tx.costRecords.aggregate(),
        ])
        assert.deepEqual([count, made?.id, only(total).records], [1, 'a', 1])
      })
    },
  },
  {
    id: 'X3b',
    name: 'reads outside see nothing of a transaction that is open, or was rolled back',
    async run(harness) {
      const store = await openWithTasks(await openFresh(harness))
      const [wrote, end] = [signal(), signal()]
      const work = store.transaction(async (tx) => {
        await writeEverything(tx)
        wrote.fire()
        await end.reached
        throw new RangeError('on purpose')
      })
      await wrote.reached
      // With only one connection, these wait for the end; they must not have seen the writes either
      // way.
      const reads = Promise.all([
        store.tasks.get('new'),
        store.tasks.get('old'),
        store.tasks.count(),
        store.costRecords.aggregate(),
        store.messages.history('parser'),
      ])
      end.fire()
      assert.ok((await outcome(() => work)) instanceof RangeError)
      const [made, old, count, total, history] = await reads
      assert.deepEqual([made, old?.version, count, only(total).records, history.items], [null, 1, 2, 0, []])
    },
  },
  {
    id: 'X3c',
    name: 'another store sees nothing of an open transaction, and all of it after the commit',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openWithTasks(await openAt(harness, place))
      const other = await openAt(harness, place)
      const before = await snapshot(other)
      const [wrote, end] = [signal(), signal()]
      const work = store.transaction(async (tx) => {
        await writeEverything(tx)
        wrote.fire()
        await end.reached
        return snapshot(tx)
      })
      await wrote.reached
      const { found: _, ...visible } = before
      const seen = await stored(other)
      assert.deepEqual(seen, visible)
      end.fire()
      const written = await work
      assert.deepEqual(await snapshot(other), written)
    },
  },
  {
    id: 'X3d',
    name: 'writes outside wait for the open transaction, or go beside it; none is lost',
    async run(harness) {
      const store = await openFresh(harness)
      const [wrote, end] = [signal(), signal()]
      const work = store.transaction(async (tx) => {
        await tx.tasks.create(newTask({ id: 'inside' }))
        wrote.fire()
        await end.reached
        await tx.tasks.create(newTask({ id: 'inside-2' }))
      })
      await wrote.reached
      const outside = Array.from({ length: 5 }, (_, index) =>
        store.tasks.create(newTask({ id: `o${index}` })),
      )
      end.fire()
      await Promise.all([work, ...outside])
      assert.equal(await store.tasks.count(), 7)
    },
  },
  {
    id: 'X5',
    name: 'a forgotten await is an error and undoes the transaction; it is not lost in silence',
    async run(harness) {
      const store = await openWithTasks(await openFresh(harness))
      const before = await snapshot(store)
      const forgotten: readonly ((tx: Transaction) => Promise<unknown>)[] = [
        (tx) => tx.tasks.create(newTask({ id: 'x' })),
        (tx) => tx.tasks.update('old', { title: 'x' }, { version: 1 }),
        (tx) => tx.tasks.delete('old'),
        (tx) => tx.tasks.get('old'),
        (tx) => tx.costRecords.append(newCost()),
        (tx) => tx.messages.appendMany([newMessage()]),
        (tx) => tx.messages.search('parser'),
        (tx) => tx.transaction((inner) => inner.tasks.create(newTask({ id: 'x' }))),
      ]
      for (const call of forgotten) {
        let left: Promise<unknown> = Promise.resolve()
        const work = () =>
          store.transaction(async (tx) => {
            await tx.tasks.create(newTask({ id: 'awaited' }))
            left = call(tx)
          })
        const error = await rejection(QueryError, work, String(call))
        assert.match(error.message, /await/)
        const settled = only(await Promise.allSettled([left]))
        if (settled.status === 'rejected') assert.ok(settled.reason instanceof PersistenceError, String(call))
        assert.deepEqual(await snapshot(store), before, String(call))
      }
    },
  },
  {
    id: 'X5b',
    name: 'a call on tx after its end is refused, and so is the store inside its own transaction',
    async run(harness) {
      const store = await openFresh(harness)
      let kept: Transaction | undefined
      await store.transaction(async (tx) => {
        kept = tx
        await tx.tasks.create(newTask({ id: 'a' }))
        const uses: readonly (() => Promise<unknown>)[] = [
          () => store.tasks.get('a'),
          () => store.tasks.create(newTask({ id: 'b' })),
          () => store.messages.appendMany([newMessage()]),
          () => store.transaction(async () => undefined),
        ]
        for (const use of uses) await rejection(QueryError, use, String(use))
      })
      const late: readonly ((tx: Transaction) => Promise<unknown>)[] = [
        (tx) => tx.tasks.get('a'),
        (tx) => tx.tasks.create(newTask({ id: 'c' })),
        (tx) => tx.messages.appendMany([newMessage()]),
        (tx) => tx.transaction(async () => undefined),
      ]
      for (const call of late) {
        await rejection(QueryError, () => kept && call(kept), String(call))
      }
      assert.deepEqual(idsOf((await store.tasks.list()).items), ['a'])
    },
  },
]
