// The closed lists of words of a cost record and its totals. Nothing is imported here, so that `purser --help` can name them
// without loading the library.

export const callCategories = ['productive', 'coordination', 'system', 'embedding'] as const

/** What totals can be grouped by. `day` and `hour` are in UTC: `2026-01-31`, `2026-01-31T09`. */
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
