// A sum of costs in words. What has no cost is said beside the amount, so that a reader never takes
// the sum of some records for that of all.

import type { ExactCount } from '../../../index.ts'
import { money } from '../../screen/amounts.ts'
import { counted, grouped } from '../../screen/text.ts'

interface Sum {
  readonly cost: string
  readonly currency: string
  readonly records: ExactCount
  readonly unpriced: ExactCount
}

/** `0.42 USD in 3 model calls, 1 without a known cost`. */
export function sumText({ cost, currency, ...counts }: Sum): string {
  return `${money(cost, currency)} ${callsText(counts)}`
}

/** `in 3 model calls, 1 without a known cost`. */
export function callsText({ records, unpriced }: Pick<Sum, 'records' | 'unpriced'>): string {
  return `in ${counted(records, 'model call')}${isNone(unpriced) ? '' : `, ${grouped(unpriced)} without a known cost`}`
}

/** Whether an exact count is zero. */
export function isNone(count: ExactCount): boolean {
  return Number(count) === 0
}
