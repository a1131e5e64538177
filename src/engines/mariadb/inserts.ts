// Inserts any number of rows into a table, with an outcome for each. Nearly always one statement
// inserts them all; only if some already exist are those looked up and left out. INSERT IGNORE
// would be shorter, but it would also truncate long values and drop rows that violate a constraint.

import type { Query, Row, TableShape, WireValue, WriteOutcome } from '../contract/engine.ts'
import { MAX_PARAMETERS, MAX_STATEMENT_BYTES, ROW_STEP } from './capabilities.ts'
import type { Connection } from './connection.ts'
import { isDuplicate } from './errors.ts'
import { quoteName } from './quoting.ts'
import { cellOf } from './write-plan.ts'

const stored: WriteOutcome = { kind: 'stored' }

/** Outcomes in row order. No two rows share a key or unique key. Call it inside a transaction. */
export async function insertRows(
  connection: Connection,
  shape: TableShape,
  rows: readonly Row[],
  skipChecks = false,
): Promise<readonly WriteOutcome[]> {
  const outcomes: (WriteOutcome | undefined)[] = rows.map(() => undefined)
  for (const chunk of chunksOf(rows)) await insertChunk(connection, shape, rows, chunk, outcomes, skipChecks)
  return outcomes.map((outcome) => outcome ?? stored)
}

/** True if one statement can insert the rows, which then needs no explicit transaction. */
export function isOneStatement(rows: readonly Row[]): boolean {
  return chunksOf(rows).length === 1
}

/**
 * Inserts rows with one statement, all or none. `skipChecks` disables the table's check
 * constraints.
 */
export async function insertAtOnce(
  connection: Connection,
  shape: TableShape,
  rows: readonly Row[],
  skipChecks = false,
): Promise<void> {
  const { sql, parameters } = insertOf(shape, rows, skipChecks)
  await connection.run(sql, parameters)
}

/** The statement of `insertAtOnce`. */
export function insertOf(shape: TableShape, rows: readonly Row[], skipChecks = false): Query {
  const sql = insertSql(shape, rows.length)
  const text = skipChecks ? `SET STATEMENT check_constraint_checks = 0 FOR ${sql}` : sql
  return { sql: text, parameters: rows.flat() }
}

async function insertChunk(
  connection: Connection,
  shape: TableShape,
  rows: readonly Row[],
  chunk: readonly number[],
  outcomes: (WriteOutcome | undefined)[],
  skipChecks: boolean,
): Promise<void> {
  let left = chunk
  while (left.length > 0) {
    try {
      await insertAtOnce(
        connection,
        shape,
        left.map((index) => rows[index] as Row),
        skipChecks,
      )
      return
    } catch (error) {
      if (!isDuplicate(error)) throw error
      const found = await findExisting(
        connection,
        shape,
        left.map((index) => rows[index] as Row),
      )
      const next: number[] = []
      for (const [position, index] of left.entries()) {
        const existing = found[position]
        if (existing) outcomes[index] = { kind: 'duplicate', existing }
        else next.push(index)
      }
      // The conflict is on an index other than the key and the unique key: a single row's fault,
      // for which the batch is bisected.
      if (next.length === left.length) throw error
      left = next
    }
  }
}

/** The existing row that conflicts with each new row: by unique key first, then by key. */
async function findExisting(
  connection: Connection,
  shape: TableShape,
  rows: readonly Row[],
): Promise<readonly (Row | undefined)[]> {
  const by = async (column: string): Promise<ReadonlyMap<string, Row>> => {
    const values = rows.map((row) => cellOf(shape, row, column)).filter((value) => value !== null)
    if (values.length === 0) return new Map()
    const found = await readByKeys(connection, shape, column, shape.columns, values)
    return new Map(found.map((row) => [String(cellOf(shape, row, column)), row]))
  }
  const byIdentity = shape.uniqueKey === undefined ? new Map<string, Row>() : await by(shape.uniqueKey)
  const byKey = await by(shape.key)
  return rows.map((row) => {
    const uniqueKey = shape.uniqueKey === undefined ? null : cellOf(shape, row, shape.uniqueKey)
    return (
      (uniqueKey === null ? undefined : byIdentity.get(String(uniqueKey))) ??
      byKey.get(String(cellOf(shape, row, shape.key)))
    )
  })
}

/**
 * Rows whose column has one of the values. With `lock`, no other transaction can change them until
 * this one ends.
 */
export async function readByKeys(
  connection: Connection,
  shape: TableShape,
  column: string,
  columns: readonly string[],
  values: readonly WireValue[],
  lock = false,
): Promise<readonly Row[]> {
  if (values.length > MAX_KEYS) {
    const rest = values.slice(MAX_KEYS)
    return [
      ...(await readByKeys(connection, shape, column, columns, values.slice(0, MAX_KEYS), lock)),
      ...(await readByKeys(connection, shape, column, columns, rest, lock)),
    ]
  }
  const padded = pad(values)
  const sql = `SELECT ${columns.map(quoteName).join(', ')} FROM ${quoteName(shape.table)} WHERE ${quoteName(column)} IN (${slots(padded.length)})${lock ? ' FOR UPDATE' : ''}`
  return connection.all({ sql, parameters: padded })
}

/** The most keys of one statement. */
const MAX_KEYS = 1024

/**
 * Pads to one of few lengths by repeating the last value, which does not change the result of IN.
 */
export function pad(values: readonly WireValue[]): readonly WireValue[] {
  const length = values.length <= 1 ? 1 : 2 ** Math.ceil(Math.log2(values.length))
  return [...values, ...Array<WireValue>(length - values.length).fill(values.at(-1) ?? null)]
}

export const slots = (count: number) => Array(count).fill('?').join(', ')

const insertStatements = new WeakMap<TableShape, Map<number, string>>()

function insertSql(shape: TableShape, rows: number): string {
  const known = insertStatements.get(shape) ?? new Map<number, string>()
  insertStatements.set(shape, known)
  let sql = known.get(rows)
  if (sql === undefined) {
    const row = `(${slots(shape.columns.length)})`
    sql = `INSERT INTO ${quoteName(shape.table)} (${shape.columns.map(quoteName).join(', ')}) VALUES ${Array(rows).fill(row).join(', ')}`
    known.set(rows, sql)
  }
  return sql
}

/**
 * Row indexes, one list per statement: split where the values would be too large, and into few
 * lengths.
 */
function chunksOf(rows: readonly Row[]): readonly (readonly number[])[] {
  const chunks: number[][] = []
  let current: number[] = []
  let bytes = 0
  for (const [index, row] of rows.entries()) {
    const size = sizeOf(row)
    const isFull = bytes + size > MAX_STATEMENT_BYTES || (current.length + 1) * row.length > MAX_PARAMETERS
    if (current.length > 0 && isFull) {
      chunks.push(current)
      current = []
      bytes = 0
    }
    current.push(index)
    bytes += size
  }
  if (current.length > 0) chunks.push(current)
  return chunks.flatMap(stepsOf)
}

/** A multiple of the step, then the rest. Few rows are not split. */
function stepsOf(places: readonly number[]): readonly (readonly number[])[] {
  const whole = places.length - (places.length % ROW_STEP)
  if (whole === 0 || whole === places.length) return [places]
  return [places.slice(0, whole), places.slice(whole)]
}

/** An upper bound of a row's size in bytes, without counting the bytes of each character. */
function sizeOf(row: Row): number {
  let size = 0
  for (const value of row) {
    if (typeof value === 'string') size += 3 * value.length
    else size += value instanceof Uint8Array ? value.byteLength + 9 : 24
  }
  return size
}
