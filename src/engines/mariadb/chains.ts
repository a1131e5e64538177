// Appends to chains: rows numbered without gaps, each derived from the previous one. A writer locks
// the first row of the chain until its transaction ends, so that no other can append between
// reading the last row and the commit.

import { QueryError, TransactionConflictError } from '../../errors.ts'
import type { ChainAppend, ChainHead, Row, TableShape, WriteOutcome } from '../contract/engine.ts'
import type { Connection } from './connection.ts'
import { isDuplicate } from './errors.ts'
import { insertAtOnce, readByKeys } from './inserts.ts'
import { quoteName } from './quoting.ts'
import { cellOf } from './write-plan.ts'

const stored: WriteOutcome = { kind: 'stored' }
/** Rows of one INSERT: an entry is a few hundred bytes, rarely a few thousand. */
const CHUNK = 128

/**
 * Outcomes in the order of the appends. Call it inside a transaction, and last: other writers wait
 * for the transaction from here on.
 */
export async function appendAll(
  connection: Connection,
  appends: readonly ChainAppend[],
): Promise<readonly WriteOutcome[]> {
  const tables = new Map<string, number[]>()
  for (const [index, { shape }] of appends.entries()) {
    const places = tables.get(shape.table) ?? []
    places.push(index)
    tables.set(shape.table, places)
  }
  const outcomes: WriteOutcome[] = appends.map(() => stored)
  for (const places of tables.values()) {
    const found = await appendTo(
      connection,
      places.map((place) => appends[place] as ChainAppend),
    )
    for (const [position, place] of places.entries()) outcomes[place] = found[position] ?? stored
  }
  return outcomes
}

/** Appends to one chain. */
async function appendTo(
  connection: Connection,
  appends: readonly ChainAppend[],
): Promise<readonly WriteOutcome[]> {
  const { shape, head } = appends[0] as ChainAppend
  let last = await lockHead(connection, shape, head)
  const first = last
  const existing = await findRepeated(connection, shape, appends, last)
  const rows: Row[] = []
  const outcomes = appends.map((append): WriteOutcome => {
    const { row, sequence, hash } = append.link(last)
    if (append.idempotent) {
      const key = String(cellOf(shape, row, shape.key))
      const repeated = existing.get(key)
      if (repeated) return { kind: 'duplicate', existing: repeated }
      existing.set(key, row)
    }
    rows.push(row)
    last = { sequence, hash }
    return stored
  })
  try {
    for (let start = 0; start < rows.length; start += CHUNK) {
      await insertAtOnce(connection, shape, rows.slice(start, start + CHUNK))
    }
  } catch (error) {
    if (!isDuplicate(error)) throw error
    const now = await readHead(connection, shape, head)
    // Only an empty chain has no row to lock: another writer appended the first row in the
    // meantime.
    if (now?.sequence !== first?.sequence) {
      throw new TransactionConflictError(
        `another transaction was faster to begin ${shape.table}; repeat this one`,
      )
    }
    throw new QueryError(`an entry of ${shape.table} has an id that is there already`)
  }
  return outcomes
}

async function lockHead(
  connection: Connection,
  shape: TableShape,
  head: ChainAppend['head'],
): Promise<ChainHead | null> {
  const [table, sequence] = [quoteName(shape.table), quoteName(head.sequence)]
  // Its number is not always 1: the beginning of a chain may have been cut.
  const first = `SELECT 1 FROM ${table} ORDER BY ${sequence} LIMIT 1 FOR UPDATE`
  await connection.all({ sql: first, parameters: [] })
  return readHead(connection, shape, head)
}

async function readHead(
  connection: Connection,
  shape: TableShape,
  head: ChainAppend['head'],
): Promise<ChainHead | null> {
  const [sequence, hash] = [quoteName(head.sequence), quoteName(head.hash)]
  const sql = `SELECT ${sequence}, ${hash} FROM ${quoteName(shape.table)} ORDER BY ${sequence} DESC LIMIT 1`
  const [row] = await connection.all({ sql, parameters: [] })
  return row ? { sequence: Number(row[0]), hash: String(row[1]) } : null
}

/** Existing rows with a key that the caller of an append chose, by key. */
async function findRepeated(
  connection: Connection,
  shape: TableShape,
  appends: readonly ChainAppend[],
  last: ChainHead | null,
): Promise<Map<string, Row>> {
  const keys = appends
    .filter(({ idempotent }) => idempotent)
    .map(({ link }) => cellOf(shape, link(last).row, shape.key))
  if (keys.length === 0) return new Map()
  const rows = await readByKeys(connection, shape, shape.key, shape.columns, keys)
  return new Map(rows.map((row) => [String(cellOf(shape, row, shape.key)), row]))
}
