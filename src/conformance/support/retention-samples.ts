// Organisations of some age, and what pruning must not change about them.

import assert from 'node:assert/strict'
import type { CostFilter, CostGrouping, CostTotal, NewCostRecord, Store } from '../../index.ts'
import type { Costs } from '../costs/cost-totals.ts'
import { newCost } from './samples.ts'

export const HOUR = 3_600_000
export const DAY = 24 * HOUR

/** The given number of days before now, at the start of an hour. */
export function daysAgo(days: number): Date {
  return new Date(Math.floor((Date.now() - days * DAY) / HOUR) * HOUR)
}

/** Costs of many kinds over sixty days: a fixed mixture, several records in each hour. */
export function oldCosts(count: number): readonly NewCostRecord[] {
  const start = daysAgo(60).getTime()
  return Array.from({ length: count }, (_, index) =>
    newCost({
      agentId: `agent-${index % 3}`,
      taskId: index % 4 === 0 ? null : `task-${index % 5}`,
      planId: index % 5 === 0 ? null : `plan-${index % 2}`,
      project: index % 6 === 0 ? null : 'tide',
      provider: index % 7 === 0 ? 'other' : 'acme',
      model: index % 2 === 0 ? 'small' : 'large-1',
      callCategory: index % 3 === 0 ? null : 'system',
      currency: index % 11 === 0 ? 'EUR' : 'USD',
      inputTokens: 100 + index,
      outputTokens: index % 13,
      cacheReadTokens: index % 17,
      cacheWriteTokens: index % 19,
      cost: index % 9 === 0 ? null : `0.${String(index * 7919 + 1).padStart(9, '0')}`,
      sessionId: index % 8 === 0 ? `session-${index % 3}` : null,
      biller: index % 10 === 0 ? 'broker' : null,
      source: index % 12 === 0 ? 'an adapter' : null,
      timestamp: new Date(start + Math.floor(index / 4) * ((59 * DAY * 4) / count) + (index % 4) * 1000),
      idempotencyKey: `call-${index}`,
    }),
  )
}

const groupings: readonly (readonly CostGrouping[])[] = [
  ['currency'],
  ['currency', 'agent'],
  ['currency', 'task'],
  ['currency', 'plan'],
  ['currency', 'rootPlan'],
  ['currency', 'project', 'provider'],
  ['currency', 'model', 'category', 'day'],
  ['currency', 'hour'],
  ['currency', 'day'],
  ['agent', 'task', 'plan', 'project', 'provider', 'model', 'category', 'currency', 'hour'],
]

const filters: readonly CostFilter[] = [
  {},
  { currency: 'USD' },
  { agentId: 'agent-1' },
  { agentId: ['agent-0', 'agent-2'], model: 'small' },
  { taskId: null, project: 'tide' },
  { planId: 'plan-1', tree: true, provider: 'acme' },
  { callCategory: null, model: 'large-1' },
  { costStatus: 'unpriced' },
  { sessionId: 'session-1' },
  { biller: null, source: 'an adapter' },
]

/** Totals by every grouping, and of every filter, over whole days and hours. */
export async function everyTotal(store: Costs): Promise<readonly (readonly CostTotal[])[]> {
  const ranges = [
    {},
    { since: daysAgo(45) },
    { since: daysAgo(50), until: daysAgo(20) },
    { until: daysAgo(31) },
  ]
  const asked = [
    ...groupings.map((by) => ({ filter: {}, by })),
    ...filters.map((filter) => ({ filter, by: ['currency', 'agent', 'day'] as const })),
  ]
  return Promise.all(
    ranges.flatMap((range) =>
      asked.map(({ filter, by }) => store.costRecords.aggregate({ ...filter, ...range }, { by })),
    ),
  )
}

/** Prunes repeatedly until nothing is left; returns how many rows were deleted in total. */
export async function pruneAll(
  store: Store,
  request: Parameters<Store['retention']['prune']>[0],
): Promise<number> {
  let rows = 0
  for (;;) {
    const results = await store.retention.prune(request)
    const gone = results.reduce((sum, result) => sum + result.rows, 0)
    rows += gone
    const left = results.reduce((sum, result) => sum + result.left, 0)
    if (left === 0) return rows
    assert.ok(gone > 0, `${left} rows are left, and none goes`)
  }
}
