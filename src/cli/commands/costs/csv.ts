// A report as CSV (RFC 4180), for spreadsheets. Keys are what agents wrote: a text that a
// spreadsheet would take for a formula gets an apostrophe before it, which they do not show.

import type { CostGrouping, CostSums, ExactCount } from '../../../index.ts'
import { keyOf, type NamesOf } from './names.ts'
import type { Group } from './report-view.ts'

const sums = [
  'cost',
  'unpriced',
  'records',
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
] as const satisfies readonly (keyof CostSums)[]

/** The characters with which a cell begins that is taken for a formula. */
const formula = /^[=+\-@\t\r\n]/

/**
 * A line of names, then one for each group; amounts and counts are exact and without separators.
 */
export function csvOf(by: readonly CostGrouping[], groups: readonly Group[], names: NamesOf): string {
  const keys = by.filter((grouping) => grouping !== 'currency')
  const isNamed = names.size > 0
  const isCompared = groups.some(({ previous }) => previous)
  const header = [
    ...keys.flatMap((grouping) => (isNamed ? [grouping, `${grouping}Name`] : [grouping])),
    'currency',
    ...sums,
    ...(isCompared ? sums.map((name) => `previous.${name}`) : []),
  ]
  const rows = groups.map((group) => [
    ...keys.flatMap((grouping) => {
      const key = keyOf(group, grouping) ?? ''
      return isNamed ? [key, names.get(key) ?? ''] : [key]
    }),
    group.currency,
    ...numbersOf(group),
    ...(isCompared && group.previous ? numbersOf(group.previous) : []),
  ])
  return [header, ...rows].map((cells) => cells.map(cellText).join(',')).join('\r\n')
}

function numbersOf(group: CostSums<ExactCount>): readonly string[] {
  return sums.map((name) => String(group[name]))
}

function cellText(value: string): string {
  const safe = formula.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
