// Costs that become known later: they are added to the totals of the periods that their records are
// in. The database adds what is inserted by itself.

import { type Row, unreadable, type WireValue, type WriteOperation } from '../../engines/contract/engine.ts'
import { type RecordSession, type Runner, writeAll } from '../repository/session.ts'
import { PERIODS, periodTotalsOfRecords, SPENT } from './period-totals.ts'

/** A record whose cost is known from now on. */
export interface PricedLater {
  /** The members that it counts for, by the names of dimensions. */
  readonly members: Readonly<Record<string, string | null>>
  readonly timestamp: Date
  readonly currency: string
  /** In billionths. */
  readonly cost: bigint
}

/**
 * Keeps periods from beginning until the transaction ends: their sums would lack these costs. Call
 * it before any record is changed.
 */
export async function holdPeriods(session: RecordSession, runner: Runner): Promise<void> {
  const lock = session.engine.locking.insertsInto([periodTotalsOfRecords])
  if (lock) await runner.read(lock)
}

/**
 * Adds costs that were priced after they were recorded to the periods of the budgets they count in.
 */
export async function addToPeriods(
  session: RecordSession,
  runner: Runner,
  priced: readonly PricedLater[],
): Promise<void> {
  const changes = new Map<string, { period: string; member: string; cost: bigint; records: number }>()
  for (const currency of new Set(priced.map((record) => record.currency))) {
    const records = priced.filter((record) => record.currency === currency)
    for (const period of await readPeriods(session, runner, currency, records)) {
      for (const { members, timestamp, cost } of records) {
        const member = members[period.dimension] ?? null
        if (member === null || timestamp < period.first || timestamp > period.last) continue
        const key = JSON.stringify([period.id, member])
        const change = changes.get(key) ?? { period: period.id, member, cost: 0n, records: 0 }
        change.cost += cost
        change.records += 1
        changes.set(key, change)
      }
    }
  }
  const { encode } = session.engine.codec
  const sorted = [...changes].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  for (const [, { period, member, cost, records }] of sorted) {
    const slot = await slotOf(session, runner, period, member)
    // Without a row, nothing of the period was counted for the member.
    if (slot === null) continue
    const sql = `update ${SPENT} set cost = cost + ?, unpriced = unpriced - ? where period = ? and member = ? and slot = ?`
    const values = [encode.money(cost), records, period, member, slot]
    const query = session.statements.raw(`${SPENT} price`, sql, values)
    const operation: WriteOperation = { kind: 'execute', query }
    await writeAll(runner, [operation])
  }
}

interface StoredPeriod {
  readonly id: string
  readonly dimension: string
  readonly first: Date
  readonly last: Date
}

/** The periods that may contain one of these records. */
async function readPeriods(
  { engine, statements }: RecordSession,
  runner: Runner,
  currency: string,
  records: readonly PricedLater[],
): Promise<readonly StoredPeriod[]> {
  const times = records.map(({ timestamp }) => timestamp.getTime())
  const [from, to] = [Math.min(...times), Math.max(...times)].map((time) =>
    engine.codec.encode.instant(new Date(time)),
  )
  const sql = `select id, dimension, first_at, last_at from ${PERIODS} where currency = ? and last_at >= ? and first_at <= ?`
  const values: readonly WireValue[] = [currency, from ?? null, to ?? null]
  const rows = await runner.read(statements.raw(`${PERIODS} price`, sql, values))
  const instant = (row: Row, index: number): Date => {
    const value = engine.codec.decode.instant(row[index] ?? '')
    if (value === unreadable) throw new TypeError('a period of budgets cannot be read')
    return value
  }
  return rows.map((row) => ({
    id: String(row[0]),
    dimension: String(row[1]),
    first: instant(row, 2),
    last: instant(row, 3),
  }))
}

async function slotOf(
  { statements }: RecordSession,
  runner: Runner,
  period: string,
  member: string,
): Promise<WireValue> {
  const sql = `select min(slot) from ${SPENT} where period = ? and member = ?`
  const [row] = await runner.read(statements.raw(`${SPENT} slot`, sql, [period, member]))
  return row?.[0] ?? null
}
