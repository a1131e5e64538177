// The cost record: one model call and its cost. Append-only. Records outlive the tasks and plans
// they refer to.

import { periodTotalsOfRecords } from '../budgets/period-totals.ts'
import { defineRecord, type NewOf, type RecordOf, type Rule } from '../model/define-record.ts'
import {
  boolean,
  currency,
  id,
  instant,
  integer,
  jsonObject,
  money,
  name,
  oneOf,
  ulid,
} from '../model/fields.ts'
import { callCategories, costStatuses } from './enums.ts'

export * from './enums.ts'

const fields = {
  id: ulid().generated(),
  /**
   * Repeating an append with the same key and content returns the stored record and writes nothing;
   * different content is refused.
   */
  idempotencyKey: id().nullable(),
  agentId: name().filterable(),
  /** The conversation or run of the agent, in its own words. */
  sessionId: id().nullable().filterable(),
  taskId: id().nullable().filterable(),
  /** If omitted and a `taskId` is given: the plan of that task at the time of writing. */
  planId: id().nullable().filterable(),
  /** If omitted and a `taskId` is given: the project of that task. */
  project: name().nullable().filterable(),
  provider: name().filterable(),
  model: name().filterable(),
  /** Who charges for the call, if that is not the provider: the price may differ. */
  biller: name().nullable().filterable(),
  /**
   * The tokens that were neither read from a cache nor written to one. Some providers report a sum
   * that includes those: subtract them.
   */
  inputTokens: integer(0),
  /** All tokens that the model produced, including those of its reasoning. */
  outputTokens: integer(0),
  /** The part of `outputTokens` that was reasoning. */
  reasoningTokens: integer(0).default(0),
  /** Read from a cache; not in `inputTokens`. */
  cacheReadTokens: integer(0).default(0),
  /** Written to a cache; not in `inputTokens`. */
  cacheWriteTokens: integer(0).default(0),
  /**
   * The part of `cacheWriteTokens` that is kept for an hour, which some providers charge more for.
   */
  cacheWrite1hTokens: integer(0).default(0).column('cache_write_1h_tokens'),
  /**
   * Exact, in units of `currency`; null if it is not known, which is never the same as 0. Sums say
   * beside the amount how many records have none.
   */
  cost: money().nullable(),
  /**
   * `reported`: the amount is the caller's or the provider's. `computed`: it was computed from the
   * prices of `priceSource`. `unpriced`: it is not known, so `cost` is null. If omitted: `reported`
   * with a cost, `unpriced` without one.
   */
  costStatus: oneOf(costStatuses).generated().filterable(),
  /** The table of prices that a computed cost comes from, and its date. */
  priceSource: name().nullable(),
  currency: currency().default('USD').filterable(),
  timestamp: instant().generated(),
  callCategory: oneOf(callCategories).nullable().filterable(),
  latencyMs: integer(0).nullable(),
  success: boolean().nullable(),
  finishReason: name().nullable(),
  /** What recorded the call: an adapter, an import. */
  source: name().nullable().filterable(),
  metadata: jsonObject(),
  /**
   * The reservation that this cost settles (`budgets.reserve`). What it held is free from then on;
   * a reservation that has ended, or that never was, changes nothing.
   */
  reservationId: id().nullable(),
}

export type CostRecordFields = typeof fields
/** A cost record as read from the store. */
export type CostRecord = RecordOf<CostRecordFields>
/** The input of `costRecords.append`. `timestamp` defaults to now. */
export type NewCostRecord = NewOf<CostRecordFields>

const costNeedsTokens: Rule<CostRecordFields> = (record) => {
  const tokens = record.inputTokens + record.outputTokens + record.cacheReadTokens + record.cacheWriteTokens
  return tokens === 0 && record.cost !== null && record.cost !== '0'
    ? [{ path: ['cost'], code: 'rule', message: 'must be 0 for a call without any tokens' }]
    : []
}

const partsOfTokens: Rule<CostRecordFields> = (record) =>
  (
    [
      ['reasoningTokens', 'outputTokens'],
      ['cacheWrite1hTokens', 'cacheWriteTokens'],
    ] as const
  ).flatMap(([part, whole]) =>
    record[part] > record[whole]
      ? [{ path: [part], code: 'rule', message: `must be at most ${whole}, of which they are a part` }]
      : [],
  )

const statusFitsCost: Rule<CostRecordFields> = ({ cost, costStatus, priceSource }) => {
  if ((cost === null) !== (costStatus === 'unpriced')) {
    const message =
      cost === null
        ? 'must be unpriced for a record without a cost'
        : 'must not be unpriced for a record with a cost'
    return [{ path: ['costStatus'], code: 'rule', message }]
  }
  if ((priceSource === null) === (costStatus !== 'computed')) return []
  const message =
    priceSource === null ? 'is required for a computed cost' : 'must be null unless the cost is computed'
  return [{ path: ['priceSource'], code: 'rule', message }]
}

/**
 * One model call: who made it, what it was for, its tokens, and what it cost, exactly. Append
 * only. Records outlive what they point to: deleting a task leaves its costs.
 */
export const costRecordDefinition = defineRecord({
  name: 'cost record',
  table: 'cost_records',
  key: 'id',
  uniqueKey: 'idempotencyKey',
  order: { fields: ['timestamp', 'id'], direction: 'desc' },
  fields,
  audit: false,
  storage: {
    unique: { idempotency_key: ['idempotencyKey'] },
    indexes: {
      timestamp: ['timestamp', 'id'],
      agent: ['agentId', 'timestamp', 'id'],
      session: ['sessionId', 'timestamp', 'id'],
      task: ['taskId', 'timestamp', 'id'],
      plan: ['planId', 'timestamp', 'id'],
    },
    totals: {
      name: 'totals',
      table: 'cost_totals',
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
      sums: ['cost', 'inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens'],
      missing: { name: 'unpriced', field: 'cost' },
      partitionBy: 'currency',
    },
    periodTotals: periodTotalsOfRecords,
  },
  rules: [costNeedsTokens, partsOfTokens, statusFitsCost],
})
