// Money with its currency: rounded where it is shown, exact on hover.

import { amount, roughDigits } from './words.ts'

interface MoneyProps {
  /** A decimal string; null if the cost is not known. */
  readonly value: string | null
  readonly currency: string
  /** Every digit, not as many as a list has room for. */
  readonly exact?: boolean
}

export function Money({ value, currency, exact = false }: MoneyProps) {
  if (value === null) {
    return (
      <span class="money muted" title="The cost of this is not known">
        not known
      </span>
    )
  }
  const full = `${amount(value)} ${currency}`
  return (
    <span class="money" title={full}>
      {exact ? amount(value) : amount(value, roughDigits(value))} <small>{currency}</small>
    </span>
  )
}
