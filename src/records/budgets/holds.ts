// The rows of reservations: what each holds in each budget. A cost that settles a reservation
// removes them by a trigger, with its insert.

import type { WriteOperation } from '../../engines/contract/engine.ts'
import type { RecordSession } from '../repository/session.ts'
import { padded } from '../repository/statements.ts'
import { HOLDS } from './period-totals.ts'

export interface NewHold {
  readonly reservation: string
  readonly budget: string
  /** In billionths. */
  readonly amount: bigint
  readonly currency: string
  readonly createdAt: Date
  readonly expiresAt: Date
}

/** Inserts in statements of few lengths, so that few are compiled. */
export function insertHolds(
  { engine, statements }: RecordSession,
  holds: readonly NewHold[],
): readonly WriteOperation[] {
  const { encode } = engine.codec
  const operations: WriteOperation[] = []
  for (let start = 0; start < holds.length; ) {
    const size = Math.min(64, 2 ** Math.floor(Math.log2(holds.length - start)))
    const rows = holds.slice(start, start + size)
    start += size
    const slots = rows.map(() => '(?, ?, ?, ?, ?, ?)').join(', ')
    const sql = `insert into ${HOLDS} (reservation, budget, amount, currency, created_at, expires_at) values ${slots}`
    const values = rows.flatMap((hold) => [
      ...[hold.reservation, hold.budget, encode.money(hold.amount), hold.currency],
      ...[encode.instant(hold.createdAt), encode.instant(hold.expiresAt)],
    ])
    operations.push({ kind: 'execute', query: statements.raw(`${HOLDS} insert ${size}`, sql, values) })
  }
  return operations
}

/** Takes back what expired reservations held in these budgets. */
export function removeExpired(
  { engine, statements }: RecordSession,
  budgets: readonly string[],
  now: Date,
): readonly WriteOperation[] {
  if (budgets.length === 0) return []
  const names = padded(budgets)
  const sql = `delete from ${HOLDS} where budget in (${names.map(() => '?').join(', ')}) and expires_at <= ?`
  const values = [...names, engine.codec.encode.instant(now)]
  return [{ kind: 'execute', query: statements.raw(sql, sql, values) }]
}

/** Ends a reservation that has not expired; `executed` counts the budgets that held it. */
export function removeHold({ engine, statements }: RecordSession, reservation: string): WriteOperation {
  const sql = `delete from ${HOLDS} where reservation = ? and expires_at > ${engine.locking.now}`
  return { kind: 'execute', query: statements.raw(sql, sql, [reservation]) }
}
