// The filters that cost lists and reports share.

import type { CostFilter } from '../../../index.ts'
import { callCategories, costStatuses } from '../../../records/cost-records/enums.ts'
import { type FlagValues, fieldsOf, time, toggle, under, words } from '../../flags/flags.ts'
import { addAbsent, anyOf, withoutFlag } from '../../flags/listing.ts'
import { UsageError } from '../../run/failure.ts'
import { printableLine } from '../../screen/text.ts'
import { absolute } from '../../screen/times.ts'

const absent = {
  session: 'sessionId',
  task: 'taskId',
  plan: 'planId',
  project: 'project',
  biller: 'biller',
  category: 'callCategory',
  source: 'source',
} as const

export const costFilters = under('Filters:', {
  since: time('only calls from then on: a time with offset, a date (UTC), or an age such as 7d or 24h', {
    field: 'since',
  }),
  until: time('only calls before then', { field: 'until' }),
  agent: anyOf('agent', 'only calls of this agent', 'agentId'),
  session: anyOf('id', 'only calls of this session', 'sessionId'),
  task: anyOf('id', 'only calls for this task', 'taskId'),
  plan: anyOf('id', 'only calls for this plan', 'planId'),
  tree: toggle('with --plan: and for the plans below it'),
  project: anyOf('name', 'only calls for this project', 'project'),
  provider: anyOf('name', 'only calls to this provider', 'provider'),
  model: anyOf('name', 'only calls of this model', 'model'),
  biller: anyOf('name', 'only calls that this one charges for', 'biller'),
  costStatus: words(costStatuses, 'only calls whose cost is known in these ways', { field: 'costStatus' }),
  source: anyOf('name', 'only calls that this recorded', 'source'),
  category: words(callCategories, 'only calls of these kinds', { field: 'callCategory' }),
  currency: anyOf('code', 'only costs in this currency', 'currency'),
  without: withoutFlag(absent, 'calls'),
})

type Values = FlagValues<typeof costFilters>

/** The filter that the flags of a command come to. */
export function costFilterOf(values: Values): CostFilter {
  if (values.tree && values.plan.length !== 1) throw new UsageError('--tree needs one plan: --plan ID')
  const filter = addAbsent(fieldsOf(costFilters, values), values.without, absent)
  // A tree has one root, and a single currency reads better than a list of one.
  const single = Object.entries(filter).map(([field, value]) => [
    field,
    Array.isArray(value) && value.length === 1 ? value[0] : value,
  ])
  return { ...Object.fromEntries(single), ...(values.tree ? { tree: true } : {}) } as CostFilter
}

/** The filter in words, for a heading: `otto, since 2026-01-31 00:00:00 UTC`. */
export function filterText(values: Values): string {
  const { since, until, tree, without } = values
  const named = [
    values.agent,
    values.session,
    values.task,
    values.plan,
    values.project,
    values.provider,
    values.model,
    values.biller,
    values.costStatus,
    values.source,
    values.category,
    values.currency,
  ]
  return [
    ...named.flat().map(printableLine),
    ...(tree ? ['with the plans below'] : []),
    ...without.map((name) => `without ${name}`),
    ...(since ? [`since ${absolute(since)}`] : []),
    ...(until ? [`until ${absolute(until)}`] : []),
  ].join(', ')
}
