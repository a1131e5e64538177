// The feed of changes on SQLite. There is one writer at a time, and AUTOINCREMENT numbers its rows,
// so their numbers are in the order of commits and have no gaps: a rolled back transaction takes
// its numbers back. Rows are written with their position, and nothing has to be put in order.

import {
  CHANGES_TABLE,
  type ChangeFeed,
  type ChangeNote,
  type Query,
  type Row,
} from '../../contract/engine.ts'
import type { Connection } from '../connection.ts'

// The time is the database's own, in the form of every other instant (codec.ts).
const INSERT = `INSERT INTO ${CHANGES_TABLE} (at, actor, changes) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), ?, ?)`

/** Writes rows of the feed. Call it in the transaction whose changes they list. */
export function insertNotes(connection: Connection, notes: readonly ChangeNote[]): void {
  for (const { actor, changes } of notes) connection.run(INSERT, [actor, changes])
}

const last: Query = { sql: `SELECT max(position) FROM ${CHANGES_TABLE}`, parameters: [] }

/** The reading side of the feed: rows after a position, and the newest position. */
export function createFeed(read: (query: Query) => Promise<readonly Row[]>): ChangeFeed {
  return {
    isOrdered: true,
    async last() {
      const [row] = await read(last)
      return BigInt(String(row?.[0] ?? 0))
    },
  }
}
