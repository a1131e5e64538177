// Cost totals: groups of records with exact sums. A total over everything, over one dimension, or
// over one value of a dimension is read from the running totals that the database updates with
// every insert (running-totals.ts). Any other total is summed from the records that an index finds,
// plus the sums kept for pruned ones (sums.ts). Periods of a time zone are put together here.

import type { Row } from '../../engines/contract/engine.ts'
import { InvalidRecordError, MixedCurrencyError } from '../../errors.ts'
import { formatMoney } from '../../values/money.ts'
import type { CalendarUnit } from '../../values/time-zone.ts'
import type { Selection } from '../repository/selection.ts'
import type { RecordSession } from '../repository/session.ts'
import type { CostGrouping } from './enums.ts'
import { isPeriod, metadataKeyOf, metadataValue } from './groupings.ts'
import { type Bucket, type BucketSize, bucketBegin, bucketSizeFor, isDivided, periodOf } from './periods.ts'
import { fromTotals } from './running-totals.ts'
import { type PrunedSelection, type Sums, sumsOf, sumsOfRecords } from './sums.ts'

/** One group: its keys (null where records have none) and the totals of its records. */
export type CostTotal<G extends CostGrouping = CostGrouping, Count = number> = {
  readonly [K in G]: string | null
} & CostSums<Count>

/** What records add up to. */
export interface CostSums<Count = number> {
  /**
   * Exact, as a decimal string; "0" if there are no records. Records without a cost add nothing.
   */
  readonly cost: string
  readonly currency: string
  /**
   * Exact, like every count here: a total with a count above 9,007,199,254,740,991 is refused, or
   * has it as a decimal string.
   */
  readonly inputTokens: Count
  readonly outputTokens: Count
  readonly cacheReadTokens: Count
  readonly cacheWriteTokens: Count
  /** How many of the records have no cost: if any, `cost` is the sum of the others only. */
  readonly unpriced: Count
  readonly records: Count
}

/** A count of a total: a decimal string if a number cannot hold it exactly. */
export type ExactCount = number | string

/** What to do with a count above `Number.MAX_SAFE_INTEGER`. */
export type LargeCounts = 'refuse' | 'text'

/** @throws InvalidRecordError for an unknown choice */
export function checkLargeCounts(choice: unknown): LargeCounts {
  if (choice === 'refuse' || choice === 'text') return choice
  const message = 'must be refuse or text'
  throw new InvalidRecordError('totals', [{ path: ['largeCounts'], code: 'not_allowed', message }])
}

/** The options of a total, checked. */
export interface Aggregation {
  readonly by: readonly CostGrouping[]
  readonly timeZone: string
  readonly largeCounts: LargeCounts
  /** A pruned hour that a period divides belongs to the one in which it begins. */
  readonly wholeHours: boolean
}

/** A group before it is shown. */
interface Group {
  readonly keys: readonly (string | null)[]
  readonly currency: string
  /** Where its periods begin. */
  readonly begins: readonly number[]
  sums: Sums
}

/**
 * Groups by `by` and currency. If a period is among the keys, groups are in the order of time;
 * within one, or without, the greatest cost comes first, equal costs by key.
 * @param pruned the same selection over the sums of pruned records
 * @throws MixedCurrencyError if `by` does not include `currency` and the records are in several
 * @throws InvalidRecordError if the range or a period splits an hour of which only sums are kept,
 * or a count exceeds what a number holds exactly
 */
export async function aggregateCosts(
  session: RecordSession,
  options: Aggregation,
  selection: Selection,
  pruned: PrunedSelection,
): Promise<readonly AnyTotal[]> {
  const by = options.by.filter((grouping) => grouping !== 'currency')
  const groups = await groupsOf(session, { ...options, by }, selection, pruned)
  if (!options.by.includes('currency')) assertOneCurrency(groups)
  return groups.toSorted(byTimeThenCost(by)).map((group) => toTotal(by, group, options.largeCounts))
}

export type AnyTotal = CostTotal<CostGrouping, ExactCount>

/** @throws MixedCurrencyError */
export function assertOneCurrency(totals: readonly { readonly currency: string }[]): void {
  const currencies = [...new Set(totals.map(({ currency }) => currency))].sort()
  if (currencies.length > 1) throw new MixedCurrencyError(currencies)
}

async function groupsOf(
  session: RecordSession,
  options: Aggregation,
  selection: Selection,
  pruned: PrunedSelection,
): Promise<readonly Group[]> {
  const units = options.by.filter(isPeriod)
  const sizes: readonly (BucketSize | undefined)[] =
    units.length === 0 ? [undefined] : sizesFrom(bucketSizeFor(units, options.timeZone, session.now()))
  for (const size of sizes) {
    const fields = options.by.filter((grouping) => !isPeriod(grouping))
    const keys: readonly (CostGrouping | Bucket)[] =
      size === undefined ? fields : [{ bucket: size }, ...fields]
    const query = fromTotals(session, keys, selection)
    const rows = query
      ? { records: await session.read(query), rollups: [] }
      : await sumsOfRecords(session, keys, selection, pruned)
    const groups = new GroupMap(options, fields, size)
    if (!rows.records.every((row) => groups.add(row, false))) continue
    for (const row of rows.rollups) if (!groups.add(row, true)) throw dividedByPeriod(options.timeZone)
    return groups.all()
  }
  const message = `the clock of ${options.timeZone} was changed by a part of a quarter of an hour while these calls were made; ask for later ones, or in another zone`
  throw new InvalidRecordError('totals', [{ path: ['timeZone'], code: 'time_zone', message }])
}

/** Smaller buckets are asked for only if a period divides one. */
function sizesFrom(first: BucketSize): readonly BucketSize[] {
  return first === 'hour' ? ['hour', 'quarter'] : [first]
}

/** Adds up rows that have the same keys once they are read: several buckets are one period. */
class GroupMap {
  readonly #options: Aggregation
  readonly #fields: readonly CostGrouping[]
  readonly #size: BucketSize | undefined
  readonly #units: readonly CalendarUnit[]
  readonly #groups = new Map<string, Group>()

  constructor(options: Aggregation, fields: readonly CostGrouping[], size: BucketSize | undefined) {
    this.#options = options
    this.#fields = fields
    this.#size = size
    this.#units = options.by.filter(isPeriod)
  }

  /**
   * @param isRollup a row of sums of whole hours
   * @returns false if a period divides its bucket
   */
  add(row: Row, isRollup: boolean): boolean {
    const { by, timeZone, wholeHours } = this.#options
    const first = this.#size === undefined ? 0 : 1
    const begin = first === 0 ? 0 : bucketBegin(String(row[0]))
    if (this.#size !== undefined && !(isRollup && wholeHours)) {
      const size = isRollup && this.#size === 'quarter' ? 'hour' : this.#size
      if (isDivided(begin, size, this.#units, timeZone)) return false
    }
    const begins: number[] = []
    const keys = by.map((grouping) => {
      if (!isPeriod(grouping)) return keyOf(grouping, row[first + this.#fields.indexOf(grouping)] ?? null)
      const period = periodOf(begin, grouping, timeZone)
      begins.push(period.begin)
      return period.key
    })
    const rest = row.slice(first + this.#fields.length)
    const currency = String(rest[0])
    const sums = sumsOf(rest.slice(1))
    const name = JSON.stringify([keys, currency])
    const there = this.#groups.get(name)
    if (there) there.sums = added(there.sums, sums)
    else this.#groups.set(name, { keys, currency, begins, sums })
    return true
  }

  all(): readonly Group[] {
    return [...this.#groups.values()]
  }
}

function added(a: Sums, b: Sums): Sums {
  return { cost: a.cost + b.cost, counts: a.counts.map((count, index) => count + (b.counts[index] ?? 0n)) }
}

function keyOf(grouping: CostGrouping, cell: Row[number]): string | null {
  if (cell === null) return null
  if (metadataKeyOf(grouping) !== undefined) return metadataValue(String(cell))
  // In the running totals, the empty member means "has none".
  return cell === '' ? null : String(cell)
}

function dividedByPeriod(timeZone: string): InvalidRecordError {
  const message = `a period of ${timeZone} begins or ends within an hour whose records were pruned, and only the sum of that hour is kept; pass wholeHours to count it where it begins, or ask in UTC`
  return new InvalidRecordError('totals', [{ path: ['timeZone'], code: 'pruned_period', message }])
}

function toTotal(by: readonly CostGrouping[], group: Group, largeCounts: LargeCounts): AnyTotal {
  return {
    ...Object.fromEntries(by.map((grouping, index) => [grouping, group.keys[index] ?? null])),
    cost: formatMoney(group.sums.cost),
    currency: group.currency,
    ...exactly(group.sums.counts, largeCounts),
  } as AnyTotal
}

const counted = [
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'unpriced',
  'records',
] as const

/**
 * @throws InvalidRecordError naming every count that a number cannot hold exactly, unless those are
 * given as text: a rounded one would be wrong
 */
function exactly(
  counts: readonly bigint[],
  largeCounts: LargeCounts,
): Record<(typeof counted)[number], ExactCount> {
  const beyond = counted.filter((_, index) => !Number.isSafeInteger(Number(counts[index])))
  if (beyond.length > 0 && largeCounts === 'refuse') {
    const message = `adds up to more than ${Number.MAX_SAFE_INTEGER}, which cannot be given exactly; ask for less at once: group by hour, or filter by agent, model or time`
    throw new InvalidRecordError(
      'totals',
      beyond.map((field) => ({ path: [field], code: 'sum_too_large', message })),
    )
  }
  return Object.fromEntries(
    counted.map((field, index) => [
      field,
      beyond.includes(field) ? String(counts[index]) : Number(counts[index]),
    ]),
  ) as ReturnType<typeof exactly>
}

/**
 * Periods first, wherever they are among the keys. No two groups have the same keys and currency,
 * so the order is total.
 */
function byTimeThenCost(by: readonly CostGrouping[]) {
  const fields = by.flatMap((grouping, index) => (isPeriod(grouping) ? [] : [index]))
  return (a: Group, b: Group): number =>
    firstDifference(a.begins, b.begins) ||
    compare(b.sums.cost, a.sums.cost) ||
    // A group without a key comes before those with one.
    firstDifference(
      fields.map((index) => a.keys[index] ?? ''),
      fields.map((index) => b.keys[index] ?? ''),
    ) ||
    compare(a.currency, b.currency)
}

function firstDifference<T extends string | number>(a: readonly T[], b: readonly T[]): number {
  for (const [index, value] of a.entries()) {
    const order = compare(value, b[index] ?? value)
    if (order !== 0) return order
  }
  return 0
}

function compare<T extends string | number | bigint>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The total of no records, by a filter of this currency or without one. */
export function nothingSpent(currency: unknown): AnyTotal {
  return {
    cost: '0',
    currency: typeof currency === 'string' ? currency : 'USD',
    inputTokens: 0,
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    unpriced: 0,
    records: 0,
  } as AnyTotal
}
