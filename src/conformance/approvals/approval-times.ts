// V6–V9: what expires, expires by the database's clock; lists know it; whoever waits hears of
// decisions, of the end of time, and of an end of patience.

import assert from 'node:assert/strict'
import { InvalidRecordError, InvalidTransitionError, QueryError, TimeoutError } from '../../errors.ts'
import { type Approval, events, type Store } from '../../index.ts'
import { inThePast } from '../store/clock.ts'
import { type ConformanceCase, openAt, openFresh } from '../support/case.ts'
import { collect, idsOf, outcome, rejection, turn } from '../support/expect.ts'
import { newApproval, newMessage } from '../support/samples.ts'
import { decisions } from './approvals.ts'

/** Milliseconds that an approval of these cases has. */
const SHORT = 1500
const HOUR = 3_600_000

/** An approval that expires soon, and one that does not, after the first has expired. */
async function oneExpired(store: Store): Promise<readonly [Approval, Approval]> {
  const { approvals } = store.as('agent-7')
  const short = await approvals.request(newApproval({ expiresAt: new Date(Date.now() + SHORT) }))
  const long = await approvals.request(newApproval({ expiresAt: new Date(Date.now() + HOUR) }))
  assert.equal((await approvals.wait(short.id)).status, 'expired')
  return [short, long]
}

export const approvalTimeCases: readonly ConformanceCase[] = [
  {
    id: 'V6',
    name: 'a pending approval past its expiry reads as expired, in every read, and cannot be decided',
    async run(harness) {
      const store = await openFresh(harness)
      const [short, long] = await oneExpired(store)
      const expired = { ...short, status: 'expired' as const }
      assert.deepEqual(await store.approvals.get(short.id), expired)
      assert.deepEqual((await store.approvals.getMany([short.id, long.id])).get(short.id), expired)
      assert.deepEqual((await store.approvals.list()).items, [expired, long])
      assert.deepEqual(await collect(store.approvals.each()), [expired, long])
      for (const [verb, decide] of Object.entries(decisions)) {
        const actor = store.as(verb === 'withdraw' ? 'agent-7' : 'ada')
        const error = await rejection(InvalidTransitionError, () => decide(actor, short))
        assert.deepEqual([error.from, error.allowed], ['expired', []])
      }
      assert.deepEqual(await store.approvals.get(short.id), expired)
      const { items } = await store.audit.query({ subjectId: short.id })
      assert.deepEqual(
        items.map(({ action }) => action),
        ['approval:request'],
      )
      assert.equal((await decisions.approve(store.as('ada'), long)).status, 'approved')
    },
  },
  {
    id: 'V6b',
    name: 'lists and counts by status take what has expired for expired',
    async run(harness) {
      const store = await openFresh(harness)
      const [short, long] = await oneExpired(store)
      const forever = await store.as('agent-7').approvals.request(newApproval())
      const decided: Approval[] = []
      for (const [verb, decide] of Object.entries(decisions)) {
        const approval = await store.as('agent-7').approvals.request(newApproval())
        decided.push(await decide(store.as(verb === 'withdraw' ? 'agent-7' : 'ada'), approval))
      }
      const [approved, rejected, withdrawn] = idsOf(decided)
      const expected = {
        pending: [long.id, forever.id],
        approved: [approved],
        rejected: [rejected],
        expired: [short.id],
        withdrawn: [withdrawn],
      } as const
      for (const [status, ids] of Object.entries(expected)) {
        const filter = { status: status as keyof typeof expected }
        const { items } = await store.approvals.list(filter)
        assert.deepEqual(idsOf(items), ids, status)
        assert.deepEqual(idsOf(await collect(store.approvals.each(filter))), ids)
        assert.ok(items.every((item) => item.status === status))
        assert.equal(await store.approvals.count(filter), ids.length)
      }
      const both = await store.approvals.list({ status: ['expired', 'pending'] }, { order: 'desc' })
      assert.deepEqual(idsOf(both.items), [forever.id, long.id, short.id])
      const first = await store.approvals.list({ status: 'pending' }, { limit: 1 })
      assert.ok(first.nextCursor)
      const rest = await store.approvals.list({ status: 'pending' }, { limit: 1, cursor: first.nextCursor })
      assert.deepEqual([...idsOf(first.items), ...idsOf(rest.items)], expected.pending)
      for (const status of ['done', null, []] as const) {
        await rejection(InvalidRecordError, () => store.approvals.list({ status: status as 'pending' }))
      }
    },
  },
  {
    id: 'V7',
    name: "expiry is by the database's clock: the clock of a program neither delays nor hastens it",
    async run(harness) {
      const store = await openFresh(harness)
      const { approvals } = store.as('agent-7')
      const past = { ...newApproval(), expiresAt: new Date(Date.now() - 1000) }
      const refused = await rejection(InvalidRecordError, () => approvals.request(past))
      assert.deepEqual(
        refused.issues.map(({ path, code }) => [path, code]),
        [[['expiresAt'], 'past']],
      )
      await inThePast(HOUR, async () => {
        await rejection(InvalidRecordError, () => approvals.request(past))
        const [short] = await oneExpiredBehind(store)
        assert.equal((await store.approvals.get(short.id))?.status, 'expired')
        await rejection(InvalidTransitionError, () => decisions.approve(store.as('ada'), short))
      })
      const soon = await approvals.request({ ...newApproval(), expiresAt: new Date(Date.now() + HOUR / 2) })
      await inThePast(-HOUR, async () => {
        assert.equal((await store.approvals.get(soon.id))?.status, 'pending')
        assert.equal(await store.approvals.count({ status: 'pending' }), 1)
        assert.equal((await decisions.approve(store.as('ada'), soon)).status, 'approved')
      })
    },
  },
  {
    id: 'V8',
    name: 'who waits gets the decision, of this store or another one, or at once what was decided before',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const [store, other] = [await openAt(harness, place), await openAt(harness, place)]
      for (const decider of [store, other]) {
        const approval = await store.as('agent-7').approvals.request(newApproval())
        const waits = Array.from({ length: 3 }, () => store.approvals.wait(approval.id, { timeout: 30_000 }))
        await turn()
        const decided = await decisions.reject(decider.as('ada'), approval)
        assert.deepEqual(await Promise.all(waits), [decided, decided, decided])
        assert.deepEqual(await store.approvals.wait(approval.id), decided)
      }
    },
  },
  {
    id: 'V8b',
    name: 'a wait ends by its signal, its timeout, and the close of the store, and leaves nothing behind',
    async run(harness) {
      const store = await openFresh(harness)
      const approval = await store.as('agent-7').approvals.request(newApproval())
      const aborted = new AbortController()
      aborted.abort(new Error('before'))
      const before = await outcome(() => store.approvals.wait(approval.id, { signal: aborted.signal }))
      assert.equal((before as Error).message, 'before')
      const abort = new AbortController()
      const waiting = outcome(() => store.approvals.wait(approval.id, { signal: abort.signal }))
      await turn()
      abort.abort(new Error('enough'))
      assert.equal(((await waiting) as Error).message, 'enough')
      const late = await rejection(TimeoutError, () => store.approvals.wait(approval.id, { timeout: 20 }))
      assert.equal(late.retryable, true)
      await rejection(TimeoutError, () => store.approvals.wait(approval.id, { timeout: 0 }))
      for (const options of [{ timeout: -1 }, { timeout: 0.5 }, { signal: {} }, { until: 1 }]) {
        await rejection(InvalidRecordError, () => store.approvals.wait(approval.id, options as object))
      }
      const closed = outcome(() => store.approvals.wait(approval.id))
      await turn()
      await store.close()
      assert.ok((await closed) instanceof Error)
    },
  },
  {
    id: 'V8c',
    name: 'a decision is never missed, at whatever moment of a beginning wait it is made, and whoever makes it',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const [store, other] = [await openAt(harness, place), await openAt(harness, place)]
      for (let turns = 0; turns < 12; turns += 1) {
        const decider = turns % 2 === 0 ? store : other
        const approval = await store.as('agent-7').approvals.request(newApproval())
        const waiting = store.approvals.wait(approval.id, { timeout: 30_000 })
        for (let count = 0; count < turns; count += 1) await turn()
        const decided = await decisions.approve(decider.as('ada'), approval)
        assert.deepEqual(await waiting, decided)
      }
    },
  },
  {
    id: 'V8d',
    name: 'many wait for approvals among many other commits, and each gets its own',
    async run(harness) {
      const store = await openFresh(harness)
      const { approvals } = store.as('agent-7')
      const asked = await Promise.all(Array.from({ length: 20 }, () => approvals.request(newApproval())))
      const waits = asked.flatMap(({ id }) => [store.approvals.wait(id), store.approvals.wait(id)])
      for (const approval of asked.toReversed()) {
        await store.messages.append(newMessage())
        await decisions.approve(store.as('ada'), approval)
      }
      const expected = asked.flatMap(({ id }) => [`${id} approved`, `${id} approved`])
      assert.deepEqual(
        (await Promise.all(waits)).map(({ id, status }) => `${id} ${status}`),
        expected,
      )
    },
  },
  {
    id: 'V8e',
    name: 'without the feed of changes a wait hears of decisions, expiry, its signal and the close all the same',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const options = { changes: false } as const
      const [store, other] = [await openAt(harness, place, options), await openAt(harness, place, options)]
      for (const decider of [store, other]) {
        const approval = await store.as('agent-7').approvals.request(newApproval())
        const waiting = store.approvals.wait(approval.id, { timeout: 30_000 })
        await turn()
        const decided = await decisions.reject(decider.as('ada'), approval)
        assert.deepEqual(await waiting, decided)
      }
      const [, long] = await oneExpired(store)
      const abort = new AbortController()
      const ended = outcome(() => store.approvals.wait(long.id, { signal: abort.signal }))
      await turn()
      abort.abort(new Error('enough'))
      assert.equal(((await ended) as Error).message, 'enough')
      await rejection(TimeoutError, () => store.approvals.wait(long.id, { timeout: 20 }))
      const closed = outcome(() => store.approvals.wait(long.id))
      await turn()
      await store.close()
      assert.ok((await closed) instanceof Error)
    },
  },
  {
    id: 'V9',
    name: 'in a transaction an approval is asked for and decided with everything else, or not at all',
    async run(harness) {
      const store = await openFresh(harness)
      const told: string[] = []
      for (const name of [events.approvalRequested, events.approvalDecided])
        store.on(name, ({ id }) => told.push(`${name} ${id}`))
      let id = ''
      const undone = await outcome(() =>
        store.transaction(async (tx) => {
          const approval = await tx.as('agent-7').approvals.request(newApproval())
          id = approval.id
          await tx.as('ada').approvals.approve(id, undefined, approval)
          assert.equal((await tx.approvals.get(id))?.status, 'approved')
          throw new Error('undone')
        }),
      )
      assert.equal((undone as Error).message, 'undone')
      assert.equal(await store.approvals.get(id), null)
      assert.deepEqual(told, [])
      const decided = await store.transaction(async (tx) => {
        const approval = await tx.as('agent-7').approvals.request(newApproval())
        await rejection(QueryError, () => tx.approvals.wait(approval.id))
        return tx.as('ada').approvals.approve(approval.id, undefined, approval)
      })
      assert.deepEqual(await store.approvals.get(decided.id), decided)
      assert.deepEqual(told, [
        `${events.approvalRequested} ${decided.id}`,
        `${events.approvalDecided} ${decided.id}`,
      ])
    },
  },
]

/** As `oneExpired`, for a program whose clock is an hour behind. */
async function oneExpiredBehind(store: Store): Promise<readonly [Approval]> {
  const { approvals } = store.as('agent-7')
  const expiresAt = new Date(Date.now() + HOUR + SHORT)
  const short = await approvals.request(newApproval({ expiresAt }))
  assert.equal((await approvals.wait(short.id)).status, 'expired')
  return [short]
}
