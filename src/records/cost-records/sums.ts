// Sums costs from the records that an index finds and from the roll-ups that replace pruned ones.
// One statement reads both, so a record pruned meanwhile counts exactly once.

import { sql } from 'kysely'
import type { Engine, ExactSums, Row, WireValue } from '../../engines/contract/engine.ts'
import { InvalidRecordError } from '../../errors.ts'
import { MONEY_SCALE as UNIT } from '../../values/money.ts'
import { rootPlanOf } from '../repository/plan-tree.ts'
import { applySelection, type Selection, shapeOf, valuesOf } from '../repository/selection.ts'
import type { RecordSession } from '../repository/session.ts'
import type { Builder, SlotOf } from '../repository/statements.ts'
import type { CostGrouping } from './enums.ts'
import { metadataKeyOf } from './groupings.ts'
import type { Bucket } from './periods.ts'

/** Groupings by a column of records and roll-ups; `total`: there are running totals by it. */
export const keptDimensions: Partial<
  Record<CostGrouping, { readonly column: string; readonly total?: true }>
> = {
  agent: { column: 'agent_id', total: true },
  task: { column: 'task_id', total: true },
  plan: { column: 'plan_id', total: true },
  project: { column: 'project', total: true },
  provider: { column: 'provider', total: true },
  model: { column: 'model', total: true },
  category: { column: 'call_category', total: true },
  session: { column: 'session_id' },
  biller: { column: 'biller' },
  source: { column: 'source' },
  costStatus: { column: 'cost_status' },
}

const costColumn = 'cost'
const tokens = ['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens'] as const

/** The roll-ups that match a time range and other filters. */
export interface PrunedSelection extends Selection {
  /** Bounds of the time range that split an hour, each with the start of that hour. */
  readonly divided: readonly { readonly field: 'since' | 'until'; readonly hour: WireValue }[]
}

/**
 * Rows of the groups of records and of roll-ups: keys, the currency, and the sums in the order of
 * `selectSums`.
 */
export interface SummedRows {
  readonly records: readonly Row[]
  readonly rollups: readonly Row[]
}

/**
 * @throws InvalidRecordError if the range splits an hour that has a roll-up: the part that is meant
 * can no longer be determined
 */
export async function sumsOfRecords(
  session: RecordSession,
  groupings: readonly (CostGrouping | Bucket)[],
  selection: Selection,
  pruned: PrunedSelection,
): Promise<SummedRows> {
  const hours = pruned.divided.map(({ hour }) => hour)
  const first = valuesOf(selection)
  const values = [...first, ...hours, ...valuesOf(pruned)]
  const named = groupings.map((grouping) =>
    typeof grouping === 'string' ? grouping : `by ${grouping.bucket}`,
  )
  const shape = `cost_records sum ${JSON.stringify(named)} ${shapeOf(selection)} ${hours.length} ${shapeOf(pruned)}`
  const query = session.statements.query(shape, values, (builder, slot) => {
    const keysOf = (table: CostTable) => groupings.map((grouping) => keyOf(session.engine, grouping, table))
    const sums = (table: CostTable, counts: Counts) =>
      selectSums(builder, session.engine.exactSums, table, keysOf(table), counts)
    const records = sums('cost_records', countsOfRecords)
      .select(sql.raw('0').as('divided'))
      .select(sql.raw('0').as('pruned'))
    const rollups = sums('cost_rollups', keptCounts)
      .select(rowsOfHours(slot, first.length, hours.length).as('divided'))
      .select(sql.raw('1').as('pruned'))
    return applySelection(records, selection, slot).unionAll(
      applySelection(rollups, pruned, slot, first.length + hours.length),
    )
  })
  const rows = await session.read(query)
  if (rows.some((row) => Number(row.at(-2) ?? 0) > 0)) throw dividedHour(pruned)
  const part = (isPruned: boolean) =>
    rows.filter((row) => (Number(row.at(-1)) === 1) === isPruned).map((row) => row.slice(0, -2))
  return { records: part(false), rollups: part(true) }
}

/** Rows whose hour is one that the range splits. */
function rowsOfHours(slot: SlotOf, first: number, count: number) {
  if (count === 0) return sql.raw('0')
  const hours = Array.from({ length: count }, (_, index) => slot(first + index))
  return sql`sum(case when timestamp in (${sql.join(hours)}) then 1 else 0 end)`
}

/** A cost in billionths, and the counts of a total. */
export interface Sums {
  readonly cost: bigint
  readonly counts: readonly bigint[]
}

/**
 * The cost in billionths, the tokens of each kind, and the numbers of records without a cost and of
 * all records, from the columns after the currency in a row of `selectSums`. All are exact,
 * whatever their size; a value whose last digits an engine itself has lost is far beyond what a
 * number holds exactly.
 */
export function sumsOf(parts: Row): Sums {
  const sum = (index: number) => wholeNumber(parts[2 * index]) * UNIT + wholeNumber(parts[2 * index + 1])
  return {
    cost: sum(0),
    counts: [
      ...tokens.map((_, index) => sum(index + 1)),
      wholeNumber(parts.at(-2)),
      wholeNumber(parts.at(-1)),
    ],
  }
}

/**
 * An engine that sums in floating point beyond 64 bits, or over values that are not integers,
 * sometimes returns a fraction.
 */
function wholeNumber(value: WireValue | undefined): bigint {
  return typeof value === 'number' ? BigInt(Math.trunc(value)) : BigInt(String(value ?? 0))
}

function dividedHour({ divided }: PrunedSelection): InvalidRecordError {
  const message =
    'divides an hour whose records were pruned, and only their sum is kept; give a whole hour, such as 2026-01-31T09:00:00Z'
  return new InvalidRecordError(
    'filter of cost records',
    divided.map(({ field }) => ({ path: [field], code: 'pruned_hour', message })),
  )
}

type CostTable = 'cost_records' | 'cost_rollups'

function keyOf({ timeBuckets, matching }: Engine, grouping: CostGrouping | Bucket, table: CostTable): string {
  if (typeof grouping === 'object') return timeBuckets[grouping.bucket]('timestamp')
  if (grouping === 'rootPlan') return rootPlanOf(`${table}.plan_id`)
  const key = metadataKeyOf(grouping)
  if (key === undefined) return keptDimensions[grouping]?.column ?? grouping
  // Of pruned records the metadata is not kept: a text that is null.
  return table === 'cost_records' ? matching.memberText('metadata', key) : "nullif('', '')"
}

/** Expressions that count the records of a group: those without a cost, and all. */
interface Counts {
  readonly unpriced: string
  readonly records: string
}

const countsOfRecords: Counts = { unpriced: `count(*) - count(${costColumn})`, records: 'count(*)' }
/** Of totals and of roll-ups. */
export const keptCounts: Counts = { unpriced: 'sum(unpriced)', records: 'sum(records)' }

/**
 * By group: keys, currency, two parts each of the cost and of the tokens of each kind, and the
 * numbers of records without a cost and of all records.
 */
export function selectSums(
  builder: Builder,
  exact: ExactSums,
  table: string,
  keys: readonly string[],
  { unpriced, records }: Counts,
) {
  const columns = [
    ...keys.map((key, index) => sql.raw(key).as(`key${index}`)),
    sql.raw('currency').as('currency'),
    ...[costColumn, ...tokens].flatMap((column) => [
      sql.raw(exact.whole(column, UNIT)).as(`whole_${column}`),
      sql.raw(exact.rest(column, UNIT)).as(`rest_of_${column}`),
    ]),
    sql.raw(unpriced).as('unpriced'),
    sql.raw(records).as('records'),
  ]
  return builder
    .selectFrom(table)
    .select(columns)
    .groupBy([...keys.map((_, index) => sql.raw(`key${index}`)), sql.raw('currency')])
}
