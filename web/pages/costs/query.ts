// What the page of costs asks for: the filters of its address, with a range and a currency.

import { useSearchParams } from 'wouter-preact'
import type { Query } from '../../api/client.ts'
import { useParam } from '../../parts/params.ts'
import { useNow } from '../../parts/time.tsx'
import { type CurrencyChoice, useCurrency } from './currency.ts'
import { type Range, rangeOf } from './ranges.ts'

/** Filters that a group can become, by its grouping. */
export const filterOf: Readonly<Record<string, string>> = {
  agent: 'agentId',
  model: 'model',
  provider: 'provider',
  project: 'project',
  plan: 'planId',
  task: 'taskId',
  session: 'sessionId',
  biller: 'biller',
  category: 'callCategory',
  source: 'source',
  costStatus: 'costStatus',
}

export interface CostQuery {
  readonly currency: CurrencyChoice
  readonly rangeName: string
  readonly range: Range | undefined
  /** The chosen filters, by their names in the API. */
  readonly filters: Readonly<Record<string, string>>
  /** Filters, range and currency. */
  readonly query: Query
}

export function useCostQuery(): CostQuery {
  const currency = useCurrency()
  const [params] = useSearchParams()
  const [rangeName] = useParam('range', '30d')
  const range = rangeOf(rangeName, params.get('day') ?? '', useNow())
  const names = new Set(Object.values(filterOf))
  const filters = Object.fromEntries([...params].filter(([name]) => names.has(name)))
  const tree = filters.planId === undefined ? {} : { tree: true }
  const query = { ...filters, ...tree, ...range, currency: currency.currency }
  return { currency, rangeName, range, filters, query }
}
