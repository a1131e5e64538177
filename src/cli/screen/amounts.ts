// Amounts for people: money aligned at the point and never rounded, bars, shares, sizes, durations.

/**
 * Decimal strings with the same number of fraction digits, at least two: padded with zeros, never
 * truncated.
 */
export function alignMoney(amounts: readonly string[]): readonly string[] {
  const digits = Math.max(2, ...amounts.map((amount) => fractionOf(amount).length))
  return amounts.map((amount) => {
    const [whole = '0', fraction = ''] = amount.split('.')
    return `${separate(whole)}.${fraction.padEnd(digits, '0')}`
  })
}

/** One amount as it is, with its currency: `7.932878 USD`. */
export function money(amount: string, currency: string): string {
  const [whole = '0', fraction] = amount.split('.')
  return `${separate(whole)}${fraction === undefined ? '' : `.${fraction}`} ${currency}`
}

function fractionOf(amount: string): string {
  return amount.split('.')[1] ?? ''
}

function separate(whole: string): string {
  return whole.replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/**
 * A bar of `share` (0 to 1) of `width` cells, drawn to an eighth of a cell; a share above zero is
 * always visible.
 */
export function bar(share: number, width: number): string {
  const steps = Math.round(Math.min(1, Math.max(0, share)) * width * 8)
  const seen = share > 0 ? Math.max(1, steps) : steps
  return '█'.repeat(Math.floor(seen / 8)) + (eighths[seen % 8] ?? '')
}

/** `39.3 %`. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** `4.2 MB`. */
export function bytes(size: number): string {
  let value = size
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}

/** `3 ms`, `1.4 s`, `2 min 5 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000)
    return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`
  const seconds = Math.round(milliseconds / 1000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
