// The feed of changes on MariaDB. AUTO_INCREMENT gives numbers when a row is inserted, not when its
// transaction commits, so rows are written without a position and get one afterwards, when they are
// committed. A row in a transaction that is still open is invisible then, and delays nothing. See
// docs/decisions/0026-feed.md.

import {
  CHANGES_TABLE,
  type ChangeFeed,
  type ChangeNote,
  NEW_CHANGES_TABLE,
  type Query,
  type Row,
  type WireValue,
} from '../../contract/engine.ts'
import type { Connection } from '../connection.ts'
import { classify, isDuplicate, isReadOnlyServer, serverNumber } from '../errors.ts'
import { pad, slots } from '../inserts.ts'

const INSERT = `INSERT INTO ${NEW_CHANGES_TABLE} (at, actor, changes) VALUES `
const VALUES = '(UTC_TIMESTAMP(3), ?, ?)'

function insertOf(notes: readonly ChangeNote[]): Query {
  return {
    sql: INSERT + notes.map(() => VALUES).join(', '),
    parameters: notes.flatMap(({ actor, changes }) => [actor, changes]),
  }
}

/** Writes rows of the feed. Call it in the transaction whose changes they list. */
export async function insertNotes(connection: Connection, notes: readonly ChangeNote[]): Promise<void> {
  if (notes.length === 0) return
  const { sql, parameters } = insertOf(notes)
  await connection.run(sql, parameters)
}

/** Runs an insert with its rows of the feed as one transaction, in one round trip. */
export async function commitNoted(
  connection: Connection,
  insert: Query,
  notes: readonly ChangeNote[],
): Promise<void> {
  if (notes.length === 0) return void (await connection.run(insert.sql, insert.parameters))
  const noted = insertOf(notes)
  await connection.run(transactionOf(insert.sql, noted.sql), [...insert.parameters, ...noted.parameters])
}

/**
 * Statements as one transaction that the server runs to its end by itself, so that a process that
 * is stopped cannot hold its locks.
 * https://mariadb.com/kb/en/using-compound-statements-outside-of-stored-programs/
 */
function transactionOf(...statements: readonly string[]): string {
  return `BEGIN NOT ATOMIC
DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
START TRANSACTION; ${statements.join('; ')}; COMMIT; END`
}

/** Rows that get their positions in one transaction. */
const AT_ONCE = 256

const state: Query = {
  sql: `SELECT coalesce((SELECT max(position) FROM ${CHANGES_TABLE}), 0), (SELECT min(seq) FROM ${NEW_CHANGES_TABLE})`,
  parameters: [],
}

/** Committed rows only: a plain read passes over rows of transactions that are still open. */
const due: Query = {
  sql: `SELECT seq, coalesce((SELECT max(position) FROM ${CHANGES_TABLE}), 0) FROM ${NEW_CHANGES_TABLE} ORDER BY seq LIMIT ${AT_ONCE}`,
  parameters: [],
}

/**
 * The reading side of the feed: rows up to the oldest open transaction, and the newest position.
 */
export function createFeed(
  read: (query: Query) => Promise<readonly Row[]>,
  use: <T>(work: (connection: Connection) => Promise<T>) => Promise<T>,
): ChangeFeed {
  const last = async (): Promise<bigint> => {
    for (;;) {
      const [row] = await read(state)
      if ((row?.[1] ?? null) === null) return BigInt(String(row?.[0] ?? 0))
      const rows = await read(due)
      const isDone = rows.length > 0 && (await use((connection) => order(connection, rows)))
      if (!isDone) return BigInt(String((await read(state))[0]?.[0] ?? 0))
    }
  }
  return { isOrdered: false, last }
}

/**
 * Gives positions to rows. Of two that do so at once, the second finds its first position taken,
 * and nothing of it is stored: both began with the same last position, or its rows are moved
 * already.
 * @returns false if another process was faster, or this one may not write
 */
async function order(connection: Connection, rows: readonly Row[]): Promise<boolean> {
  const seqs: readonly WireValue[] = pad(rows.map(([seq]) => seq ?? null))
  const among = `seq IN (${slots(seqs.length)})`
  const sql = transactionOf(
    `INSERT INTO ${CHANGES_TABLE} (position, at, actor, changes) SELECT CAST(? AS SIGNED) + row_number() OVER (ORDER BY seq), at, actor, changes FROM ${NEW_CHANGES_TABLE} WHERE ${among}`,
    `DELETE FROM ${NEW_CHANGES_TABLE} WHERE ${among}`,
  )
  try {
    await connection.run(sql, [rows[0]?.[1] ?? 0, ...seqs, ...seqs])
    return true
  } catch (error) {
    const isDenied = [1142, 1143, 1290, 1836].includes(serverNumber(error) ?? 0)
    if (isDuplicate(error) || isReadOnlyServer(error) || isDenied) return false
    throw classify(error)
  }
}
