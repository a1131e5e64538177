// S1–S5: one snapshot of everything that is committed, which reading a whole store needs. It is the
// engine's own, and not part of a store's public interface; src/transfer builds on it.

import assert from 'node:assert/strict'
import { PersistenceConnectionError } from '../../errors.ts'
import type { Store } from '../../index.ts'
import { internalsOf } from '../../store/store-internals.ts'
import { type ConformanceCase, openAt, openFresh } from '../support/case.ts'
import { rejection } from '../support/expect.ts'
import { fullTask, newCost, newMessage, newPlan, newTask, takenOver } from '../support/samples.ts'

const engineOf = (store: Store) => internalsOf(store).engine

/** How many rows a table has, by reader. */
async function count(store: Store, table: string, reader: Pick<ReturnType<typeof engineOf>, 'read'>) {
  const { builder } = engineOf(store)
  const { sql } = builder
    .selectFrom(table)
    .select(({ fn }) => fn.countAll().as('rows'))
    .compile()
  return Number((await reader.read({ sql, parameters: [] }))[0]?.[0])
}

/** The titles of the tasks, in the order of their ids. */
async function titles(store: Store, reader: Pick<ReturnType<typeof engineOf>, 'read'>) {
  const { sql } = engineOf(store).builder.selectFrom('tasks').select('title').orderBy('id').compile()
  return (await reader.read({ sql, parameters: [] })).map(([title]) => title)
}

export const snapshotCases: readonly ConformanceCase[] = [
  {
    id: 'S1',
    name: 'a snapshot shows every table as it was when it was made, while others insert, change and delete',
    async run(harness) {
      const store = await openFresh(harness)
      const engine = engineOf(store)
      const kept = await store.tasks.create(newTask({ id: 'a', title: 'before' }))
      await store.tasks.create(newTask({ id: 'b', title: 'gone' }))
      await store.costRecords.append(newCost())
      const snapshot = await engine.snapshot()
      await store.tasks.update('a', { title: 'after' }, { version: kept.version })
      await store.tasks.delete('b')
      await store.tasks.create(newTask({ id: 'c', title: 'new' }))
      await store.costRecords.append(newCost())
      await store.messages.append(newMessage())
      const seen = [
        await titles(store, snapshot),
        await count(store, 'cost_records', snapshot),
        await count(store, 'messages', snapshot),
      ]
      assert.deepEqual(seen, [['before', 'gone'], 1, 0])
      assert.deepEqual(await titles(store, engine), ['after', 'new'])
      const later = await engine.snapshot()
      assert.deepEqual(await titles(store, later), ['after', 'new'])
      assert.deepEqual(await titles(store, snapshot), ['before', 'gone'])
      await later.close()
      await snapshot.close()
    },
  },
  {
    id: 'S2',
    name: 'a snapshot never shows a part of a transaction, and none that stands open',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const [store, writer] = [await openAt(harness, place), await openAt(harness, place)]
      const engine = engineOf(store)
      const during = await writer.transaction(async (tx) => {
        const plan = await tx.plans.create(newPlan())
        await tx.tasks.create(newTask({ planId: plan.planId }))
        const snapshot = await engine.snapshot()
        await tx.tasks.create(newTask({ planId: plan.planId }))
        return snapshot
      })
      assert.deepEqual([await count(store, 'plans', during), await count(store, 'tasks', during)], [0, 0])
      await during.close()
      const after = await engine.snapshot()
      assert.deepEqual([await count(store, 'plans', after), await count(store, 'tasks', after)], [1, 2])
      await after.close()
    },
  },
  {
    id: 'S3',
    name: 'closing a snapshot gives back what it held, and may be done again; then it refuses to be read',
    async run(harness) {
      const store = await openFresh(harness)
      const engine = engineOf(store)
      const snapshots = [await engine.snapshot(), await engine.snapshot(), await engine.snapshot()]
      for (const snapshot of snapshots) {
        await snapshot.close()
        await snapshot.close()
        const refusal = await rejection(PersistenceConnectionError, () => titles(store, snapshot))
        assert.equal(refusal.retryable, false)
      }
      // More than any pool has, one after the other. Files of a database that stays open may be
      // kept for the next one.
      const before = harness.features.handles?.()
      for (let turn = 0; turn < 30; turn += 1) await (await engine.snapshot()).close()
      assert.equal(harness.features.handles?.(), before)
      await store.tasks.create(newTask({ id: 'a' }))
      assert.equal(await store.tasks.count(), 1)
    },
  },
  {
    id: 'S4',
    name: 'a snapshot of a store without any record is empty, and has a value read as it was written later',
    async run(harness) {
      const store = await openFresh(harness)
      const engine = engineOf(store)
      const empty = await engine.snapshot()
      assert.deepEqual(
        [await count(store, 'tasks', empty), await count(store, 'audit_entries', empty)],
        [0, 0],
      )
      const task = await store.tasks.create(fullTask({ id: 'a' }), takenOver())
      assert.equal(await count(store, 'tasks', empty), 0)
      await empty.close()
      const full = await engine.snapshot()
      assert.deepEqual(await titles(store, full), [task.title])
      await full.close()
    },
  },
  {
    id: 'S5',
    name: 'a store that is not open gives no snapshot, and closing one ends those that it has given',
    async run(harness) {
      const store = await openFresh(harness)
      const engine = engineOf(store)
      const snapshot = await engine.snapshot()
      await store.close()
      await rejection(PersistenceConnectionError, () => titles(store, snapshot))
      await rejection(PersistenceConnectionError, () => engine.snapshot())
      await snapshot.close()
    },
  },
]
