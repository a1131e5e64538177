// Which totals of periods the database keeps for budgets: of cost records, and of the roll-ups that
// come from other databases in place of pruned records.

import type { PeriodTotalsSpec } from '../../engines/contract/engine.ts'

export const PERIODS = 'budget_periods'
export const SPENT = 'budget_spent'
export const HOLDS = 'budget_holds'
export const NOTICES = 'budget_notices'

const shared = {
  periods: PERIODS,
  target: SPENT,
  // Named like the scopes of budgets.
  dimensions: [
    { name: 'everything', column: null },
    { name: 'project', column: 'project' },
    { name: 'agent', column: 'agent_id' },
    { name: 'model', column: 'model' },
    { name: 'plan', column: 'plan_id' },
    { name: 'task', column: 'task_id' },
  ],
  sum: 'cost',
  time: 'timestamp',
  partitionBy: 'currency',
} as const

export const periodTotalsOfRecords: PeriodTotalsSpec = {
  ...shared,
  name: 'cost_records_periods',
  source: 'cost_records',
  settles: { column: 'reservation_id', table: HOLDS, key: 'reservation' },
}

/**
 * A row that is inserted with its sums counts, as in the running totals. Sums added later come from
 * records that were already counted.
 */
export const periodTotalsOfRollups: PeriodTotalsSpec = {
  ...shared,
  name: 'cost_rollups_periods',
  source: 'cost_rollups',
  counts: { records: 'records', unpriced: 'unpriced' },
}
