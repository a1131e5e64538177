// W3–W4: a claim takes each task once, with a lease; a worker completes it, fails or gives it back.

import assert from 'node:assert/strict'
import { InvalidRecordError } from '../../errors.ts'
import { events, type Store } from '../../index.ts'
import { type ConformanceCase, feature, openAt, openFresh } from '../support/case.ts'
import { only, rejection, tally } from '../support/expect.ts'
import { newTask } from '../support/samples.ts'
import { actionsOf, claimOne, LONG, readyIds, stored } from './claim-samples.ts'

const MINUTE = 60_000

/** Claims and completes until nothing is ready; how often each task was got. */
async function workAll(stores: readonly Store[], workers: number, limit: number): Promise<readonly string[]> {
  const got: string[] = []
  const work = async (index: number) => {
    const { tasks } = stores[index % stores.length] as Store
    for (;;) {
      const claimed = await tasks.claim({ agent: `agent-${index}`, limit, lease: LONG })
      if (claimed.length === 0 && (await tasks.count({ status: ['created', 'in_progress'] })) === 0) return
      for (const { id, claimId, assignedTo } of claimed) {
        assert.equal(assignedTo, `agent-${index}`)
        got.push(id)
        await tasks.complete(id, claimId)
      }
    }
  }
  await Promise.all(Array.from({ length: workers }, (_, index) => work(index)))
  return got
}

/** Tasks of which every third one depends on the one before. */
function someTasks(count: number) {
  return Array.from({ length: count }, (_, index) =>
    newTask({ id: `t-${index}`, dependencies: index % 3 === 2 ? [`t-${index - 1}`] : [] }),
  )
}

async function assertWorked(store: Store, got: readonly string[], count: number): Promise<void> {
  assert.equal(got.length, count)
  assert.equal(new Set(got).size, count)
  const counts = await store.tasks.counts({ by: 'status' })
  assert.deepEqual(counts, [{ status: 'completed', count }])
  for await (const task of store.tasks.each()) {
    assert.deepEqual([task.attempt, task.claimId, task.version], [1, null, 3])
  }
  const { items } = await store.audit.query({}, { limit: 1000 })
  const actions = tally(items.map(({ action }) => action))
  assert.deepEqual([actions['task:claim'], actions['task:complete']], [count, count])
  assert.equal((await store.audit.verify()).ok, true)
}

export const claimCases: readonly ConformanceCase[] = [
  {
    id: 'W3',
    name: 'a claim moves a task to in_progress with a claim, a lease and an attempt, and one audit entry',
    async run(harness) {
      const store = await openFresh(harness)
      const told: unknown[] = []
      store.on(events.taskTransitioned, (payload) => told.push(payload))
      const created = await store.tasks.create(newTask())
      const fresh = [created.claimId, created.leaseExpiresAt, created.attempt]
      assert.deepEqual([...fresh, created.availableAt, created.lastError], [null, null, 0, null, null])
      const from = await store.changes.head()
      const before = Date.now()
      const task = only(await store.tasks.claim({ agent: 'agent-7' }))
      assert.deepEqual(await stored(store, task.id), task)
      assert.match(task.claimId, /^[0-9A-HJKMNP-TV-Z]{26}$/)
      const { claimId, leaseExpiresAt, updatedAt } = task
      assert.deepEqual(task, {
        ...created,
        ...{ status: 'in_progress', assignedTo: 'agent-7', attempt: 1, version: 2 },
        ...{ claimId, leaseExpiresAt, updatedAt },
      })
      const lease = leaseExpiresAt.getTime() - before
      assert.ok(lease > MINUTE - 5000 && lease < MINUTE + 20_000, `a lease of ${lease} ms`)
      assert.deepEqual(told, [{ id: task.id, from: 'created', to: 'in_progress', version: 2 }])
      const entry = only((await store.audit.query({ action: 'task:claim' })).items)
      assert.deepEqual([entry.subjectId, entry.taskId, entry.verdict], [task.id, task.id, 'record'])
      assert.deepEqual(entry.details, {
        ...{ from: 'created', to: 'in_progress', version: 2, assignedTo: 'agent-7' },
        ...{ attempt: 1, claimId, leaseExpiresAt: leaseExpiresAt.toISOString() },
      })
      const { items } = await store.changes.read({ after: from, records: ['task'] })
      assert.deepEqual(
        items.flatMap(({ changes }) => changes),
        [{ record: 'task', id: task.id, op: 'updated', version: 2 }],
      )
    },
  },
  {
    id: 'W3b',
    name: 'a heartbeat extends the lease, and raises no version, entry, event or change',
    async run(harness) {
      const store = await openFresh(harness)
      const from = await store.changes.head()
      await store.tasks.create(newTask())
      const task = await claimOne(store, { lease: '30s' })
      const told: unknown[] = []
      store.on(events.taskUpdated, (payload) => told.push(payload))
      store.on(events.taskTransitioned, (payload) => told.push(payload))
      const entries = await store.audit.count()
      await store.tasks.heartbeat(task.id, task.claimId, { lease: '2h' })
      const after = await stored(store, task.id)
      assert.ok(after.leaseExpiresAt)
      assert.ok(after.leaseExpiresAt.getTime() - task.leaseExpiresAt.getTime() > 100 * MINUTE)
      assert.deepEqual({ ...after, leaseExpiresAt: null }, { ...task, leaseExpiresAt: null })
      await store.tasks.heartbeat(task.id, task.claimId)
      const shorter = await stored(store, task.id)
      assert.ok(shorter.leaseExpiresAt && shorter.leaseExpiresAt < after.leaseExpiresAt)
      assert.equal(await store.audit.count(), entries)
      const { items } = await store.changes.read({ after: from, records: ['task'] })
      assert.deepEqual(
        items.flatMap(({ changes }) => changes.map(({ op }) => op)),
        ['created', 'updated'],
      )
      assert.deepEqual(told, [])
      assert.equal((await store.tasks.complete(task.id, task.claimId)).status, 'completed')
    },
  },
  {
    id: 'W3c',
    name: 'workers of one store get each task once, one at a time and several at once',
    async run(harness) {
      for (const limit of [1, 7]) {
        const store = await openFresh(harness)
        await store.tasks.createMany(someTasks(60))
        await assertWorked(store, await workAll([store], 8, limit), 60)
      }
    },
  },
  {
    id: 'W3d',
    name: 'workers of several stores get each task once',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const stores = [await openAt(harness, place), await openAt(harness, place)]
      await (stores[0] as Store).tasks.createMany(someTasks(60))
      await assertWorked(stores[1] as Store, await workAll(stores, 6, 3), 60)
    },
  },
  {
    id: 'W3e',
    name: 'workers of several processes get each task once',
    needs: ['shared', 'processes'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      const { perform } = feature(harness, 'processes')
      await store.tasks.createMany(someTasks(60))
      const jobs = [1, 2].map((number) =>
        perform(place, { do: 'work', agent: `process-${number}`, workers: 2 }, { waitForLocks: 60_000 }),
      )
      const got = (await Promise.all(jobs)).flat() as string[]
      await assertWorked(store, got, 60)
    },
  },
  {
    id: 'W3f',
    name: 'a claim in a transaction that fails has taken nothing',
    async run(harness) {
      const store = await openFresh(harness)
      await store.tasks.create(newTask({ id: 'a' }))
      const failed = store.transaction(async (tx) => {
        const task = only(await tx.tasks.claim({ agent: 'agent-1' }))
        await tx.tasks.complete(task.id, task.claimId)
        throw new TypeError('no')
      })
      await assert.rejects(failed, TypeError)
      const after = await stored(store, 'a')
      assert.deepEqual([after.status, after.attempt, after.version], ['created', 0, 1])
      const done = await store.transaction(async (tx) => {
        const task = only(await tx.tasks.claim({ agent: 'agent-1' }))
        await tx.tasks.heartbeat(task.id, task.claimId, { lease: '5m' })
        return tx.tasks.complete(task.id, task.claimId)
      })
      assert.deepEqual(await stored(store, 'a'), done)
      assert.deepEqual(await actionsOf(store, 'a'), ['task:create', 'task:claim', 'task:complete'])
    },
  },
  {
    id: 'W3g',
    name: 'a claim notes that its agent is there, also when it gets nothing',
    async run(harness) {
      const store = await openFresh(harness)
      assert.deepEqual(await store.tasks.claim({ agent: 'agent-1' }), [])
      const first = await store.agents.get('agent-1')
      assert.equal(first?.status, 'active')
      await store.tasks.create(newTask())
      await store.agents.stop('agent-1')
      await claimOne(store)
      const second = await store.agents.get('agent-1')
      assert.equal(second?.status, 'active')
      assert.ok(first && second && second.lastSeenAt >= first.lastSeenAt)
      await store.tasks.create(newTask())
      await claimOne(store, { agent: 'agent-2' })
      assert.equal((await store.agents.get('agent-2'))?.version, 1)
    },
  },
  {
    id: 'W4',
    name: 'a worker completes a task with its patch; claim and last error are cleared',
    async run(harness) {
      const store = await openFresh(harness)
      const { id } = await store.tasks.create(newTask({ maxRetries: 3 }))
      const first = await claimOne(store)
      await store.tasks.fail(id, first.claimId, { error: 'once', retryIn: 0 })
      const task = await claimOne(store)
      assert.equal(task.lastError, 'once')
      const done = await store.tasks.complete(id, task.claimId, { patch: { metadata: { tests: 12 } } })
      assert.deepEqual(await stored(store, id), done)
      assert.deepEqual(
        [done.status, done.assignedTo, done.claimId, done.leaseExpiresAt, done.attempt],
        ['completed', 'agent-1', null, null, 2],
      )
      assert.deepEqual([done.lastError, done.metadata, done.version], [null, { tests: 12 }, 5])
      assert.deepEqual(await actionsOf(store, id), [
        ...['task:create', 'task:claim', 'task:fail', 'task:claim', 'task:complete'],
      ])
    },
  },
  {
    id: 'W4b',
    name: 'a failed task is ready again as often as maxRetries says, then it has failed',
    async run(harness) {
      const store = await openFresh(harness)
      const { id } = await store.tasks.create(newTask({ maxRetries: 2 }))
      for (const attempt of [1, 2]) {
        const task = await claimOne(store)
        assert.equal(task.attempt, attempt)
        const after = await store.tasks.fail(id, task.claimId, { error: `no. ${attempt}`, retryIn: '0s' })
        assert.deepEqual(
          [after.status, after.lastError, after.availableAt, after.claimId],
          ['interrupted', `no. ${attempt}`, null, null],
        )
      }
      const last = await claimOne(store)
      const failed = await store.tasks.fail(id, last.claimId, { error: 'for good', retryIn: '5m' })
      assert.deepEqual(
        [failed.status, failed.lastError, failed.availableAt, failed.attempt],
        ['failed', 'for good', null, 3],
      )
      assert.deepEqual(await readyIds(store, 'agent-1'), [])
      const details = only((await store.audit.query({ action: 'task:fail' }, { limit: 1 })).items).details
      assert.equal(JSON.stringify(details).includes('for good'), false)
    },
  },
  {
    id: 'W4c',
    name: 'without a delay of its own, a failed task waits longer with every attempt, within bounds',
    async run(harness) {
      const store = await openFresh(harness)
      const { id } = await store.tasks.create(newTask({ maxRetries: 100 }))
      const delays: number[] = []
      for (let attempt = 1; attempt <= 14; attempt += 1) {
        const task = await claimOne(store)
        const { updatedAt, availableAt } = await store.tasks.fail(id, task.claimId, { error: 'x' })
        assert.ok(availableAt)
        delays.push(availableAt.getTime() - updatedAt.getTime())
        assert.deepEqual(await store.tasks.claim({ agent: 'agent-1' }), [])
        // A move by people ends the delay.
        const { version } = await stored(store, id)
        await store.tasks.transition(id, 'assigned', { version, patch: { assignedTo: 'agent-1' } })
      }
      for (const [index, delay] of delays.entries()) {
        const full = Math.min(1000 * 2 ** index, 600_000)
        assert.ok(delay > full / 2 - 2000 && delay < full + 2000, `attempt ${index + 1}: ${delay} ms`)
      }
    },
  },
  {
    id: 'W4d',
    name: 'a released task is ready for anyone at once, and its attempt counts',
    async run(harness) {
      const store = await openFresh(harness)
      const { id } = await store.tasks.create(newTask())
      const task = await claimOne(store)
      const released = await store.tasks.release(id, task.claimId)
      assert.deepEqual(
        [released.status, released.claimId, released.leaseExpiresAt, released.lastError],
        ['interrupted', null, null, null],
      )
      const again = await claimOne(store, { agent: 'agent-2' })
      assert.deepEqual([again.id, again.attempt, again.assignedTo], [id, 2, 'agent-2'])
      assert.notEqual(again.claimId, task.claimId)
      assert.deepEqual(await actionsOf(store, id), [
        'task:create',
        'task:claim',
        'task:release',
        'task:claim',
      ])
    },
  },
  {
    id: 'W4e',
    name: 'a patch that breaks a rule completes nothing, and spoils no other completion',
    async run(harness) {
      const store = await openFresh(harness)
      await store.tasks.createMany([newTask({ id: 'a' }), newTask({ id: 'b' })])
      const [a, b] = await store.tasks.claim({ agent: 'agent-1', limit: 2 })
      assert.ok(a && b)
      assert.equal(a.claimId, b.claimId)
      const [bad, good] = await Promise.allSettled([
        store.tasks.complete('a', a.claimId, { patch: { assignedTo: null } }),
        store.tasks.complete('b', b.claimId),
      ])
      assert.ok(bad.status === 'rejected' && bad.reason instanceof InvalidRecordError)
      assert.equal(good.status, 'fulfilled')
      assert.equal((await stored(store, 'a')).status, 'in_progress')
      for (const patch of [{ dependencies: ['b'] }, { status: 'failed' }, { attempt: 0 }] as object[])
        await rejection(InvalidRecordError, () => store.tasks.complete('a', a.claimId, { patch }))
      assert.equal((await store.tasks.complete('a', a.claimId)).version, 3)
    },
  },
]
