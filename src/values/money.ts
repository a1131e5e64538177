// Exact money: decimal strings outside, a 64-bit integer count of billionths inside. There is no
// floating-point arithmetic; a `number` is read by its shortest decimal form, then rounded
// half-even at the ninth digit.

/** Billionths in one unit of currency. */
export const MONEY_SCALE = 1_000_000_000n
const FRACTION_DIGITS = 9
/** The largest amount that a 64-bit count of billionths can hold: 9223372036.854775807. */
export const MAX_MONEY = 9_223_372_036_854_775_807n

/** Why a text or number is not an amount of money. */
export type MoneyFault = 'not-decimal' | 'too-precise' | 'negative' | 'too-large' | 'not-finite'

const decimal = /^(-?)(\d+)(?:\.(\d+))?$/

/**
 * Parses a decimal string into billionths.
 * @returns the count, or what is wrong: a tenth fraction digit (even a zero), a sign, an exponent,
 * more than 64 bits.
 */
export function parseMoney(text: string): bigint | MoneyFault {
  const match = text.length <= 64 ? decimal.exec(text) : null
  if (!match) return 'not-decimal'
  const [, sign, whole = '', fraction = ''] = match
  if (fraction.length > FRACTION_DIGITS) return 'too-precise'
  const value = BigInt(whole + fraction.padEnd(FRACTION_DIGITS, '0'))
  if (sign === '-' && value !== 0n) return 'negative'
  return value > MAX_MONEY ? 'too-large' : value
}

/**
 * Converts a number into billionths: its shortest decimal form, rounded half-even at the ninth
 * fraction digit.
 */
export function moneyFromNumber(value: number): bigint | MoneyFault {
  if (!Number.isFinite(value)) return 'not-finite'
  if (value < 0) return 'negative'
  const rounded = roundDecimal(String(value))
  return rounded > MAX_MONEY ? 'too-large' : rounded
}

/**
 * Formats billionths as the shortest decimal string: `1309000n` is `"0.001309"`, `10n ** 9n` is
 * `"1"`.
 */
export function formatMoney(value: bigint): string {
  if (value === 0n) return '0'
  if (value < 0n) return `-${formatMoney(-value)}`
  const digits = value.toString()
  if (digits.length <= FRACTION_DIGITS) return trimFraction('0', digits.padStart(FRACTION_DIGITS, '0'))
  const point = digits.length - FRACTION_DIGITS
  return trimFraction(digits.slice(0, point), digits.slice(point))
}

function trimFraction(whole: string, fraction: string): string {
  let end = FRACTION_DIGITS
  while (end > 0 && fraction.charCodeAt(end - 1) === 48) end -= 1
  return end === 0 ? whole : `${whole}.${fraction.slice(0, end)}`
}

/** `text` is `String(number)` for a finite, non-negative number: digits, a point, an exponent. */
function roundDecimal(text: string): bigint {
  const [mantissa = '0', exponent = '0'] = text.split('e')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  const digits = BigInt(whole + fraction)
  const shift = FRACTION_DIGITS + Number(exponent) - fraction.length
  if (shift >= 0) return digits * 10n ** BigInt(shift)
  const divisor = 10n ** BigInt(-shift)
  const quotient = digits / divisor
  const twice = (digits % divisor) * 2n
  const up = twice > divisor || (twice === divisor && quotient % 2n === 1n)
  return up ? quotient + 1n : quotient
}
