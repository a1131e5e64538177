// Exact prices: units of 10^-12 of a currency, for a million tokens or for a request. Amounts are
// multiplied and added as whole numbers, and rounded once, half-even, to billionths.

const DIGITS = 12
const decimal = /^(-?)(\d{1,15})(?:\.(\d{1,12}))?$/

export type PriceFault = 'not-decimal' | 'negative'

/** A price in units of 10^-12. Numbers are taken as JavaScript writes them: 0.15 is 0.15. */
export function parsePrice(value: string | number): bigint | PriceFault {
  const [, sign = '', whole = '', fraction = ''] = decimal.exec(textOf(value)) ?? []
  if (whole === '') return 'not-decimal'
  const units = BigInt(whole + fraction.padEnd(DIGITS, '0'))
  return sign === '-' && units > 0n ? 'negative' : units
}

/** A price as the shortest decimal string. */
export function formatPrice(units: bigint): string {
  const scale = 10n ** BigInt(DIGITS)
  const fraction = String(units % scale)
    .padStart(DIGITS, '0')
    .replace(/0+$/, '')
  return `${units / scale}${fraction === '' ? '' : `.${fraction}`}`
}

function textOf(value: string | number): string {
  if (typeof value === 'string') return value
  const text = String(value)
  return text.includes('e-') ? value.toFixed(DIGITS).replace(/\.?0+$/, '') : text
}

/** How many tokens of each kind a call has, none in two kinds. */
export interface TokenCounts {
  readonly input: number
  readonly output: number
  readonly reasoning: number
  readonly cacheRead: number
  readonly cacheWrite: number
  readonly cacheWrite1h: number
}

/** Prices of a million tokens of each kind; a kind without one has none. */
export type UnitPrices = { readonly [K in keyof TokenCounts]?: bigint | undefined } & {
  /** Of one request. */
  readonly request?: bigint | undefined
}

/** Whose price a kind has that has no separate one. */
const instead: Readonly<Partial<Record<keyof TokenCounts, keyof TokenCounts>>> = {
  reasoning: 'output',
  cacheRead: 'input',
  cacheWrite: 'input',
  cacheWrite1h: 'cacheWrite',
}

/** The cost in billionths; undefined if a kind of which there are tokens has no price. */
export function costOf(tokens: TokenCounts, prices: UnitPrices): bigint | undefined {
  let sum = 0n
  for (const kind of Object.keys(tokens) as (keyof TokenCounts)[]) {
    if (tokens[kind] === 0) continue
    const price = priceOf(kind, prices)
    if (price === undefined) return undefined
    sum += BigInt(tokens[kind]) * price
  }
  // A call without any tokens was not made.
  if (Object.values(tokens).every((count) => count === 0)) return 0n
  return dividedHalfEven(sum + (prices.request ?? 0n) * 1_000_000n, 1_000_000_000n)
}

function priceOf(kind: keyof TokenCounts, prices: UnitPrices): bigint | undefined {
  const other = instead[kind]
  return prices[kind] ?? (other && priceOf(other, prices))
}

function dividedHalfEven(value: bigint, by: bigint): bigint {
  const whole = value / by
  const twice = (value % by) * 2n
  if (twice < by) return whole
  return twice > by || whole % 2n === 1n ? whole + 1n : whole
}
