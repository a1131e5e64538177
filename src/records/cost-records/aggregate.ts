// Cost totals. A total over everything, over one dimension, or over one value of a dimension is
// read from the running totals that the database updates with every insert. Any other total is
// summed from the records that an index finds, plus the sums kept for pruned ones (sums.ts).

import type { Query, Row } from '../../engines/contract/engine.ts'
import { InvalidRecordError, MixedCurrencyError } from '../../errors.ts'
import { formatMoney } from '../../values/money.ts'
import type { Condition } from '../repository/conditions.ts'
import { applySelection, type Selection, shapeOf, valuesOf } from '../repository/selection.ts'
import type { RecordSession } from '../repository/session.ts'
import { type CostGrouping, costGroupings } from './enums.ts'
import { keptDimensions, type PrunedSelection, selectSums, sumsOf, sumsOfRecords } from './sums.ts'

/** One group: its keys (null where records have none) and the totals of its records. */
export type CostTotal<G extends CostGrouping = CostGrouping, Count = number> = {
  readonly [K in G]: string | null
} & {
  /** Exact, as a decimal string; "0" if there are no records. */
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

/** @throws InvalidRecordError for an unknown grouping, or one given twice */
export function checkGroupings(by: unknown): readonly CostGrouping[] {
  const groupings = Array.isArray(by) ? by : [by]
  const unknown = groupings.some((grouping) => !costGroupings.includes(grouping))
  if (unknown || new Set(groupings).size !== groupings.length) {
    const message = `must be a list of ${costGroupings.join(', ')}, each at most once`
    throw new InvalidRecordError('totals', [{ path: ['by'], code: 'grouping', message }])
  }
  return groupings as readonly CostGrouping[]
}

/**
 * Groups by `by` and currency. If a day or an hour is among the keys, groups are in time order;
 * within a time, or without one, the greatest cost comes first, equal costs by key.
 * @param pruned the same selection over the sums of pruned records
 * @throws MixedCurrencyError if `by` does not include `currency` and the records are in several
 * @throws InvalidRecordError if a time range splits an hour of which only sums are kept, or a count
 * exceeds what a number holds exactly
 */
export async function aggregateCosts(
  session: RecordSession,
  by: readonly CostGrouping[],
  selection: Selection,
  pruned: PrunedSelection,
  largeCounts: LargeCounts,
): Promise<readonly AnyTotal[]> {
  const groupings = by.filter((grouping) => grouping !== 'currency')
  const query = fromTotals(session, groupings, selection)
  const rows = query ? await session.read(query) : await sumsOfRecords(session, groupings, selection, pruned)
  const totals = rows.map((row) => toTotal(groupings, row, largeCounts))
  if (!by.includes('currency')) {
    const currencies = [...new Set(totals.map((total) => total.currency))].sort()
    if (currencies.length > 1) throw new MixedCurrencyError(currencies)
  }
  return totals.sort(byTimeThenCost(groupings))
}

type AnyTotal = CostTotal<CostGrouping, ExactCount>

function toTotal(groupings: readonly CostGrouping[], row: Row, largeCounts: LargeCounts): AnyTotal {
  const keys = groupings.map((grouping, index) => {
    const key = row[index] ?? null
    return [grouping, key === null || key === '' ? null : String(key)] as const
  })
  const currency = String(row[groupings.length])
  const { cost, counts } = sumsOf(row.slice(groupings.length + 1))
  return {
    ...Object.fromEntries(keys),
    cost: formatMoney(cost),
    currency,
    ...exactly(counts, largeCounts),
  } as AnyTotal
}

const counted = ['inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'records'] as const

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
 * Times first, wherever they are among the keys. No two groups have the same keys and currency, so
 * the order is total.
 */
function byTimeThenCost(groupings: readonly CostGrouping[]) {
  const times = groupings.filter((grouping) => timeGroupings.has(grouping))
  const others = groupings.filter((grouping) => !timeGroupings.has(grouping))
  return (a: AnyTotal, b: AnyTotal): number =>
    compareKeys(a, b, times) ||
    compareMoney(b.cost, a.cost) ||
    compareKeys(a, b, others) ||
    compare(a.currency, b.currency)
}

const timeGroupings: ReadonlySet<CostGrouping> = new Set(['day', 'hour'])

/** Key by key; a group without a key comes before those with one. */
function compareKeys(a: AnyTotal, b: AnyTotal, keys: readonly CostGrouping[]): number {
  for (const key of keys) {
    const order = compare(a[key] ?? '', b[key] ?? '')
    if (order !== 0) return order
  }
  return 0
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function compareMoney(a: string, b: string): number {
  const [wholeA = '', fractionA = ''] = a.split('.')
  const [wholeB = '', fractionB = ''] = b.split('.')
  return (
    wholeA.length - wholeB.length ||
    compare(wholeA, wholeB) ||
    compare(fractionA.padEnd(9, '0'), fractionB.padEnd(9, '0'))
  )
}

/** The query over running totals, if they can answer; else undefined. */
function fromTotals(
  session: RecordSession,
  groupings: readonly CostGrouping[],
  { conditions, extra }: Selection,
): Query | undefined {
  const [grouping, ...others] = groupings
  const partitionBy = conditions.filter((condition) => condition.column === 'currency')
  const [condition, ...more] = conditions.filter((candidate) => candidate.column !== 'currency')
  if (others.length > 0 || more.length > 0 || (condition && extra)) return undefined
  const filtered = extra ? 'plan' : condition && groupingOf(condition)
  if (condition && filtered === undefined) return undefined
  if (filtered !== undefined && grouping !== undefined && filtered !== grouping) return undefined
  const dimension = grouping === 'day' || grouping === 'hour' ? 'hour' : (grouping ?? filtered ?? 'provider')
  if (dimension !== 'hour' && keptDimensions[dimension] === undefined) return undefined
  const ofMembers = {
    conditions: [...(condition ? [ofMember(condition)] : []), ...partitionBy],
    extra: extra && { ...extra, query: { ...extra.query, sql: extra.query.sql.replace(/^\S+/, 'member') } },
  }
  const member = grouping === 'day' ? 'substr(member, 1, 10)' : 'member'
  const values = [dimension, ...valuesOf(ofMembers)]
  return session.statements.query(
    `cost_totals ${grouping ?? ''} ${shapeOf(ofMembers)}`,
    values,
    (builder, slot) => {
      const keys = grouping === undefined ? [] : [member]
      const query = selectSums(builder, session.engine.exactSums, 'cost_totals', keys, 'sum(records)').where(
        'dimension',
        '=',
        slot(0),
      )
      return applySelection(query, ofMembers, slot, 1)
    },
  )
}

function groupingOf(condition: Condition): CostGrouping | undefined {
  if (isBound(condition)) return undefined
  return (Object.keys(keptDimensions) as CostGrouping[]).find(
    (grouping) => keptDimensions[grouping] === condition.column,
  )
}

function isBound({ operator }: Condition): boolean {
  return operator === '>=' || operator === '>' || operator === '<'
}

/** In the totals, the empty member means "has none". */
function ofMember(condition: Condition): Condition {
  if (condition.operator === 'is null') return { column: 'member', operator: '=', values: [''] }
  if (condition.operator === 'in or null') {
    return { column: 'member', operator: 'in', values: [...condition.values, ''] }
  }
  return { ...condition, column: 'member' }
}
