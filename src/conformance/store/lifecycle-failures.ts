// L8–L10, L16, and the second half of L4: opening what cannot be opened, a driver that fails while
// it connects, works or closes, and what a failed write leaves behind.

import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import {
  ConstraintViolationError,
  DuplicateRecordError,
  InvalidTransitionError,
  PersistenceConnectionError,
  PersistenceError,
  VersionConflictError,
} from '../../errors.ts'
import type { Store } from '../../index.ts'
import { type ConformanceCase, feature, openAt } from '../support/case.ts'
import { outcome, rejection } from '../support/expect.ts'
import type { UnusableLocation } from '../support/harness.ts'
import { newCost, newMessage, newTask } from '../support/samples.ts'

/**
 * The error of opening a location, whether it is thrown on creating the store or on connecting it.
 */
async function openingError(location: UnusableLocation): Promise<PersistenceConnectionError> {
  let store: Store | undefined
  const error = await rejection(
    PersistenceConnectionError,
    async () => {
      store = location.create()
      await store.connect()
    },
    location.name,
  )
  assert.notEqual(store?.isConnected, true)
  const health = await store?.healthCheck()
  assert.notEqual(health?.ok, true)
  for (const secret of location.secrets ?? []) {
    const said = [inspect(error), error.stack, store?.location, health?.error].join('\n')
    assert.ok(!said.includes(secret), `${location.name}: a secret stands in a message`)
  }
  await store?.close()
  return error
}

/** Writes that fail, each in a different way. `task` is at version 2. */
const failures: readonly (readonly [
  string,
  abstract new (...args: never[]) => Error,
  (store: Store) => unknown,
])[] = [
  ['a duplicate', DuplicateRecordError, (store) => store.tasks.create(newTask({ id: 'task' }))],
  [
    'an unknown plan',
    ConstraintViolationError,
    (store) => store.tasks.create(newTask({ planId: 'no-plan' })),
  ],
  [
    'a stale version',
    VersionConflictError,
    (store) => store.tasks.update('task', { title: 'x' }, { version: 1 }),
  ],
  [
    'a forbidden transition',
    InvalidTransitionError,
    (store) => store.tasks.transition('task', 'completed', { version: 2, patch: { assignedTo: 'a' } }),
  ],
  [
    'a batch with a duplicate',
    DuplicateRecordError,
    (store) => store.tasks.createMany([newTask({ id: 'new' }), newTask({ id: 'task' })]),
  ],
  [
    'a transaction whose callback throws',
    RangeError,
    (store) =>
      store.transaction(async (tx) => {
        await tx.costRecords.append(newCost())
        throw new RangeError('on purpose')
      }),
  ],
  [
    'a transaction with a refused row',
    ConstraintViolationError,
    (store) =>
      store.transaction(async (tx) => {
        await tx.messages.append(newMessage())
        await tx.tasks.create(newTask({ planId: 'no-plan' }))
      }),
  ],
]

async function openWithTask(store: Store): Promise<Store> {
  await store.tasks.create(newTask({ id: 'task' }))
  await store.tasks.update('task', { title: 'Second' }, { version: 1 })
  return store
}

export const lifecycleFailureCases: readonly ConformanceCase[] = [
  {
    id: 'L4b',
    name: 'a health check is not ok, without a throw and in time, when the server is gone; ok when it is back',
    needs: ['faults'],
    async run(harness) {
      const { store, fail, heal } = feature(harness, 'faults')(harness.newPlace())
      harness.closeAfterwards(store)
      await store.connect()
      await store.migrate()
      assert.equal((await store.healthCheck()).ok, true)
      fail('statements')
      const started = performance.now()
      const health = await store.healthCheck()
      assert.ok(performance.now() - started < 2500)
      assert.equal(health.ok, false)
      assert.equal(health.schemaVersion, null)
      assert.ok((health.error ?? '').length > 0)
      heal()
      assert.equal((await store.healthCheck()).ok, true)
    },
  },
  {
    id: 'L4c',
    name: 'while the driver fails every call gets an error of the closed set, and the next call works',
    needs: ['faults'],
    async run(harness) {
      const { store, fail, heal } = feature(harness, 'faults')(harness.newPlace())
      harness.closeAfterwards(store)
      await store.connect()
      await store.migrate()
      fail('statements')
      const calls: readonly (() => unknown)[] = [
        () => store.tasks.get('a'),
        () => store.tasks.create(newTask({ id: 'a' })),
        () => store.messages.appendMany([newMessage(), newMessage()]),
        () => store.costRecords.aggregate(),
        () => store.messages.search('parser'),
        () => store.transaction((tx) => tx.tasks.create(newTask({ id: 'b' }))),
        () => store.migrationStatus(),
      ]
      for (const call of calls) {
        const error = await outcome(call)
        assert.ok(error instanceof PersistenceError, `${String(call)} gave ${String(error)}`)
      }
      heal()
      assert.equal(await store.tasks.count(), 0)
      await store.tasks.create(newTask({ id: 'a' }))
      await store.transaction((tx) => tx.tasks.create(newTask({ id: 'b' })))
      assert.equal(await store.tasks.count(), 2)
    },
  },
  {
    id: 'L8',
    name: 'an unusable location: PersistenceConnectionError each time, no secret in it, nothing changed there',
    needs: ['unusable'],
    async run(harness) {
      const locations = feature(harness, 'unusable')()
      assert.ok(locations.length > 0)
      for (const location of locations) {
        const first = await openingError(location)
        assert.ok(first.message.length > 10)
        await openingError(location)
        location.assertUntouched?.()
      }
    },
  },
  {
    id: 'L8b',
    name: 'an unusable location leaves no handle open',
    needs: ['unusable', 'handles'],
    async run(harness) {
      const handles = feature(harness, 'handles')
      const before = handles()
      for (const location of feature(harness, 'unusable')()) {
        await openingError(location)
        assert.equal(handles(), before, location.name)
      }
    },
  },
  {
    id: 'L9',
    name: 'a setting that fails during connect closes the connection and leaves the store as before',
    needs: ['faults'],
    async run(harness) {
      const { store, fail, heal } = feature(harness, 'faults')(harness.newPlace())
      harness.closeAfterwards(store)
      const handles = harness.features.handles ?? (() => 0)
      const before = handles()
      fail('setting')
      await rejection(PersistenceConnectionError, () => store.connect())
      assert.equal(store.isConnected, false)
      assert.equal(handles(), before)
      const attempts = await Promise.allSettled([store.connect(), store.connect()])
      assert.ok(attempts.every((attempt) => attempt.status === 'rejected'))
      await rejection(PersistenceConnectionError, () => store.tasks.get('a'))
      heal()
      await store.connect()
      await store.migrate()
      assert.equal(await store.tasks.count(), 0)
    },
  },
  {
    id: 'L10',
    name: 'a close that fails throws, and the store can be connected again',
    needs: ['faults'],
    async run(harness) {
      const { store, fail, heal } = feature(harness, 'faults')(harness.newPlace())
      harness.closeAfterwards(store)
      await store.connect()
      fail('close')
      const error = await outcome(() => store.close())
      assert.ok(error instanceof PersistenceError, `close gave ${String(error)}`)
      assert.equal(store.isConnected, false)
      await rejection(PersistenceConnectionError, () => store.tasks.get('a'))
      heal()
      await store.close()
      await store.connect()
      await store.migrate()
      assert.equal(await store.tasks.count(), 0)
    },
  },
  {
    id: 'L16',
    name: 'after a failed write another store can write at once',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openWithTask(await openAt(harness, place))
      const other = await openAt(harness, place, { waitForLocks: 0 })
      for (const [name, errorClass, write] of failures) {
        const error = await outcome(() => write(store))
        assert.ok(error instanceof errorClass, `${name} gave ${String(error)}`)
        await other.tasks.create(newTask())
      }
      assert.equal(await store.tasks.count(), failures.length + 1)
      assert.equal(await store.costRecords.count(), 0)
      assert.equal(await store.messages.count(), 0)
    },
  },
  {
    id: 'L16b',
    name: 'after failed writes another process can write at once',
    needs: ['processes'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openWithTask(await openAt(harness, place))
      for (const [, , write] of failures) assert.ok((await outcome(() => write(store))) instanceof Error)
      const job = { do: 'create-task', task: newTask({ id: 'from-elsewhere' }) } as const
      await feature(harness, 'processes').perform(place, job, { waitForLocks: 0 })
      assert.equal((await store.tasks.get('from-elsewhere'))?.version, 1)
    },
  },
]
