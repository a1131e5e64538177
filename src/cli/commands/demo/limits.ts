// What the demo's agents may not do by themselves: a budget that most of the costs of a project
// have used up, and a step of a plan that waits for a person.

import type { Approval, NewBudget, Store } from '../../../index.ts'
import { planId } from './plans.ts'

/** Warns as soon as the costs of the story are recorded. */
export const budget: NewBudget = {
  name: 'demo/tide-api',
  scope: 'project',
  target: 'tide-api',
  period: 'total',
  limit: '1',
}

/** The step that its profile leaves to a plan that is surer than this. */
export const asked = {
  planId: planId(5),
  /** The plan's version at the end of the story. */
  version: 4,
  actor: 'otto',
  step: 'createTool',
  confidence: 0.6,
  reason: 'Nobody has measured yet how much a day of predictions takes',
} as const

/** Counts what already existed. */
export interface FoundLimits {
  budgets: number
  approvals: number
}

/** Creates the budget of the demo, where it is missing. */
export async function recordBudget(store: Store, found: FoundLimits): Promise<void> {
  if ((await store.budgets.get(budget.name)) === null) await store.as('mira').budgets.create(budget)
  else found.budgets += 1
}

/** The gate asks for the approval. A plan that was changed since is left unchanged. */
export async function recordApproval(store: Store, found: FoundLimits): Promise<void> {
  const { step, confidence, reason, version, actor } = asked
  if ((await findApproval(store)) !== undefined) found.approvals += 1
  else if ((await store.plans.get(asked.planId))?.version === version)
    await store.as(actor).plans.proceed(asked.planId, { step, confidence, reason }, { version })
}

/** The last approval that the plan asked for at this step. */
export async function findApproval(store: Store): Promise<Approval | undefined> {
  const filter = { planId: asked.planId, kind: `plan:${asked.step}` }
  const { items } = await store.approvals.list(filter, { limit: 1, order: 'desc' })
  return items[0]
}
