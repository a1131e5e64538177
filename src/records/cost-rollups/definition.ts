// A cost roll-up: what remains of pruned cost records. One row for each hour (in UTC) and
// combination of all fields that costs can be grouped or filtered by, with exact sums; sums.ts adds
// them to the remaining records.

import { periodTotalsOfRollups } from '../budgets/period-totals.ts'
import { callCategories, costStatuses } from '../cost-records/enums.ts'
import { defineRecord } from '../model/define-record.ts'
import { currency, hash, id, instant, integer, money, name, oneOf } from '../model/fields.ts'

const fields = {
  /** SHA-256 of the hour and the combination, and of a number if one row cannot hold the sums. */
  id: hash().key(),
  /** The start of the hour. */
  timestamp: instant(),
  agentId: name(),
  sessionId: id().nullable(),
  taskId: id().nullable(),
  planId: id().nullable(),
  project: name().nullable(),
  provider: name(),
  model: name(),
  biller: name().nullable(),
  callCategory: oneOf(callCategories).nullable(),
  costStatus: oneOf(costStatuses),
  source: name().nullable(),
  currency: currency(),
  /** Exact, in units of `currency`: of the records that have a cost. */
  cost: money(),
  inputTokens: integer(0),
  outputTokens: integer(0),
  cacheReadTokens: integer(0),
  cacheWriteTokens: integer(0),
  /** How many of the records have no cost. */
  unpriced: integer(0),
  /** How many cost records the row represents. */
  records: integer(0),
}

export type CostRollupFields = typeof fields

export const costRollupDefinition = defineRecord({
  name: 'cost rollup',
  table: 'cost_rollups',
  key: 'id',
  order: { fields: ['timestamp', 'id'], direction: 'desc' },
  fields,
  audit: false,
  storage: {
    indexes: {
      timestamp: ['timestamp', 'id'],
      agent: ['agentId', 'timestamp', 'id'],
      session: ['sessionId', 'timestamp', 'id'],
      task: ['taskId', 'timestamp', 'id'],
      plan: ['planId', 'timestamp', 'id'],
    },
    // A row inserted with its sums (from another database) counts. Sums added later come from
    // records that were already counted.
    totals: {
      name: 'totals',
      table: 'cost_totals',
      shared: true,
      dimensions: {
        agent: 'agentId',
        task: 'taskId',
        plan: 'planId',
        project: 'project',
        provider: 'provider',
        model: 'model',
        category: 'callCategory',
        hour: { hourOf: 'timestamp' },
      },
      sums: ['cost', 'inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'unpriced'],
      partitionBy: 'currency',
      records: 'records',
    },
    periodTotals: periodTotalsOfRollups,
  },
})
