// W5–W7: a lease that has ended is lost, whatever its worker does afterwards; expired tasks are
// taken back by the next claim; input that makes no sense is refused.

import assert from 'node:assert/strict'
import { InvalidRecordError, LeaseLostError } from '../../errors.ts'
import type { ClaimedTask, Store } from '../../index.ts'
import { inThePast } from '../store/clock.ts'
import { type ConformanceCase, feature, openAt, openFresh } from '../support/case.ts'
import { idsOf, only, rejection } from '../support/expect.ts'
import { newTask } from '../support/samples.ts'
import { actionsOf, claimOne, readyIds, stored, until } from './claim-samples.ts'

const HOUR = 3_600_000

/** Nothing that its worker does changes the task any more. */
async function assertLost(store: Store, { id, claimId }: ClaimedTask): Promise<void> {
  const before = await store.tasks.get(id)
  const entries = await store.audit.count()
  const { tasks } = store
  const calls = [
    () => tasks.heartbeat(id, claimId, { lease: '1h' }),
    () => tasks.complete(id, claimId, { patch: { title: 'late' } }),
    () => tasks.fail(id, claimId, { error: 'late' }),
    () => tasks.release(id, claimId),
  ]
  for (const call of calls) {
    const error = await rejection(LeaseLostError, call)
    assert.deepEqual([error.id, error.claimId, error.retryable], [id, claimId, false])
  }
  assert.deepEqual(await store.tasks.get(id), before)
  assert.equal(await store.audit.count(), entries)
}

/** A task whose lease ends within a moment; by the time of the answer it may have. */
async function claimBriefly(store: Store): Promise<ClaimedTask> {
  return claimOne(store, { lease: 20 })
}

async function leaseEnded(store: Store, { id }: ClaimedTask): Promise<void> {
  await until('the end of the lease', async () => {
    const { claimId } = await stored(store, id)
    const error = await store.tasks.heartbeat(id, claimId ?? '-', { lease: 1 }).catch((reason) => reason)
    return error instanceof LeaseLostError
  })
}

export const leaseCases: readonly ConformanceCase[] = [
  {
    id: 'W5',
    name: 'a lease that has expired is lost, also before anyone takes the task back',
    async run(harness) {
      const store = await openFresh(harness)
      await store.tasks.create(newTask({ maxRetries: 9 }))
      const late = await claimBriefly(store)
      await leaseEnded(store, late)
      await assertLost(store, late)
      assert.equal((await stored(store, late.id)).status, 'in_progress')
      const next = await claimOne(store, { agent: 'agent-2' })
      assert.deepEqual([next.id, next.attempt], [late.id, 2])
      await assertLost(store, late)
      assert.equal((await store.tasks.complete(next.id, next.claimId)).assignedTo, 'agent-2')
      await assertLost(store, next)
    },
  },
  {
    id: 'W5b',
    name: 'a claim of another task, of another worker, and one that never was change nothing',
    async run(harness) {
      const store = await openFresh(harness)
      await store.tasks.createMany([newTask({ id: 'a' }), newTask({ id: 'b' }), newTask({ id: 'c' })])
      const [first, second] = [await claimOne(store), await claimOne(store, { agent: 'agent-2' })]
      await assertLost(store, { ...first, claimId: second.claimId })
      await assertLost(store, { ...first, claimId: 'never' })
      await assertLost(store, { ...first, id: 'c' })
      await assertLost(store, { ...first, id: 'missing' })
      await store.tasks.complete(first.id, first.claimId)
      await store.tasks.complete(second.id, second.claimId)
    },
  },
  {
    id: 'W5c',
    name: 'a claim is lost when people move the task, give it to somebody else, or delete it',
    async run(harness) {
      const store = await openFresh(harness)
      const { tasks } = store
      await tasks.createMany(['a', 'b', 'c', 'd'].map((id) => newTask({ id })))
      const [moved, given, deleted, kept] = await tasks.claim({ agent: 'agent-1', limit: 4 })
      assert.ok(moved && given && deleted && kept)
      await tasks.transition(moved.id, 'cancelled', moved)
      await tasks.update(given.id, { assignedTo: 'agent-2' }, given)
      await tasks.delete(deleted.id)
      const renamed = await tasks.update(kept.id, { title: 'Another name' }, kept)
      for (const lost of [moved, given, deleted]) await assertLost(store, lost)
      for (const { id } of [moved, given]) {
        const { claimId, leaseExpiresAt } = await stored(store, id)
        assert.deepEqual([claimId, leaseExpiresAt], [null, null])
      }
      assert.equal(renamed.claimId, kept.claimId)
      await tasks.heartbeat(kept.id, kept.claimId)
      const done = await tasks.complete(kept.id, kept.claimId)
      assert.deepEqual([done.title, done.version], ['Another name', 4])
    },
  },
  {
    id: 'W5d',
    name: 'a task is completed once, however often and at once it is asked for',
    async run(harness) {
      const store = await openFresh(harness)
      await store.tasks.create(newTask())
      const task = await claimOne(store)
      const calls = [
        ...Array.from({ length: 5 }, () => store.tasks.complete(task.id, task.claimId)),
        store.tasks.fail(task.id, task.claimId, { error: 'x' }),
        store.tasks.release(task.id, task.claimId),
      ]
      const results = await Promise.allSettled(calls)
      assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
      for (const result of results)
        assert.ok(result.status === 'fulfilled' || result.reason instanceof LeaseLostError)
      assert.equal((await actionsOf(store, task.id)).length, 3)
    },
  },
  {
    id: 'W5e',
    name: "the clocks of callers decide nothing: leases and delays are by the database's clock",
    async run(harness) {
      const store = await openFresh(harness)
      await store.tasks.createMany([newTask({ id: 'a', maxRetries: 9 }), newTask({ id: 'b', maxRetries: 9 })])
      const late = await inThePast(HOUR, () => claimOne(store, { lease: '10m' }))
      const early = await inThePast(-HOUR, () => claimOne(store, { lease: '10m' }))
      const difference = late.leaseExpiresAt.getTime() - early.leaseExpiresAt.getTime()
      assert.ok(Math.abs(difference) < 60_000, `${difference} ms`)
      await inThePast(-HOUR, async () => {
        assert.deepEqual(await store.tasks.recover(), [])
        assert.deepEqual(await store.tasks.claim({ agent: 'agent-2' }), [])
        await store.tasks.heartbeat(late.id, late.claimId)
        await store.tasks.fail(early.id, early.claimId, { error: 'x', retryIn: '10m' })
        assert.deepEqual(await readyIds(store), [])
      })
      await inThePast(HOUR, () => store.tasks.complete(late.id, late.claimId))
    },
  },
  {
    id: 'W6',
    name: 'a claim takes back what has expired: ready again, or failed if the attempts are used up',
    async run(harness) {
      const store = await openFresh(harness)
      await store.tasks.create(newTask({ id: 'a', maxRetries: 1 }))
      const first = await claimBriefly(store)
      await leaseEnded(store, first)
      const second = await claimOne(store, { agent: 'agent-2', lease: 20 })
      assert.equal(second.attempt, 2)
      assert.match(second.lastError ?? '', /agent-1.*attempt 1/)
      await leaseEnded(store, second)
      assert.deepEqual(await store.tasks.claim({ agent: 'agent-3' }), [])
      const failed = await stored(store, 'a')
      assert.deepEqual([failed.status, failed.claimId, failed.leaseExpiresAt], ['failed', null, null])
      assert.match(failed.lastError ?? '', /agent-2.*attempt 2/)
      assert.deepEqual(await actionsOf(store, 'a'), [
        ...['task:create', 'task:claim', 'task:expire', 'task:claim', 'task:expire'],
      ])
    },
  },
  {
    id: 'W6b',
    name: 'recover takes back expired tasks alone, as many as it is told to',
    async run(harness) {
      const store = await openFresh(harness)
      await store.tasks.createMany(Array.from({ length: 5 }, (_, index) => newTask({ id: `t-${index}` })))
      const kept = await claimOne(store)
      const brief = await store.tasks.claim({ agent: 'agent-1', limit: 4, lease: 20 })
      for (const task of brief) await leaseEnded(store, task)
      const [two, others] = [await store.tasks.recover({ limit: 2 }), await store.tasks.recover()]
      assert.deepEqual(idsOf([...two, ...others]), idsOf(brief))
      assert.equal(two.length, 2)
      for (const task of [...two, ...others]) {
        assert.equal(task.status, 'interrupted')
        assert.deepEqual(await stored(store, task.id), task)
      }
      assert.deepEqual(await store.tasks.recover(), [])
      await store.tasks.complete(kept.id, kept.claimId)
    },
  },
  {
    id: 'W6c',
    name: 'an expired task is taken back once, however many ask at once',
    async run(harness) {
      const store = await openFresh(harness)
      await store.tasks.createMany(Array.from({ length: 10 }, (_, index) => newTask({ id: `t-${index}` })))
      const brief = await store.tasks.claim({ agent: 'agent-1', limit: 10, lease: 20 })
      for (const task of brief) await leaseEnded(store, task)
      const found = await Promise.all([
        ...Array.from({ length: 4 }, () => store.tasks.recover()),
        ...Array.from({ length: 4 }, () => store.tasks.claim({ agent: 'agent-2', lease: '1h' })),
      ])
      const entries = await store.audit.query({ action: 'task:expire' })
      assert.equal(entries.items.length, 10)
      const claimed = idsOf(found.slice(4).flat())
      assert.equal(new Set(claimed).size, claimed.length)
    },
  },
  {
    id: 'W6d',
    name: 'a lease that another program left behind on a task that it moved is ended, and the task stays',
    needs: ['sql'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      await store.tasks.create(newTask({ id: 'a' }))
      await claimOne(store, { lease: 1 })
      await feature(harness, 'sql')(place, `update tasks set status = 'blocked' where id = 'a'`)
      await until('the end of the lease', async () => {
        assert.deepEqual(await store.tasks.recover(), [])
        return (await stored(store, 'a')).leaseExpiresAt === null
      })
      const task = await stored(store, 'a')
      assert.deepEqual([task.status, task.claimId, task.version], ['blocked', null, 2])
    },
  },
  {
    id: 'W7',
    name: 'leases of nothing, of less, of a year, and other input that makes no sense is refused',
    async run(harness) {
      const store = await openFresh(harness)
      const { tasks } = store
      await tasks.create(newTask())
      const leases = [
        0,
        -1,
        '0s',
        '-5s',
        365 * 24 * HOUR,
        '365d',
        '8d',
        1.5,
        Number.NaN,
        '',
        'soon',
        null,
        {},
      ]
      for (const lease of leases) {
        const request = { agent: 'agent-1', lease } as { agent: string; lease: string }
        await rejection(InvalidRecordError, () => tasks.claim(request), `lease ${String(lease)}`)
        await rejection(InvalidRecordError, () => tasks.heartbeat('t', 'c', { lease } as object))
      }
      const requests = [
        undefined,
        {},
        { agent: '' },
        { agent: '  ' },
        { agent: 7 },
        { agent: 'a'.repeat(256) },
        ...[0, -1, 1001, 1.5, '3'].map((limit) => ({ agent: 'agent-1', limit })),
        { agent: 'agent-1', project: '' },
        { agent: 'agent-1', type: 'cooking' },
        { agent: 'agent-1', planId: null },
        { agent: 'agent-1', tree: true },
        { agent: 'agent-1', status: 'created' },
      ]
      for (const request of requests)
        await rejection(InvalidRecordError, () => tasks.claim(request as { agent: string }))
      assert.equal((await tasks.list({ status: 'created' })).items.length, 1)
      const { id, claimId } = only(await tasks.claim({ agent: 'agent-1', lease: '7d' }))
      for (const failure of [
        undefined,
        {},
        { error: '' },
        { error: 'x', retryIn: -1 },
        { error: 'x', retryIn: '8d' },
      ])
        await rejection(InvalidRecordError, () => tasks.fail(id, claimId, failure as { error: string }))
      for (const limit of [0, -1, 1001]) await rejection(InvalidRecordError, () => tasks.recover({ limit }))
      for (const key of ['', undefined]) {
        await rejection(InvalidRecordError, () => tasks.complete(key as string, claimId))
        await rejection(InvalidRecordError, () => tasks.complete(id, key as string))
      }
      const claims = {
        claimId: 'x',
        attempt: 3,
        leaseExpiresAt: new Date(),
        availableAt: new Date(),
        lastError: 'x',
      }
      for (const [field, value] of Object.entries(claims)) {
        await rejection(InvalidRecordError, () => tasks.create(newTask({ [field]: value })))
        await rejection(InvalidRecordError, () => tasks.update(id, { [field]: value }, { version: 2 }))
      }
      assert.equal((await tasks.complete(id, claimId)).attempt, 1)
    },
  },
  {
    id: 'W7b',
    name: 'a task that an agent may not have, or that cannot be read, hides no other one',
    needs: ['cells'],
    async run(harness) {
      const place = harness.newPlace()
      const store = place.create()
      harness.closeAfterwards(store)
      await store.connect()
      await store.migrate()
      for (let index = 0; index < 6; index += 1)
        await store.tasks.create(newTask({ id: `own-${index}`, delegationChain: ['agent-1'] }))
      await store.tasks.create(newTask({ id: 'damaged' }))
      await store.tasks.createMany([newTask({ id: 'a' }), newTask({ id: 'b' })])
      await feature(harness, 'cells').write(
        place,
        { table: 'tasks', id: 'damaged', column: 'estimated_complexity' },
        'enormous',
      )
      assert.equal((await claimOne(store)).id, 'a')
      assert.equal((await claimOne(store)).id, 'b')
      assert.deepEqual(await store.tasks.claim({ agent: 'agent-1' }), [])
      assert.equal((await store.tasks.claim({ agent: 'agent-2', limit: 9 })).length, 6)
    },
  },
  {
    id: 'W7c',
    name: 'whoever found nothing hears when time alone makes something ready, for the same filter',
    async run(harness) {
      const store = await openAt(harness, harness.newPlace())
      const { tasks } = store
      assert.equal(await tasks.readyIn(), null)
      await tasks.create(newTask({ id: 'leased' }))
      const leased = await claimOne(store, { lease: '50s' })
      await tasks.create(newTask({ id: 'delayed', project: 'other' }))
      const { claimId } = await claimOne(store)
      const { availableAt } = await tasks.fail('delayed', claimId, { error: 'x', retryIn: '20s' })
      assert.ok(availableAt)
      const inTime = (left: number | null, least: number, most: number) =>
        assert.ok(left !== null && left > least && left <= most, `${left} is not in ${least} to ${most}`)
      inTime(await tasks.readyIn(), 0, 20_000)
      inTime(await tasks.readyIn({ project: 'other' }), 0, 20_000)
      inTime(await tasks.readyIn({ project: leased.project, agent: 'agent-9' }), 20_000, 50_000)
      assert.equal(await tasks.readyIn({ project: 'none' }), null)
      assert.equal(await tasks.readyIn({ planId: 'none', tree: true }), null)
      assert.equal(await tasks.readyIn({}, { within: 1 }), null)
      assert.equal(await tasks.readyIn({ project: leased.project }, { within: '10s' }), null)
      await tasks.heartbeat('leased', leased.claimId, { lease: 1 })
      await until('the end of the lease', async () => (await tasks.readyIn({}, { within: 1 })) === 0)
      assert.deepEqual(idsOf(await tasks.recover()), ['leased'])
      assert.equal(await tasks.readyIn({ project: leased.project }), null)
      // A delay of a task that waits for another one makes nothing ready.
      const delayed = await stored(store, 'delayed')
      await tasks.update('delayed', { dependencies: ['leased'] }, delayed)
      assert.equal(await tasks.readyIn(), null)
      for (const within of [0, -1, '8d', 'soon'])
        await assert.rejects(tasks.readyIn({}, { within }), InvalidRecordError)
      await assert.rejects(tasks.readyIn({ tree: true }), InvalidRecordError)
    },
  },
]
