// Refuses a write that would take a running total beyond 64 bits. SQLite would convert such a sum
// to a floating-point number; the tables check this for money only, and a row copied from another
// database is stored without checks. A temporary trigger belongs to the connection, so it needs no
// place in the schema, and no setting turns it off.

import type { PersistenceError } from '../../errors.ts'
import type { TableShape, WriteOperation } from '../contract/engine.ts'
import { refusals, refused } from '../core/refusals.ts'
import type { Connection } from './connection.ts'
import { classify, sqliteCode } from './errors.ts'
import { quoteName } from './quoting.ts'

/** 2^63: the least sum beyond 64 bits. An unreadable total below it is left to the doctor. */
const BEYOND = '9223372036854775808.0'

export type Totals = NonNullable<TableShape['totals']>

const statements = new WeakMap<Totals, string>()

/**
 * Call it before inserts into a table with totals, once per batch. If the trigger is there, the
 * statement does nothing; one that was rolled back with its transaction is created again. For each
 * row it took a tenth of an append.
 */
export function guardTotals(connection: Connection, totals: Totals): void {
  let sql = statements.get(totals)
  if (sql === undefined) {
    sql = guardSql(totals)
    statements.set(totals, sql)
  }
  connection.run(sql)
}

function guardSql({ table, sums }: Totals): string {
  const beyond = sums
    .map((sum) => `NEW.${quoteName(sum)}`)
    .map((sum) => `(typeof(${sum}) = 'real' AND abs(${sum}) >= ${BEYOND})`)
  return `CREATE TEMP TRIGGER IF NOT EXISTS ${quoteName(`${table}_within_64_bits`)} BEFORE UPDATE ON main.${quoteName(table)}
WHEN ${beyond.join(' OR ')} BEGIN
  SELECT RAISE(ABORT, 'beyond 64 bits');
END`
}

/** Converts the error of a refused write. No other trigger refuses a row of a table with totals. */
export function classifyRefusal(error: unknown, operation: WriteOperation): PersistenceError {
  const isBeyond =
    sqliteCode(error) === 'SQLITE_CONSTRAINT_TRIGGER' &&
    operation.kind === 'insert' &&
    operation.shape.totals !== undefined
  return isBeyond ? refused(refusals.range, error) : classify(error)
}
