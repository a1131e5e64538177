// V1–V5: approvals are asked for, decided once, and written to the audit trail with their verdict.

import assert from 'node:assert/strict'
import {
  DuplicateRecordError,
  InvalidRecordError,
  InvalidTransitionError,
  NotRequesterError,
  RecordNotFoundError,
  SelfApprovalError,
  VersionConflictError,
} from '../../errors.ts'
import type { ActingStore, Approval, Store } from '../../index.ts'
import { type ConformanceCase, feature, openAt, openFresh } from '../support/case.ts'
import { codesOf, only, rejection, tally } from '../support/expect.ts'
import { fullApproval, newApproval, ulid } from '../support/samples.ts'

const ROUNDS = 8
/** Approvals that two processes decide. */
const SEVERAL = 20

type Decide = (store: ActingStore, approval: Approval) => Promise<Approval>

export const decisions: Readonly<Record<'approve' | 'reject' | 'withdraw', Decide>> = {
  approve: ({ approvals }, approval) => approvals.approve(approval.id, { reason: 'Looked at it' }, approval),
  reject: ({ approvals }, approval) => approvals.reject(approval.id, { reason: 'Too risky' }, approval),
  withdraw: ({ approvals }, approval) => approvals.withdraw(approval.id, undefined, approval),
}

const asks = (store: Store) => store.as('agent-7')
const decides = (store: Store) => store.as('ada')

async function entriesOf(store: Store, id: string) {
  const { items } = await store.audit.query({ subjectType: 'approval', subjectId: id })
  return items.toReversed()
}

/** Each of several deciders, with other decisions, at once. */
async function decideAtOnce(stores: readonly [Store, Store]): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const approval = await asks(stores[0]).approvals.request(newApproval())
    const calls = Array.from({ length: 6 }, (_, index) => {
      const decision = index % 2 === 0 ? decisions.approve : decisions.reject
      return decision(stores[index % 2 === 0 ? 0 : 1].as(`decider-${index}`), approval)
    })
    const results = await Promise.allSettled(calls)
    assert.deepEqual(tally(codesOf(results)), { stored: 1, VERSION_CONFLICT: 5 })
    const won = only(results.filter((result) => result.status === 'fulfilled')).value
    assert.deepEqual(await stores[1].approvals.get(approval.id), won)
    const entries = await entriesOf(stores[0], approval.id)
    assert.deepEqual(
      entries.map(({ action, actor }) => [action, actor]),
      [
        ['approval:request', 'agent-7'],
        [won.status === 'approved' ? 'approval:approve' : 'approval:reject', won.decidedBy],
      ],
    )
  }
}

export const approvalCases: readonly ConformanceCase[] = [
  {
    id: 'V1',
    name: 'an approval that was asked for comes back as it was written, in the name of the actor that asked',
    async run(harness) {
      const store = await openFresh(harness)
      const full = await asks(store).approvals.request(fullApproval())
      assert.deepEqual(await store.approvals.get(full.id), full)
      assert.equal(full.requestedBy, 'agent-7')
      assert.deepEqual(
        [full.status, full.decidedBy, full.decidedAt, full.decisionReason, full.usedAt, full.version],
        ['pending', null, null, null, null, 1],
      )
      const least = await store.approvals.request(newApproval())
      assert.deepEqual(await store.approvals.get(least.id), least)
      assert.deepEqual(
        [least.requestedBy, least.details, least.expiresAt, least.riskLevel, least.reason],
        ['system', null, null, 'low', null],
      )
      assert.equal(await store.approvals.count(), 2)
    },
  },
  {
    id: 'V1b',
    name: 'asking and each decision write one audit entry with its verdict, risk and links',
    async run(harness) {
      const store = await openFresh(harness)
      const verdicts: (readonly [string, string])[] = []
      for (const [verb, decide] of Object.entries(decisions)) {
        const approval = await asks(store).approvals.request(
          fullApproval({ id: undefined, idempotencyKey: null }),
        )
        const decided = await decide(verb === 'withdraw' ? asks(store) : decides(store), approval)
        const [asked, told, ...more] = await entriesOf(store, approval.id)
        assert.deepEqual(more, [])
        assert.ok(asked && told)
        assert.deepEqual(
          [asked.action, asked.verdict, asked.actor],
          ['approval:request', 'escalate', 'agent-7'],
        )
        assert.deepEqual([asked.riskLevel, asked.planId, asked.taskId], ['critical', 'plan-1', 'task-1'])
        assert.deepEqual([told.riskLevel, told.planId, told.taskId], ['critical', 'plan-1', 'task-1'])
        assert.equal(told.reason, decided.decisionReason)
        assert.equal(told.actor, decided.decidedBy)
        verdicts.push([told.action, told.verdict])
        assert.deepEqual(await store.approvals.get(approval.id), decided)
        assert.equal(decided.version, 2)
        assert.ok(decided.decidedAt instanceof Date)
      }
      assert.deepEqual(verdicts, [
        ['approval:approve', 'allow'],
        ['approval:reject', 'deny'],
        ['approval:withdraw', 'deny'],
      ])
      assert.equal((await store.audit.verify()).ok, true)
    },
  },
  {
    id: 'V2',
    name: 'who asked may not decide, unless the configuration says so; only who asked may withdraw',
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      const approval = await asks(store).approvals.request(newApproval())
      for (const decision of [decisions.approve, decisions.reject]) {
        const error = await rejection(SelfApprovalError, () => decision(asks(store), approval))
        assert.equal(error.id, approval.id)
      }
      const error = await rejection(NotRequesterError, () => decisions.withdraw(decides(store), approval))
      assert.equal(error.id, approval.id)
      assert.deepEqual(await store.approvals.get(approval.id), approval)
      assert.equal((await entriesOf(store, approval.id)).length, 1)
      await store.close()
      const alone = await openAt(harness, place, { selfApproval: true })
      const own = harness.features.persistent ? approval : await asks(alone).approvals.request(newApproval())
      assert.equal((await decisions.approve(asks(alone), own)).status, 'approved')
    },
  },
  {
    id: 'V3',
    name: 'what was decided cannot be decided again, by nobody and in no way',
    async run(harness) {
      const store = await openFresh(harness)
      for (const [verb, first] of Object.entries(decisions)) {
        const approval = await asks(store).approvals.request(newApproval())
        const decided = await first(verb === 'withdraw' ? asks(store) : decides(store), approval)
        for (const [again, second] of Object.entries(decisions)) {
          const actor = again === 'withdraw' ? asks(store) : store.as('zoe')
          const stale = await rejection(VersionConflictError, () => second(actor, approval))
          assert.deepEqual([stale.expected, stale.actual], [1, 2])
          const error = await rejection(InvalidTransitionError, () => second(actor, decided))
          assert.deepEqual([error.from, error.allowed], [decided.status, []])
        }
        assert.deepEqual(await store.approvals.get(approval.id), decided)
        assert.equal((await entriesOf(store, approval.id)).length, 2)
      }
    },
  },
  {
    id: 'V4',
    name: 'of deciders at once one wins, and the others get a conflict, in one store',
    async run(harness) {
      const store = await openFresh(harness)
      await decideAtOnce([store, store])
    },
  },
  {
    id: 'V4b',
    name: 'of deciders at once one wins, and the others get a conflict, in two stores',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      await decideAtOnce([await openAt(harness, place), await openAt(harness, place)])
    },
  },
  {
    id: 'V4c',
    name: 'of deciders in two processes one wins each approval, and the other gets a conflict',
    needs: ['processes', 'persistent'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      const ids: string[] = []
      for (let index = 0; index < SEVERAL; index += 1) {
        ids.push((await asks(store).approvals.request(newApproval())).id)
      }
      const { perform } = feature(harness, 'processes')
      const [one, other] = (await Promise.all([
        perform(place, { do: 'decide-approvals', actor: 'ada', ids, decision: 'approve' }),
        perform(place, { do: 'decide-approvals', actor: 'zoe', ids, decision: 'reject' }),
      ])) as readonly (readonly string[])[]
      for (const [index, id] of ids.entries()) {
        const results = [one?.[index], other?.[index]]
        const approval = await store.approvals.get(id)
        const expected =
          approval?.decidedBy === 'ada' ? ['approved', 'VERSION_CONFLICT'] : ['VERSION_CONFLICT', 'rejected']
        assert.deepEqual(results, expected)
        assert.equal((await entriesOf(store, id)).length, 2)
      }
      assert.equal((await store.audit.verify()).ok, true)
    },
  },
  {
    id: 'V5',
    name: 'a request that is repeated with its key returns the stored approval, and other content is refused',
    async run(harness) {
      const store = await openFresh(harness)
      const input = fullApproval({ id: undefined })
      const first = await asks(store).approvals.request(input)
      assert.deepEqual(await asks(store).approvals.request(input), first)
      const decided = await decisions.approve(decides(store), first)
      assert.deepEqual(await asks(store).approvals.request(input), decided)
      const other = await rejection(DuplicateRecordError, () =>
        asks(store).approvals.request({ ...input, reason: 'Another', details: null }),
      )
      assert.deepEqual(other.fields, ['reason', 'details'])
      const stranger = await rejection(DuplicateRecordError, () => decides(store).approvals.request(input))
      assert.deepEqual(stranger.fields, ['requestedBy'])
      await rejection(DuplicateRecordError, () =>
        asks(store).approvals.request(newApproval({ id: first.id })),
      )
      assert.equal(await store.approvals.count(), 1)
      assert.equal((await entriesOf(store, first.id)).length, 2)
    },
  },
  {
    id: 'V5b',
    name: 'unknown ids, blank names, unknown words and options are refused, and nothing is written',
    async run(harness) {
      const store = await openFresh(harness)
      assert.equal(await store.approvals.get(ulid(1)), null)
      const base = { version: 1 }
      for (const verb of ['approve', 'reject', 'withdraw'] as const) {
        await rejection(RecordNotFoundError, () => store.approvals[verb](ulid(1), undefined, base))
        await rejection(InvalidRecordError, () => store.approvals[verb](ulid(1), { reason: ' ' }, base))
        await rejection(InvalidRecordError, () => store.approvals[verb]('', undefined, base))
        await rejection(InvalidRecordError, () =>
          store.approvals[verb](ulid(1), undefined, undefined as unknown as Approval),
        )
        await rejection(InvalidRecordError, () =>
          store.approvals[verb](ulid(1), { because: 'x' } as object, base),
        )
      }
      await rejection(RecordNotFoundError, () => store.approvals.wait(ulid(1)))
      for (const input of [
        { kind: 'call' },
        { kind: ' ' },
        { subjectType: ' ' },
        { subjectId: '' },
        { reason: ' ' },
        { riskLevel: 'great' },
        { status: 'approved' },
        { requestedBy: 'ada' },
        { details: new Date() },
        { expiresAt: 'tomorrow' },
        { idempotencyKey: '' },
      ]) {
        const wrong = { ...newApproval(), ...input } as ReturnType<typeof newApproval>
        await rejection(InvalidRecordError, () => store.approvals.request(wrong), JSON.stringify(input))
      }
      assert.equal(await store.approvals.count(), 0)
      assert.equal(await store.audit.count(), 0)
    },
  },
]
