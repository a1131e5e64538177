// The enumerations of cost records and their totals. This file imports nothing, so that
// `purser --help` can list them without loading the library.

export const callCategories = ['productive', 'coordination', 'system', 'embedding'] as const

/** The groupings of totals. `day` and `hour` are in UTC: `2026-01-31`, `2026-01-31T09`. */
export const costGroupings = [
  'agent',
  'task',
  'plan',
  'rootPlan',
  'project',
  'provider',
  'model',
  'category',
  'currency',
  'day',
  'hour',
] as const

export type CostGrouping = (typeof costGroupings)[number]
