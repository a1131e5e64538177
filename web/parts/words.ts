// Numbers, money, shares and words, as every page writes them: grouped, exact where it matters.

import { formatMoney, parseMoney } from '../../src/values/money.ts'

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

export function count(value: number | string): string {
  return grouped.format(typeof value === 'string' ? BigInt(value) : value)
}

/** `1.2K`, for where the exact number has no room; the exact one belongs into its title. */
export function compact(value: number | string): string {
  return short.format(Number(value))
}

/** Billionths of an amount that the server gave. */
export function nanos(amount: string): bigint {
  const value = parseMoney(amount)
  return typeof value === 'bigint' ? value : 0n
}

export { formatMoney }

/** The amount with at least two fraction digits, rounded to at most `digits`, and grouped. */
export function amount(text: string, digits = 9): string {
  const negative = text.startsWith('-')
  const value = nanos(negative ? text.slice(1) : text)
  const unit = 10n ** BigInt(9 - digits)
  const rounded = ((value + unit / 2n) / unit) * unit
  const [whole = '0', fraction = ''] = formatMoney(rounded).split('.')
  const padded = fraction.padEnd(digits < 9 ? digits : 2, '0')
  return `${negative ? '−' : ''}${grouped.format(BigInt(whole))}.${padded}`
}

/**
 * As many digits as a list has room for: cents, or the tenth part of a thousandth of what is less
 * than one, unless that would show nothing.
 */
export function roughDigits(text: string): number {
  const value = nanos(text)
  if (value === 0n || value >= 1_000_000_000n) return 2
  return value >= 50_000n ? 4 : 9
}

export function percent(share: number, digits = 0): string {
  return `${(share * 100).toFixed(digits)} %`
}

/** `+12 %` against the period before; undefined where there is nothing to compare with. */
export function changeOf(now: string, before: string): { text: string; share: number } | undefined {
  const past = Number(before)
  if (past === 0) return undefined
  const share = Number(now) / past - 1
  const text = Math.abs(share) >= 9.995 ? `×${(share + 1).toFixed(0)}` : percent(Math.abs(share))
  return { text: share < 0 ? `−${text}` : text.startsWith('×') ? text : `+${text}`, share }
}

/** `in_progress` as `in progress`. */
export function spaced(word: string): string {
  return word.replaceAll('_', ' ')
}

/** The last characters of an id, which tell it from its neighbours. */
export function shortId(id: string): string {
  return id.length <= 14 ? id : `…${id.slice(-10)}`
}

/** The first line of a text, for a list. */
export function firstLine(text: string, most = 140): string {
  const line = text.split('\n', 1)[0] ?? ''
  return line.length > most ? `${line.slice(0, most - 1)}…` : line
}
