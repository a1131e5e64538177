// G6–G9: the frozen profile is asked at each move: who may make it, what uses an approval up, what
// overrides the rule, and what the audit trail says of each.

import assert from 'node:assert/strict'
import { GateClosedError, InvalidRecordError, VersionConflictError } from '../../errors.ts'
import { type AutomationStep, events, gate, type Plan, type PlanMove, type Store } from '../../index.ts'
import { type ConformanceCase, openAt, openFresh, openStrict } from '../support/case.ts'
import { only, rejection } from '../support/expect.ts'
import { newProfile, readyAction, readyPlan, takenOver } from '../support/samples.ts'
import { inPlace, makeMove, placeOf } from './plan-moves.ts'

/** Every move that a step of the profile decides about, and from where. */
const gated: readonly (readonly [PlanMove, string, AutomationStep])[] = [
  ['use', 'action/queued', 'decomposeTask'],
  ['start', 'strategize/queued', 'decomposeTask'],
  ['advance', 'strategize/complete', 'createTool'],
  ['advance', 'execute/complete', 'selectTool'],
  ['revert', 'execute/errored', 'deleteContent'],
  ['revert', 'apply/constrained', 'accessNetwork'],
  ['retry', 'strategize/errored', 'modifyConfig'],
  ['retry', 'execute/errored', 'modifyConfig'],
  ['retry', 'apply/errored', 'modifyConfig'],
]

function planAt(store: Store, automationProfile: string, place: string): Promise<Plan> {
  return store.plans.create(readyPlan({ automationProfile, ...inPlace(place) }), takenOver())
}

async function lastEntry(store: Store, { planId }: Plan) {
  const [entry] = (await store.audit.query({ planId }, { limit: 1 })).items
  assert.ok(entry)
  return entry
}

export const moveGateCases: readonly ConformanceCase[] = [
  {
    id: 'G6',
    name: 'each built-in profile at each of its gates: the plan moves by itself, or only a human moves it',
    async run(harness) {
      const store = await openStrict(harness)
      const agent = store.as('agent-7')
      await store.actions.create(readyAction)
      for (const { name } of await store.automationProfiles.list()) {
        for (const [move, place, step] of gated) {
          const about = `${name}: ${move} from ${place}`
          const before = await planAt(store, name, place)
          const { planId } = before
          if (gate(before, step) === 'auto') {
            await makeMove(agent, move, planId, before)
            continue
          }
          const error = await rejection(GateClosedError, () => makeMove(agent, move, planId, before), about)
          const threshold = before.effectiveProfile?.[step]
          assert.deepEqual(
            [error.step, error.threshold, error.confidence, error.approvalId],
            [step, threshold, null, undefined],
            about,
          )
          assert.deepEqual(await store.plans.get(planId), before, about)
          await rejection(GateClosedError, () => makeMove(store.as('human: '), move, planId, before), about)
          await makeMove(store.as('human:ada'), move, planId, before)
          assert.deepEqual((await lastEntry(store, before)).matchedRules, [], about)
        }
      }
    },
  },
  {
    id: 'G6b',
    name: 'a confidence that reaches the threshold opens the gate of a move, one below it does not',
    async run(harness) {
      const store = await openStrict(harness)
      const { name } = await store.automationProfiles.create(newProfile({ createTool: 0.7 }))
      const plan = await planAt(store, name, 'strategize/complete')
      const { planId, version } = plan
      const low = await rejection(GateClosedError, () =>
        store.plans.advance(planId, { version, confidence: 0.69 }),
      )
      assert.deepEqual([low.threshold, low.confidence], [0.7, 0.69])
      for (const confidence of [1.1, -1, Number.NaN, '1'])
        await rejection(InvalidRecordError, () =>
          store.plans.advance(planId, { version, confidence: confidence as number }),
        )
      await store.plans.advance(planId, { version, confidence: 0.7 })
      const { verdict, matchedRules, details } = await lastEntry(store, plan)
      assert.deepEqual([verdict, matchedRules], ['allow', ['createTool']])
      assert.deepEqual((details as { gate: unknown }).gate, {
        step: 'createTool',
        confidence: 0.7,
        approvalId: null,
      })
    },
  },
  {
    id: 'G7',
    name: 'an approval of this plan, step and version opens the gate of the move once; one that is pending or rejected is named',
    async run(harness) {
      const store = await openStrict(harness)
      const agent = store.as('agent-7')
      const told: string[] = []
      for (const name of [events.planMoved, events.approvalUsed]) store.on(name, () => told.push(name))
      const plan = await planAt(store, 'manual', 'strategize/complete')
      const { planId } = plan
      const { approval: asked } = await agent.plans.proceed(planId, { step: 'createTool' }, plan)
      assert.ok(asked)
      const closed = () => rejection(GateClosedError, () => agent.plans.advance(planId, plan))
      assert.equal((await closed()).approvalId, asked.id)
      await store.as('ada').approvals.approve(asked.id, undefined, asked)
      const after = await agent.plans.advance(planId, plan)
      assert.deepEqual([placeOf(after), after.version], ['execute/queued', 2])
      assert.deepEqual(await store.plans.get(planId), after)
      assert.ok((await store.approvals.get(asked.id))?.usedAt instanceof Date)
      assert.deepEqual(told, [events.planMoved, events.approvalUsed])
      const entry = only((await store.audit.query({ planId, action: 'plan:advance' })).items)
      assert.deepEqual([entry.verdict, entry.matchedRules], ['allow', ['createTool']])
      assert.deepEqual((entry.details as { gate: { approvalId: string } }).gate.approvalId, asked.id)

      const other = await planAt(store, 'manual', 'strategize/complete')
      const { approval: refused } = await agent.plans.proceed(other.planId, { step: 'createTool' }, other)
      assert.ok(refused)
      await store.as('ada').approvals.reject(refused.id, undefined, refused)
      const error = await rejection(GateClosedError, () => agent.plans.advance(other.planId, other))
      assert.equal(error.approvalId, refused.id)
      const changed = await store.plans.update(other.planId, { description: 'Another' }, other)
      const anew = await rejection(GateClosedError, () => agent.plans.advance(other.planId, changed))
      assert.equal(anew.approvalId, undefined)
    },
  },
  {
    id: 'G7b',
    name: 'of two who move a plan at once with one approval one wins, and the approval is used once',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const stores = [
        await openAt(harness, place, { enforce: undefined }),
        await openAt(harness, place, { enforce: undefined }),
      ]
      const [store] = stores as [Store]
      for (let round = 0; round < 5; round += 1) {
        const plan = await planAt(store, 'manual', 'execute/errored')
        const { planId } = plan
        const { approval } = await store.as('agent-7').plans.proceed(planId, { step: 'deleteContent' }, plan)
        assert.ok(approval)
        await store.as('ada').approvals.approve(approval.id, undefined, approval)
        const results = await Promise.allSettled(
          stores.map((one) => one.as('agent-7').plans.revert(planId, 'Wrong', plan)),
        )
        only(results.filter(({ status }) => status === 'fulfilled'))
        for (const result of results)
          if (result.status === 'rejected') assert.ok(result.reason instanceof VersionConflictError)
        assert.equal((await store.plans.get(planId))?.reversionCount, 1)
        assert.equal(await store.audit.count({ planId, action: 'approval:use' }), 1)
        assert.equal(await store.decisions.count({ planId, type: 'reversion' }), 1)
      }
      assert.equal((await store.audit.verify()).ok, true)
    },
  },
  {
    id: 'G8',
    name: 'the rule of gates is overridden by name and with a reason, which the entry of the move has',
    async run(harness) {
      const store = await openStrict(harness)
      const plan = await planAt(store, 'manual', 'strategize/complete')
      const { planId, version } = plan
      await rejection(InvalidRecordError, () => store.plans.advance(planId, { version, override: ['gate'] }))
      await rejection(InvalidRecordError, () =>
        store.plans.advance(planId, { version, override: ['gates' as 'gate'], reason: 'because' }),
      )
      await rejection(GateClosedError, () =>
        store.plans.advance(planId, { version, override: ['budget'], reason: 'because' }),
      )
      assert.deepEqual(await store.plans.get(planId), plan)
      await store.plans.advance(planId, { version, override: ['gate'], reason: 'Agreed by phone' })
      const { verdict, riskLevel, matchedRules, reason, details } = await lastEntry(store, plan)
      assert.deepEqual(
        [verdict, riskLevel, matchedRules, reason],
        ['allow', 'medium', ['gate'], 'Agreed by phone'],
      )
      assert.deepEqual((details as { overridden: unknown }).overridden, ['gate'])
      const wrong = await planAt(store, 'manual', 'execute/errored')
      await store.plans.revert(wrong.planId, 'Wrong way', { version: 1, override: ['gate'] })
      assert.equal((await lastEntry(store, wrong)).reason, 'Wrong way')
    },
  },
  {
    id: 'G9',
    name: 'where rules are recorded a move past a closed gate goes through, and its entry escalates',
    async run(harness) {
      const store = await openFresh(harness, { enforce: 'record' })
      const told: unknown[] = []
      store.on(events.ruleRecorded, (payload) => told.push(payload))
      const plan = await planAt(store, 'manual', 'strategize/complete')
      const after = await store.plans.advance(plan.planId, plan)
      assert.equal(placeOf(after), 'execute/queued')
      assert.deepEqual(told, [{ rule: 'gate' }])
      const { verdict, matchedRules, details } = await lastEntry(store, plan)
      assert.deepEqual([verdict, matchedRules], ['escalate', ['gate']])
      const { broken } = details as { broken: readonly { rule: string; message: string }[] }
      assert.equal(only(broken).rule, 'gate')
      assert.match(only(broken).message, /createTool/)
      const human = await planAt(store, 'manual', 'strategize/complete')
      await store.as('human:ada').plans.advance(human.planId, human)
      assert.deepEqual((await lastEntry(store, human)).verdict, 'record')
      const waiting = await planAt(store, 'manual', 'strategize/complete')
      const { outcome } = await store.plans.proceed(waiting.planId, { step: 'createTool' }, waiting)
      assert.equal(outcome, 'waiting')
      assert.equal((await store.audit.verify()).ok, true)
    },
  },
]
