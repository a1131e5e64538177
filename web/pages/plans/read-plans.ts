// Reads every plan, page after page: a tree needs all of its plans. At most 20,000 are read; the
// page says so if there are more. Later reads take what has changed since, unless plans are gone.

import { type UseQueryResult, useQuery } from '@tanstack/preact-query'
import { get, type Query } from '../../api/client.ts'
import type { Problem } from '../../api/problem.ts'
import { queries } from '../../api/queries.ts'
import type { Page, Plan } from '../../api/records.ts'

export const MOST_PLANS = 20_000
const KEY = ['every plan']

export interface AllPlans {
  /** By creation time, then id. */
  readonly plans: readonly Plan[]
  readonly isComplete: boolean
}

export function useAllPlans(): UseQueryResult<AllPlans, Problem> {
  return useQuery<AllPlans, Problem>({
    queryKey: KEY,
    queryFn: ({ signal }) => readPlans(queries.getQueryData<AllPlans>(KEY), signal),
    meta: { records: ['plan'] },
  })
}

async function readPlans(before: AllPlans | undefined, signal: AbortSignal): Promise<AllPlans> {
  if (before?.isComplete && before.plans.length > 0) {
    const changed = await readAll({ updatedAfter: justBefore(before.plans) }, signal)
    const merged = new Map([...before.plans, ...changed.plans].map((plan) => [plan.planId, plan]))
    const { count } = await get<{ readonly count: number }>('/plans/count', {}, signal)
    if (count === merged.size) return { plans: [...merged.values()], isComplete: true }
  }
  return readAll({}, signal)
}

async function readAll(query: Query, signal: AbortSignal): Promise<AllPlans> {
  const plans: Plan[] = []
  let cursor: string | undefined
  do {
    const page: Page<Plan> = await get('/plans', { ...query, limit: 1000, cursor }, signal)
    plans.push(...page.items)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined && plans.length < MOST_PLANS)
  return { plans, isComplete: cursor === undefined }
}

/**
 * A little before the last change that is known: commits of the same time, and of clocks that are
 * behind, are read again.
 */
function justBefore(plans: readonly Plan[]): string {
  const last = plans.reduce((latest, { updatedAt }) => Math.max(latest, Date.parse(updatedAt)), 0)
  return new Date(last - 60_000).toISOString()
}
