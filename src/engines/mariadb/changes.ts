// Changes and deletes any number of rows of a table, with an outcome for each. Rows to change are
// first locked and read, so that the current values of rows that do not match are known; the rest
// is one unconditional statement.

import type { Row, TableShape, WireValue, WriteOutcome } from '../contract/engine.ts'
import type { Connection } from './connection.ts'
import { isCheckFault } from './errors.ts'
import { pad, readByKeys, slots } from './inserts.ts'
import { quoteName } from './quoting.ts'
import { COLLATION } from './session-settings.ts'
import type { Placed } from './write-plan.ts'

type Change = Placed<'compareAndSet'>['operation']

const updated: WriteOutcome = { kind: 'updated' }

/** Changes the same columns of different rows. Call it inside a transaction. */
export async function changeRows(
  connection: Connection,
  shape: TableShape,
  changes: readonly Change[],
): Promise<readonly WriteOutcome[]> {
  const looked = lookedAt(changes[0] as Change)
  const keys = changes.map((change) => change.key)
  const rows = await readByKeys(connection, shape, shape.key, [shape.key, ...looked], keys, true)
  const actual = new Map(rows.map(([key, ...rest]) => [String(key), rest]))
  const matching = changes.filter((change) => matches(change, actual.get(String(change.key))))
  // JSON holds no bytes.
  const hasBytes = matching.some(({ values }) => values.some((value) => value instanceof Uint8Array))
  if (matching.length > 1 && !hasBytes) await changeMany(connection, shape, matching)
  else for (const change of matching) await changeOne(connection, shape, change)
  const through = new Set(matching)
  return changes.map((change) =>
    through.has(change) ? updated : { kind: 'unmatched', actual: actual.get(String(change.key)) ?? null },
  )
}

/** Makes one change with one statement, which reports whether the row matched, but not why not. */
export async function tryChange(connection: Connection, change: Change): Promise<boolean> {
  const { shape, key, columns, values, expect, whereIn } = change
  const set = columns.map((column) => `${quoteName(column)} = ?`).join(', ')
  const choice =
    whereIn === undefined ? '' : ` AND ${quoteName(whereIn.column)} IN (${slots(whereIn.values.length)})`
  const sql = `UPDATE ${quoteName(shape.table)} SET ${set} WHERE ${quoteName(shape.key)} = ? AND ${quoteName(expect.column)} = ?${choice}`
  return (await runUpdate(connection, sql, [...values, key, expect.value, ...(whereIn?.values ?? [])])) === 1
}

/**
 * The server checks every column of a changed row, including unchanged ones. A damaged column must
 * not prevent changes to others, whose new values were already checked.
 */
async function runUpdate(connection: Connection, sql: string, parameters: Row): Promise<number> {
  try {
    return await connection.run(sql, parameters)
  } catch (error) {
    if (!isCheckFault(error)) throw error
    return connection.run(`SET STATEMENT check_constraint_checks = 0 FOR ${sql}`, parameters)
  }
}

/** Deletes rows by key and returns how many existed for each. */
export async function deleteRows(
  connection: Connection,
  shape: TableShape,
  deletions: readonly Placed<'delete'>['operation'][],
): Promise<readonly WriteOutcome[]> {
  const key = quoteName(shape.key)
  const keys = pad(deletions.map((deletion) => deletion.key))
  const sql = `DELETE FROM ${quoteName(shape.table)} WHERE ${key} IN (${slots(keys.length)}) RETURNING ${key}`
  const gone = new Set((await connection.all({ sql, parameters: keys })).map(([found]) => String(found)))
  return deletions.map((deletion) => ({ kind: 'deleted', count: gone.has(String(deletion.key)) ? 1 : 0 }))
}

function lookedAt({ expect, whereIn }: Change): readonly string[] {
  return whereIn === undefined ? [expect.column] : [expect.column, whereIn.column]
}

function matches({ expect, whereIn }: Change, actual: Row | undefined): boolean {
  if (!actual) return false
  const [expected, chosen] = actual
  if (String(expected) !== String(expect.value)) return false
  return whereIn === undefined || whereIn.values.some((value) => String(value) === String(chosen))
}

async function changeOne(connection: Connection, shape: TableShape, change: Change): Promise<void> {
  const set = change.columns.map((column) => `${quoteName(column)} = ?`).join(', ')
  const sql = `UPDATE ${quoteName(shape.table)} SET ${set} WHERE ${quoteName(shape.key)} = ?`
  await runUpdate(connection, sql, [...change.values, change.key])
}

/**
 * The rows are sent as one JSON text, so that one prepared statement serves any number of them. A
 * small table would be read whole, waiting for locks of rows that are not changed.
 */
async function changeMany(
  connection: Connection,
  shape: TableShape,
  changes: readonly Change[],
): Promise<void> {
  const columns = (changes[0] as Change).columns
  const fields = columns.map((_, index) => `c${index} LONGTEXT COLLATE ${COLLATION} PATH '$[${index + 1}]'`)
  const set = columns.map((column, index) => `target.${quoteName(column)} = given.c${index}`)
  const sql = `UPDATE JSON_TABLE(?, '$[*]' COLUMNS (k VARCHAR(255) COLLATE ${COLLATION} PATH '$[0]', ${fields.join(', ')})) AS given STRAIGHT_JOIN ${quoteName(shape.table)} AS target FORCE INDEX (PRIMARY) ON target.${quoteName(shape.key)} = given.k SET ${set.join(', ')}`
  const given = changes.map((change) => [change.key, ...change.values].map(toJson))
  await connection.run(sql, [JSON.stringify(given)])
}

const toJson = (value: WireValue) =>
  typeof value === 'string' ? value.toWellFormed() : value === null ? null : String(value)
