// What of a repeated call need not be equal to the stored record of its key.

import { leftOut } from '../model/differing-fields.ts'
import type { CostRecord, NewCostRecord } from './definition.ts'

/** Fields that the call left to Purser, which may have determined them differently before. */
export function ignoredOfRepeat(input: NewCostRecord, record: CostRecord): readonly string[] {
  return [...leftOut(input, ['id', 'timestamp']), ...toPrice(input), ...toTask(record)]
}

/** What a record takes from its task: a repeated call need not find the task in the same plan. */
export function toTask(record: CostRecord): readonly string[] {
  return record.taskId === null ? [] : leftOut(record, ['planId', 'project'])
}

/** What a record without a cost leaves to prices: they may have changed, or it was priced since. */
function toPrice(input: NewCostRecord): readonly string[] {
  const isOpen = leftOut(input, ['cost']).length > 0 && leftOut(input, ['costStatus']).length > 0
  return isOpen ? ['cost', 'costStatus', 'priceSource'] : []
}
