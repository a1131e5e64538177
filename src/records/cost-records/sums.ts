// Sums costs from the records that an index finds and from the roll-ups that replace pruned ones.
// One statement reads both, so a record pruned meanwhile counts exactly once. The two results for a
// group are added here.

import { sql } from 'kysely'
import type { ExactSums, Row, TimeBuckets, WireValue } from '../../engines/contract/engine.ts'
import { InvalidRecordError } from '../../errors.ts'
import { MONEY_SCALE as UNIT } from '../../values/money.ts'
import { rootPlanOf } from '../repository/plan-tree.ts'
import { applySelection, type Selection, shapeOf, valuesOf } from '../repository/selection.ts'
import type { RecordSession } from '../repository/session.ts'
import type { Builder, SlotOf } from '../repository/statements.ts'
import type { CostGrouping } from './enums.ts'

/** Groupings that the running totals keep, and the column of the records for each. */
export const keptDimensions: Partial<Record<CostGrouping, string>> = {
  agent: 'agent_id',
  task: 'task_id',
  plan: 'plan_id',
  project: 'project',
  provider: 'provider',
  model: 'model',
  category: 'call_category',
}

const costColumn = 'cost'
const tokens = ['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens'] as const

/** The roll-ups that match a time range and other filters. */
export interface PrunedSelection extends Selection {
  /** Bounds of the time range that split an hour, each with the start of that hour. */
  readonly divided: readonly { readonly field: 'since' | 'until'; readonly hour: WireValue }[]
}

/**
 * A row for each group: its keys, the currency, and the sums in the order of `selectSums`.
 * @throws InvalidRecordError if the range splits an hour that has a roll-up: the part that is meant
 * can no longer be determined
 */
export async function sumsOfRecords(
  session: RecordSession,
  groupings: readonly CostGrouping[],
  selection: Selection,
  pruned: PrunedSelection,
): Promise<readonly Row[]> {
  const hours = pruned.divided.map(({ hour }) => hour)
  const first = valuesOf(selection)
  const values = [...first, ...hours, ...valuesOf(pruned)]
  const shape = `cost_records sum ${groupings.join()} ${shapeOf(selection)} ${hours.length} ${shapeOf(pruned)}`
  const query = session.statements.query(shape, values, (builder, slot) => {
    const keysOf = (table: string) =>
      groupings.map((grouping) => keyOf(session.engine.timeBuckets, grouping, table))
    const sums = (table: string, records: string) =>
      selectSums(builder, session.engine.exactSums, table, keysOf(table), records)
    const records = sums('cost_records', 'count(*)').select(sql.raw('0').as('divided'))
    const rollups = sums('cost_rollups', 'sum(records)').select(
      rowsOfHours(slot, first.length, hours.length).as('divided'),
    )
    return applySelection(records, selection, slot).unionAll(
      applySelection(rollups, pruned, slot, first.length + hours.length),
    )
  })
  const groups = new Map<string, Row>()
  for (const row of await session.read(query)) {
    if (Number(row.at(-1) ?? 0) > 0) throw dividedHour(pruned)
    const key = JSON.stringify(row.slice(0, groupings.length + 1))
    const other = groups.get(key)
    groups.set(key, other ? added(row, other, groupings.length + 1) : row.slice(0, -1))
  }
  return [...groups.values()]
}

/** Rows whose hour is one that the range splits. */
function rowsOfHours(slot: SlotOf, first: number, count: number) {
  if (count === 0) return sql.raw('0')
  const hours = Array.from({ length: count }, (_, index) => slot(first + index))
  return sql`sum(case when timestamp in (${sql.join(hours)}) then 1 else 0 end)`
}

function added(a: Row, b: Row, sums: number): Row {
  return b.map((value, index) => (index < sums ? value : wholeNumber(value) + wholeNumber(a[index])))
}

/**
 * The cost in billionths, the tokens of each kind, and the number of records, from the columns
 * after the currency in a row of `selectSums`. All are exact, whatever their size; a value whose
 * last digits an engine itself has lost is far beyond what a number holds exactly.
 */
export function sumsOf(parts: Row): { readonly cost: bigint; readonly counts: readonly bigint[] } {
  const sum = (index: number) => wholeNumber(parts[2 * index]) * UNIT + wholeNumber(parts[2 * index + 1])
  return {
    cost: sum(0),
    counts: [...tokens.map((_, index) => sum(index + 1)), wholeNumber(parts.at(-1))],
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

function keyOf(buckets: TimeBuckets, grouping: CostGrouping, table: string): string {
  if (grouping === 'day') return buckets.day('timestamp')
  if (grouping === 'hour') return buckets.hour('timestamp')
  if (grouping === 'rootPlan') return rootPlanOf(`${table}.plan_id`)
  return keptDimensions[grouping] ?? grouping
}

/**
 * By group: keys, currency, two parts each of the cost and of the tokens of each kind, and the
 * number of records.
 */
export function selectSums(
  builder: Builder,
  exact: ExactSums,
  table: string,
  keys: readonly string[],
  records: string,
) {
  const columns = [
    ...keys.map((key, index) => sql.raw(key).as(`key${index}`)),
    sql.raw('currency').as('currency'),
    ...[costColumn, ...tokens].flatMap((column) => [
      sql.raw(exact.whole(column, UNIT)).as(`whole_${column}`),
      sql.raw(exact.rest(column, UNIT)).as(`rest_of_${column}`),
    ]),
    sql.raw(records).as('records'),
  ]
  return builder
    .selectFrom(table)
    .select(columns)
    .groupBy([...keys.map((_, index) => sql.raw(`key${index}`)), sql.raw('currency')])
}
