// How much of a budget is spent, held and left, as a bar and in words.

import type { BudgetStatus } from '../api/records.ts'
import { percent } from './words.ts'

export function BudgetMeter({ status }: { readonly status: BudgetStatus }) {
  const { budget, spent, held, share, level } = status
  const limit = Number(budget.limit)
  const whole = Math.max(limit, Number(spent) + Number(held), Number.MIN_VALUE)
  const width = (part: string) => `${(Number(part) / whole) * 100}%`
  return (
    // biome-ignore lint/a11y/useSemanticElements: a <meter> shows one value, this one has two
    <div
      class="meter"
      role="meter"
      aria-label={`${budget.name}: spent ${percent(share)} of the limit`}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.min(100, Math.round(share * 100))}
    >
      <span data-tone={level} style={{ width: width(spent) }} />
      <span data-tone="held" style={{ width: width(held) }} />
    </div>
  )
}
