// L1–L7, L15: connecting, closing, health, and the errors of an unconnected store. Failures of
// opening or closing are in lifecycle-failures.ts; visibility between several stores in sharing.ts.

import assert from 'node:assert/strict'
import { PersistenceConnectionError } from '../../errors.ts'
import { events, type Store } from '../../index.ts'
import { type ConformanceCase, feature, openFresh } from '../support/case.ts'
import { rejection } from '../support/expect.ts'
import { newAction, newCost, newEntry, newMessage, newPlan, newProfile, newTask } from '../support/samples.ts'

/** Every way to use a store that is not connected. */
const uses: Readonly<Record<string, (store: Store) => unknown>> = {
  migrate: (store) => store.migrate(),
  migrationStatus: (store) => store.migrationStatus(),
  migrationPlan: (store) => store.migrationPlan(),
  info: (store) => store.info(),
  transaction: (store) => store.transaction(async () => undefined),
  'tasks.create': (store) => store.tasks.create(newTask()),
  'tasks.createMany': (store) => store.tasks.createMany([newTask()]),
  'tasks.save': (store) => store.tasks.save({ ...newTask(), id: 'a' }),
  'tasks.get': (store) => store.tasks.get('a'),
  'tasks.getMany': (store) => store.tasks.getMany(['a']),
  'tasks.list': (store) => store.tasks.list(),
  'tasks.each': (store) => store.tasks.each()[Symbol.asyncIterator]().next(),
  'tasks.count': (store) => store.tasks.count(),
  'tasks.update': (store) => store.tasks.update('a', { title: 'b' }, { version: 1 }),
  'tasks.transition': (store) => store.tasks.transition('a', 'cancelled', { version: 1 }),
  'tasks.delete': (store) => store.tasks.delete('a'),
  'costRecords.append': (store) => store.costRecords.append(newCost()),
  'costRecords.appendMany': (store) => store.costRecords.appendMany([newCost()]),
  'costRecords.query': (store) => store.costRecords.query(),
  'costRecords.aggregate': (store) => store.costRecords.aggregate(),
  'costRecords.count': (store) => store.costRecords.count(),
  'messages.append': (store) => store.messages.append(newMessage()),
  'messages.appendMany': (store) => store.messages.appendMany([newMessage()]),
  'messages.history': (store) => store.messages.history('parser'),
  'messages.query': (store) => store.messages.query(),
  'messages.search': (store) => store.messages.search('parser'),
  'messages.thread': (store) => store.messages.thread({ taskId: 'a' }),
  'plans.create': (store) => store.plans.create(newPlan()),
  'plans.createMany': (store) => store.plans.createMany([newPlan()]),
  'plans.get': (store) => store.plans.get('a'),
  'plans.list': (store) => store.plans.list(),
  'plans.tree': (store) => store.plans.tree('a'),
  'plans.ancestors': (store) => store.plans.ancestors('a'),
  'plans.cost': (store) => store.plans.cost('a', { tree: true }),
  'plans.update': (store) => store.plans.update('a', {}, { version: 1 }),
  'plans.start': (store) => store.plans.start('a', { version: 1 }),
  'plans.cancel of a tree': (store) => store.plans.cancel('a', null, { version: 1, tree: true }),
  'plans.delete': (store) => store.plans.delete('a'),
  'actions.create': (store) => store.actions.create(newAction()),
  'actions.list': (store) => store.actions.list(),
  'actions.delete': (store) => store.actions.delete('local/build'),
  'automationProfiles.create': (store) => store.automationProfiles.create(newProfile()),
  'automationProfiles.list': (store) => store.automationProfiles.list(),
  'automationProfiles.delete': (store) => store.automationProfiles.delete('local/careful'),
  'audit.append': (store) => store.audit.append(newEntry()),
  'audit.query': (store) => store.audit.query(),
  'audit.head': (store) => store.audit.head(),
  'audit.verify': (store) => store.audit.verify(),
  'as an actor': (store) => store.as('ann').audit.append(newEntry()),
  'a transaction of an actor': (store) => store.as('ann').transaction(async () => undefined),
}

async function assertUnusable(store: Store): Promise<void> {
  assert.equal(store.isConnected, false)
  for (const [name, use] of Object.entries(uses)) {
    await rejection(PersistenceConnectionError, () => use(store), name)
  }
}

/** A health check that was answered: a database with much else to do may be too late for one. */
async function inTime(store: Store): ReturnType<Store['healthCheck']> {
  for (let turn = 0; turn < 5; turn += 1) {
    const result = await store.healthCheck()
    if (result.schemaVersion !== null) return result
  }
  return store.healthCheck()
}

export const lifecycleCases: readonly ConformanceCase[] = [
  {
    id: 'L1',
    name: 'isConnected is false before connect, true after it, false after close',
    async run(harness) {
      const store = harness.newPlace().create()
      harness.closeAfterwards(store)
      assert.equal(store.isConnected, false)
      const connecting = store.connect()
      assert.equal(store.isConnected, false)
      await connecting
      assert.equal(store.isConnected, true)
      await store.close()
      assert.equal(store.isConnected, false)
      await store.connect()
      assert.equal(store.isConnected, true)
      await store.disconnect()
      assert.equal(store.isConnected, false)
    },
  },
  {
    id: 'L1b',
    name: 'a store closes itself at the end of its `await using` block',
    async run(harness) {
      const store = harness.newPlace().create()
      {
        await using open = store
        await open.connect()
        assert.equal(store.isConnected, true)
      }
      assert.equal(store.isConnected, false)
    },
  },
  {
    id: 'L2',
    name: 'connecting twice is one connection',
    async run(harness) {
      const store = harness.newPlace().create()
      harness.closeAfterwards(store)
      let connected = 0
      store.on(events.backendConnected, () => {
        connected += 1
      })
      await store.connect()
      await store.migrate()
      await store.tasks.create(newTask({ id: 'a' }))
      await store.connect()
      assert.equal(connected, 1)
      assert.equal((await store.tasks.get('a'))?.id, 'a')
      await store.close()
      assert.equal(store.isConnected, false)
    },
  },
  {
    id: 'L2b',
    name: 'connecting twice opens no second handle',
    needs: ['handles'],
    async run(harness) {
      const handles = feature(harness, 'handles')
      const before = handles()
      const store = harness.newPlace().create()
      harness.closeAfterwards(store)
      await store.connect()
      const once = handles()
      assert.ok(once > before)
      await store.connect()
      assert.equal(handles(), once)
      await store.close()
      assert.equal(handles(), before)
    },
  },
  {
    id: 'L3',
    name: 'closing a store that is not connected does nothing, also twice',
    async run(harness) {
      const store = harness.newPlace().create()
      await store.close()
      await store.close()
      assert.equal(store.isConnected, false)
      await store.connect()
      let disconnected = 0
      store.on(events.backendDisconnected, () => {
        disconnected += 1
      })
      await Promise.all([store.close(), store.close(), store.disconnect()])
      await store.close()
      assert.equal(disconnected, 1)
    },
  },
  {
    id: 'L4',
    name: 'a health check is ok while connected and not ok, without a throw, before and after',
    async run(harness) {
      const store = harness.newPlace().create()
      harness.closeAfterwards(store)
      const before = await store.healthCheck()
      assert.equal(before.ok, false)
      assert.equal(before.schemaVersion, null)
      assert.match(before.error ?? '', /connect/)
      await store.connect()
      assert.equal((await inTime(store)).schemaVersion, 0)
      await store.migrate()
      const healthy = await inTime(store)
      assert.equal(healthy.ok, true)
      assert.equal(healthy.error, undefined)
      assert.equal(healthy.schemaVersion, (await store.migrationStatus()).latest)
      assert.ok(healthy.latencyMs >= 0 && healthy.latencyMs < 2500)
      await store.close()
      assert.equal((await store.healthCheck()).ok, false)
    },
  },
  {
    id: 'L5',
    name: 'backendName is the engine’s, connected or not',
    async run(harness) {
      const store = harness.newPlace().create()
      harness.closeAfterwards(store)
      assert.equal(store.backendName, harness.backendName)
      await store.connect()
      assert.equal(store.backendName, harness.backendName)
      const { serverVersion } = await store.info()
      assert.match(serverVersion, /\d/)
    },
  },
  {
    id: 'L6',
    name: 'before connect, migrate and every repository throw PersistenceConnectionError',
    async run(harness) {
      await assertUnusable(harness.newPlace().create())
    },
  },
  {
    id: 'L6b',
    name: 'after close, migrate and every repository throw PersistenceConnectionError',
    async run(harness) {
      const store = await openFresh(harness)
      const { tasks } = store
      await store.close()
      await assertUnusable(store)
      await rejection(PersistenceConnectionError, () => tasks.get('a'))
    },
  },
  {
    id: 'L7',
    name: 'migrating twice, or at once, changes nothing more',
    async run(harness) {
      const store = harness.newPlace().create()
      harness.closeAfterwards(store)
      await store.connect()
      const first = await store.migrate()
      assert.equal(first.from, 0)
      assert.ok(first.applied.length > 0)
      assert.equal(first.adopted, false)
      await store.tasks.create(newTask({ id: 'a' }))
      const second = await store.migrate()
      assert.deepEqual([second.from, second.to, second.applied], [first.to, first.to, []])
      for (const report of await Promise.all([store.migrate(), store.migrate()])) {
        assert.deepEqual(report.applied, [])
      }
      assert.deepEqual(await store.migrationPlan(), [])
      assert.deepEqual((await store.migrationStatus()).pending, [])
      assert.equal(await store.tasks.count(), 1)
    },
  },
  {
    id: 'L15',
    name: 'concurrent connect calls share one attempt',
    async run(harness) {
      const store = harness.newPlace().create()
      harness.closeAfterwards(store)
      let connected = 0
      store.on(events.backendConnected, () => {
        connected += 1
      })
      await Promise.all(Array.from({ length: 16 }, () => store.connect()))
      assert.equal(connected, 1)
      assert.equal((await store.healthCheck()).ok, true)
    },
  },
  {
    id: 'L15b',
    name: 'close during connect, and connect during close, end in the later one’s state',
    async run(harness) {
      const store = harness.newPlace().create()
      harness.closeAfterwards(store)
      await Promise.all([store.connect(), store.close()])
      assert.equal(store.isConnected, false)
      await store.connect()
      await Promise.all([store.close(), store.connect()])
      assert.equal(store.isConnected, true)
      assert.equal((await store.healthCheck()).ok, true)
    },
  },
]
