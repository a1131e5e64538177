// Z9–Z11: a reversion writes its decision, supersedes those of the strategy that it drops, and
// cancels the plans below. A redo drops steps alone.

import assert from 'node:assert/strict'
import { InvalidRecordError, InvalidTransitionError } from '../../errors.ts'
import { events, type NewDecision, type Store } from '../../index.ts'
import { type ConformanceCase, openFresh } from '../support/case.ts'
import { newDecision } from '../support/decision-samples.ts'
import { only, rejection } from '../support/expect.ts'
import { newPlan, takenOver, ulid } from '../support/samples.ts'

const inExecute = { phase: 'execute', state: 'errored', error: { message: 'x', details: null } } as const

async function reversionOf(store: Store, planId: string) {
  return only((await store.decisions.list({ planId, type: 'reversion', live: true })).items)
}

export const reversionCases: readonly ConformanceCase[] = [
  {
    id: 'Z9',
    name: 'a reversion writes its decision under the root and supersedes those of the dropped strategy, what people said excepted',
    async run(harness) {
      const store = await openFresh(harness)
      const plan = await store.plans.create(newPlan(inExecute), takenOver())
      const { planId } = plan
      const record = (more: Partial<NewDecision>) => store.decisions.record(newDecision(planId, more))
      const root = await record({})
      const parentDecisionId = root.decisionId
      const choice = await record({ type: 'strategy_choice', parentDecisionId })
      const recovery = await record({ type: 'error_recovery', parentDecisionId: choice.decisionId })
      const said = await record({ type: 'user_intervention', parentDecisionId })
      const saidOfIt = await record({ type: 'user_intervention', parentDecisionId: choice.decisionId })
      const enforced = await record({ type: 'invariant_enforced', parentDecisionId })
      const after = await store.plans.revert(planId, 'The tests fail', { version: 2 })
      const reversion = await reversionOf(store, planId)
      assert.deepEqual(
        [reversion.parentDecisionId, reversion.sequence, reversion.rationale, after.decisionRootId],
        [root.decisionId, 7, 'The tests fail', root.decisionId],
      )
      const superseded = (await store.decisions.list({ planId, live: false })).items
      assert.deepEqual(
        superseded.map(({ decisionId, supersededBy }) => [decisionId, supersededBy]),
        [choice, recovery, saidOfIt, enforced].map(({ decisionId }) => [decisionId, reversion.decisionId]),
      )
      assert.equal((await store.decisions.get(said.decisionId))?.supersededBy, null)
      const entry = only((await store.audit.query({ planId, action: 'plan:revert' })).items)
      assert.equal(Reflect.get(entry.details as object, 'decision'), reversion.decisionId)
      assert.equal(Reflect.get(entry.details as object, 'superseded'), 4)
    },
  },
  {
    id: 'Z9b',
    name: 'a reversion of a plan without decisions writes its root as well, under the id that the plan names',
    async run(harness) {
      const store = await openFresh(harness)
      for (const [name, decisionRootId] of [
        ['local/none', null],
        ['local/named', ulid(41)],
        ['local/label', 'decision-1'],
      ] as const) {
        const input = newPlan({ ...inExecute, name, decisionRootId, description: 'Ship it' })
        const { planId, version } = await store.plans.create(input, takenOver())
        const after = await store.plans.revert(planId, 'No', { version })
        const tree = await store.decisions.tree(planId)
        assert.deepEqual(
          [tree?.root?.decision.chosenOption, tree?.root?.children.map(({ decision }) => decision.type)],
          ['Ship it', ['reversion']],
        )
        assert.equal(after.decisionRootId, tree?.root?.decision.decisionId)
        if (name === 'local/named') assert.equal(after.decisionRootId, ulid(41))
        assert.deepEqual(await store.plans.get(planId), after)
      }
    },
  },
  {
    id: 'Z9c',
    name: 'of reversions at once one is made, and it alone writes a decision',
    async run(harness) {
      const store = await openFresh(harness)
      for (let round = 0; round < 6; round += 1) {
        const input = newPlan({ ...inExecute, name: `local/r${round}` })
        const plan = await store.plans.create(input, takenOver())
        const calls = Array.from({ length: 4 }, () => store.plans.revert(plan.planId, 'No', plan))
        const results = await Promise.allSettled(calls)
        assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
        assert.equal((await store.decisions.tree(plan.planId))?.nodes.size, 2)
      }
    },
  },
  {
    id: 'Z10',
    name: 'a reversion cancels the live plans below with its reason, in its transaction, and no others',
    async run(harness) {
      const store = await openFresh(harness)
      const at = (id: number, parent: number | null, place: 'queued' | 'applied' = 'queued') =>
        newPlan({
          planId: ulid(id),
          parentPlanId: parent === null ? null : ulid(parent),
          ...(place === 'queued' ? {} : { phase: 'apply', state: 'applied' }),
        })
      const top = newPlan({ planId: ulid(1), phase: 'apply', state: 'processing', lastCompletedStep: 4 })
      const [before] = await store.plans.createMany(
        [top, at(2, 1), at(3, 1, 'applied'), at(4, 2), at(5, 4), at(6, null)],
        takenOver(),
      )
      assert.ok(before)
      const moved: string[] = []
      store.on(events.planMoved, ({ id, move }) => moved.push(`${move} ${id}`))
      const after = await store.plans.revert(ulid(1), 'Too slow', { version: 1 })
      assert.deepEqual([after.lastCompletedStep, after.reversionCount], [-1, 1])
      const states = await store.plans.getMany([2, 3, 4, 5, 6].map((id) => ulid(id)))
      assert.deepEqual(
        [...states.values()]
          .sort((a, b) => (a.planId < b.planId ? -1 : 1))
          .map(({ state, cancelReason }) => [state, cancelReason]),
        [
          ['cancelled', 'Too slow'],
          ['applied', null],
          ['cancelled', 'Too slow'],
          ['cancelled', 'Too slow'],
          ['queued', null],
        ],
      )
      assert.deepEqual(moved.toSorted(), [
        ...[2, 4, 5].map((id) => `cancel ${ulid(id)}`),
        `revert ${ulid(1)}`,
      ])
      const entry = only((await store.audit.query({ planId: ulid(1), action: 'plan:revert' })).items)
      assert.equal(Reflect.get(entry.details as object, 'cancelled'), 3)
      assert.equal(await store.audit.count({ action: 'plan:cancel' }), 3)
      assert.equal((await store.audit.verify()).ok, true)
    },
  },
  {
    id: 'Z11',
    name: 'a redo takes a complete strategy back with its reason; it counts no reversion and drops its steps alone',
    async run(harness) {
      const store = await openFresh(harness)
      const complete = newPlan({ phase: 'strategize', state: 'complete', reversionCount: 3 })
      const { planId } = await store.plans.create(complete, takenOver())
      const child = await store.plans.create(newPlan({ parentPlanId: planId }))
      await store.plans.step(planId, { index: 0, status: 'completed' })
      const plan = await store.plans.get(planId)
      assert.equal(plan?.lastCompletedStep, 0)
      await rejection(InvalidRecordError, () => store.plans.redo(planId, ' ', plan))
      const after = await store.plans.redo(planId, 'Where does the data come from?', plan)
      assert.deepEqual(
        [after.phase, after.state, after.reversionCount, after.attempt, after.version],
        ['strategize', 'queued', 3, plan.attempt, plan.version + 1],
      )
      assert.equal(after.lastCompletedStep, -1)
      assert.deepEqual(await store.plans.steps(planId), [])
      assert.deepEqual(await store.plans.get(child.planId), child)
      assert.equal(await store.decisions.count({ planId }), 0)
      const entry = only((await store.audit.query({ planId, action: 'plan:redo' })).items)
      assert.equal(entry.reason, 'Where does the data come from?')
      await rejection(InvalidTransitionError, () => store.plans.redo(planId, 'Again', after))
    },
  },
]
