// Costs in several currencies are never added up: a page shows one of them.

import { useRead } from '../../api/queries.ts'
import type { CostTotal, Items } from '../../api/records.ts'
import { useParam } from '../../parts/params.ts'

export interface CurrencyChoice {
  readonly currency: string
  /** Those that there are costs in, the most used first. */
  readonly currencies: readonly string[]
  readonly choose: (currency: string) => void
  readonly isKnown: boolean
}

export function useCurrency(): CurrencyChoice {
  const totals = useRead<Items<CostTotal>>('/costs/report', {
    query: { by: 'currency' },
    records: ['cost_record'],
  })
  const [chosen, choose] = useParam('currency')
  const currencies = [...(totals.data?.items ?? [])]
    .sort((a, b) => Number(b.records) - Number(a.records))
    .map(({ currency }) => currency)
  const currency = currencies.includes(chosen) ? chosen : (currencies[0] ?? 'USD')
  return { currency, currencies, choose, isKnown: totals.data !== undefined }
}
