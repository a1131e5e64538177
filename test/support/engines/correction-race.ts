// Two processes that correct the same decisions at once: each is corrected by one of them, the other
// is told so, and nothing is done twice.

import { expect } from 'vitest'
import { openStore } from '../../../src/index.ts'
import { performInProcess } from './job-process.ts'

/** Decisions of one pair of processes; ids travel on its command line. */
const AT_ONCE = 250

/** @param runs how many decisions are corrected by both */
export async function correctInProcesses(url: string, runs: number): Promise<void> {
  for (let start = 0; start < runs; start += AT_ONCE) await correctSome(url, Math.min(AT_ONCE, runs - start))
}

async function correctSome(url: string, count: number): Promise<void> {
  await using store = await openStore(url)
  const decisions: string[] = []
  for (let index = 0; index < count; index += 1) {
    const { planId } = await store.plans.create(
      {
        name: `local/race-${crypto.randomUUID()}`,
        actionName: 'race',
        description: 'd',
        phase: 'execute',
        state: 'processing',
      },
      { asOf: new Date() },
    )
    const root = await store.decisions.record({
      planId,
      type: 'prompt_definition',
      question: 'q',
      chosenOption: 'c',
    })
    const child = await store.plans.create({ parentPlanId: planId, actionName: 'race', description: 'd' })
    const { decisionId } = await store.decisions.record({
      planId,
      type: 'subplan_spawn',
      parentDecisionId: root.decisionId,
      question: 'q',
      chosenOption: 'c',
      spawnedPlanIds: [child.planId],
    })
    decisions.push(decisionId)
  }
  const [one, other] = (await Promise.all(
    ['ada', 'zoe'].map((actor) =>
      performInProcess({ url, job: { do: 'correct-decisions', actor, decisions } }),
    ),
  )) as unknown as readonly [readonly string[], readonly string[]]
  for (const [index, decisionId] of decisions.entries()) {
    expect([one[index], other[index]].toSorted(), decisionId).toEqual(['DECISION_SUPERSEDED', 'completed'])
    const winner = one[index] === 'completed' ? 'ada' : 'zoe'
    const { items } = await store.corrections.list({ decisionId })
    const states = items.map(({ state, requestedBy }) => `${state} ${requestedBy}`).toSorted()
    expect(states).toEqual([`completed ${winner}`, `failed ${winner === 'ada' ? 'zoe' : 'ada'}`])
    const won = items.find(({ state }) => state === 'completed')
    const decision = await store.decisions.get(decisionId)
    expect(decision?.supersededBy).toBe(won?.resultDecisionId)
    const tree = await store.decisions.tree(decision?.planId ?? '')
    expect([...(tree?.nodes.values() ?? [])].map((node) => node.decision.sequence)).toEqual([1, 2, 3])
    const plan = await store.plans.get(decision?.planId ?? '')
    expect([plan?.phase, plan?.state, plan?.reversionCount]).toEqual(['strategize', 'queued', 1])
    expect(won?.cancelledPlanIds).toHaveLength(1)
  }
  expect(await store.audit.verify()).toMatchObject({ ok: true })
}
