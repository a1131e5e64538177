// The cost record: one model call and its cost. Append-only. Records outlive the tasks and plans
// they refer to.

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
import { callCategories } from './enums.ts'

export * from './enums.ts'

const fields = {
  id: ulid().generated(),
  /**
   * Repeating an append with the same key and content returns the stored record and writes nothing;
   * different content is refused.
   */
  idempotencyKey: id().nullable(),
  agentId: name().filterable(),
  taskId: id().nullable().filterable(),
  /** If omitted and a `taskId` is given: the plan of that task at the time of writing. */
  planId: id().nullable().filterable(),
  /** If omitted and a `taskId` is given: the project of that task. */
  project: name().nullable().filterable(),
  provider: name().filterable(),
  model: name().filterable(),
  inputTokens: integer(0),
  outputTokens: integer(0),
  cacheReadTokens: integer(0).default(0),
  cacheWriteTokens: integer(0).default(0),
  /** Exact, in units of `currency`. */
  cost: money(),
  currency: currency().default('USD').filterable(),
  timestamp: instant().generated(),
  callCategory: oneOf(callCategories).nullable().filterable(),
  latencyMs: integer(0).nullable(),
  success: boolean().nullable(),
  finishReason: name().nullable(),
  metadata: jsonObject(),
}

export type CostRecordFields = typeof fields
/** A cost record as read from the store. */
export type CostRecord = RecordOf<CostRecordFields>
/** The input of `costRecords.append`. `timestamp` defaults to now. */
export type NewCostRecord = NewOf<CostRecordFields>

const costNeedsTokens: Rule<CostRecordFields> = (record) => {
  const tokens = record.inputTokens + record.outputTokens + record.cacheReadTokens + record.cacheWriteTokens
  return tokens === 0 && record.cost !== '0'
    ? [{ path: ['cost'], code: 'rule', message: 'must be 0 for a call without any tokens' }]
    : []
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
  storage: {
    unique: { idempotency_key: ['idempotencyKey'] },
    indexes: {
      timestamp: ['timestamp', 'id'],
      agent: ['agentId', 'timestamp', 'id'],
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
      partitionBy: 'currency',
    },
  },
  rules: [costNeedsTokens],
})
