// Records the plans of the demo's story, move by move as its agents, so that the audit trail reads
// as if it had happened. What exists is left unchanged, what is missing is added.

import type { Plan, Store } from '../../../index.ts'
import {
  actions,
  CONFIDENCE,
  type DemoMove,
  decisions,
  human,
  planMovesMade,
  plans,
  profile,
} from './plans.ts'

/** Counts what already existed. */
export interface Found {
  plans: number
  moves: number
  decisions: number
}

/** The tree of plans of the demo, and their moves. */
export async function recordPlans(store: Store, found: Found): Promise<void> {
  const { automationProfiles, actions: templates, plans: planned } = store.as('mira')
  if ((await automationProfiles.get(profile.name)) === null) await automationProfiles.create(profile)
  for (const action of actions)
    if ((await templates.get(action.name)) === null) await templates.create(action)
  const ids = plans.map((plan) => plan.planId ?? '')
  const there = await store.plans.getMany(ids)
  found.plans = there.size
  const missing = plans.filter((plan) => !there.has(plan.planId ?? ''))
  const made = missing.length === 0 ? [] : await planned.createMany(missing)
  await makeMoves(store, new Map([...there, ...made.map((plan) => [plan.planId, plan] as const)]), found)
  for (const decision of decisions) {
    if ((await store.audit.get(decision.id)) === null) await store.audit.append(decision)
    else found.decisions += 1
  }
}

/**
 * Each move is made at the version that the plan has in the story by then: a plan that was changed
 * since is left unchanged.
 */
async function makeMoves(store: Store, current: Map<string, Plan>, found: Found): Promise<void> {
  const { movesFrom } = await import('../../../index.ts')
  const versions = new Map<string, number>()
  for (const step of planMovesMade) {
    const version = (versions.get(step.planId) ?? 0) + 1
    versions.set(step.planId, version)
    const plan = current.get(step.planId)
    const isNext = plan?.version === version && movesFrom(plan).some(({ move }) => move === step.move)
    if (plan && isNext) current.set(step.planId, await make(store, plan, step))
    else found.moves += 1
  }
}

function make(store: Store, plan: Plan, { actor, move, text }: DemoMove): Promise<Plan> {
  const { plans: acting } = store.as(actor)
  const { planId } = plan
  switch (move) {
    case 'fail':
      return acting.fail(planId, { message: text }, plan)
    case 'redo':
    case 'revert':
      return acting[move](planId, text, plan)
    case 'cancel':
      return acting.cancel(planId, text, { version: plan.version })
    case 'advance':
      return acting.advance(
        planId,
        actor === human ? plan : { version: plan.version, confidence: CONFIDENCE },
      )
    default:
      return acting[move](planId, plan)
  }
}
