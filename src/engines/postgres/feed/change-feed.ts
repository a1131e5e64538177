// The feed of changes on PostgreSQL. A sequence gives numbers when they are drawn, not when their
// transaction commits, so rows are written without a position and get one afterwards, when they are
// committed. A row in a transaction that is still open is invisible then, and delays nothing. See
// docs/decisions/0026-feed.md.

import { QueryError } from '../../../errors.ts'
import {
  CHANGES_TABLE,
  type ChangeFeed,
  type ChangeNote,
  NEW_CHANGES_TABLE,
  type NoteChanges,
  type Query,
  type Row,
} from '../../contract/engine.ts'
import type { Connection } from '../connection.ts'
import { classify, isReadOnly, isRowFault, ServerFailure } from '../errors.ts'
import { advisoryKey } from '../lock.ts'

const INSERT = `INSERT INTO ${NEW_CHANGES_TABLE} (at, actor, changes)`
const insertNote = `${INSERT} VALUES (clock_timestamp(), $1, $2)`

/**
 * Commits a transaction, its rows of the feed first, in one round trip.
 * @throws QueryError if a statement before has failed: the server then answers COMMIT with
 * ROLLBACK, not with an error
 */
export async function commitWith(connection: Connection, notes: readonly ChangeNote[] = []): Promise<void> {
  const inserts = notes.map(({ actor, changes }) =>
    connection.run({ sql: insertNote, parameters: [actor, changes] }),
  )
  const commit = connection.run({ sql: 'COMMIT', parameters: [] })
  const refused = (await Promise.allSettled([...inserts, commit])).find(({ status }) => status === 'rejected')
  if (refused?.status === 'rejected') throw refused.reason
  if ((await commit).command === 'ROLLBACK')
    throw new QueryError('the database has rolled this transaction back after an error; start a new one')
}

const noted = new Map<string, string>()

/**
 * A statement of a single row that returns its key, with the row of the feed: both are written, or
 * neither.
 */
export function withNote({ sql, parameters }: Query, { actor, changes }: ChangeNote): Query {
  let text = noted.get(sql)
  if (text === undefined) {
    const [first, second] = [parameters.length + 1, parameters.length + 2]
    text = `WITH done AS (${sql}), noted AS (${INSERT} SELECT clock_timestamp(), $${first}, $${second} FROM done) SELECT * FROM done`
    noted.set(sql, text)
  }
  return { sql: text, parameters: [...parameters, actor, changes] }
}

/** The one note of a batch of one write, if the write goes as expected. */
export function noteOfOne(note: NoteChanges): ChangeNote | undefined {
  const [only, ...others] = note([{ kind: 'stored' }])
  return others.length === 0 ? only : undefined
}

/** Rows that get their positions in one statement. */
const AT_ONCE = 500

const state: Query = {
  sql: `SELECT (SELECT max(position) FROM ${CHANGES_TABLE}), EXISTS (SELECT 1 FROM ${NEW_CHANGES_TABLE})`,
  parameters: [],
}

/**
 * One statement, so that a process that is stopped cannot hold its locks. Of two that run at once
 * the lock lets one pass. Should the other have begun with an older last position, its first row
 * collides with a row that is there, and nothing of it is stored.
 */
const ORDER = `WITH last AS MATERIALIZED (SELECT coalesce(max(position), 0) AS position FROM ${CHANGES_TABLE}),
due AS MATERIALIZED (SELECT seq FROM ${NEW_CHANGES_TABLE} WHERE (SELECT pg_try_advisory_xact_lock($1)) ORDER BY seq LIMIT ${AT_ONCE}),
moved AS (DELETE FROM ${NEW_CHANGES_TABLE} WHERE seq IN (SELECT seq FROM due) RETURNING seq, at, actor, changes)
INSERT INTO ${CHANGES_TABLE} (position, at, actor, changes)
SELECT last.position + row_number() OVER (ORDER BY moved.seq), moved.at, moved.actor, moved.changes FROM moved CROSS JOIN last`

/** The reading side of the feed: rows that are visible to every reader, and the newest position. */
export function createFeed(
  schema: string,
  read: (query: Query) => Promise<readonly Row[]>,
  use: <T>(work: (connection: Connection) => Promise<T>) => Promise<T>,
): ChangeFeed {
  const order: Query = { sql: ORDER, parameters: [advisoryKey('feed', schema)] }
  return {
    isOrdered: false,
    async last() {
      for (;;) {
        const [row] = await read(state)
        const last = BigInt(String(row?.[0] ?? 0))
        if (row?.[1] !== 't') return last
        const moved = await use((connection) => connection.run(order)).then(({ count }) => count, refused)
        if (moved === 0) return BigInt(String((await read(state))[0]?.[0] ?? 0))
      }
    },
  }
}

/** Another process is faster, or this one may not write: rows get their positions from another. */
function refused(error: unknown): 0 {
  const isDenied = error instanceof ServerFailure && error.code === '42501'
  if (isRowFault(error) || isReadOnly(error) || isDenied) return 0
  throw classify(error)
}
