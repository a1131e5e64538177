// The enumerations of cost records and their totals. This file imports nothing, so that
// `purser --help` can list them without loading the library.

export const callCategories = ['productive', 'coordination', 'system', 'embedding'] as const

/** How the cost of a call is known. */
export const costStatuses = ['reported', 'computed', 'unpriced'] as const

/**
 * The groupings of totals, besides `metadata.KEY`. The last four are periods of a time zone, UTC by
 * default: `2026-01`, `2026-W05` (ISO 8601), `2026-01-31`, `2026-01-31T09`.
 */
export const costGroupings = [
  'agent',
  'session',
  'task',
  'plan',
  'rootPlan',
  'project',
  'provider',
  'model',
  'biller',
  'category',
  'costStatus',
  'source',
  'currency',
  'month',
  'week',
  'day',
  'hour',
] as const

/** `metadata.team` groups by the value of `team` in the metadata. */
export type CostGrouping = (typeof costGroupings)[number] | `metadata.${string}`
