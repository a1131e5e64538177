// A view of what is committed: a read transaction on a connection of its own, which the write-ahead log keeps while writers go on. A
// database in memory has one connection only, so its view is a copy of it.

import Database from 'better-sqlite3'
import { PersistenceConnectionError } from '../../errors.ts'
import type { EngineSnapshot, Query, Row } from '../engine.ts'
import { Connection, type ConnectionSettings } from './connection.ts'
import { classify } from './errors.ts'

export class SqliteSnapshot implements EngineSnapshot {
  readonly #connection: Connection
  readonly #closed: () => void
  #open = true

  /** @param closed is called once, when the view is over */
  private constructor(connection: Connection, closed: () => void) {
    this.#connection = connection
    this.#closed = closed
  }

  /** Takes the connection over: it is closed with the view, or when none can be had. */
  static async begin(
    connection: Connection,
    closed: (snapshot: SqliteSnapshot) => void,
  ): Promise<SqliteSnapshot> {
    try {
      connection.run('BEGIN')
      // The first read is what the view begins with.
      await connection.whenFree(() => connection.all(firstRead))
    } catch (error) {
      connection.close()
      throw classify(error)
    }
    const snapshot: SqliteSnapshot = new SqliteSnapshot(connection, () => closed(snapshot))
    return snapshot
  }

  async read(query: Query): Promise<readonly Row[]> {
    if (!this.#open) {
      throw new PersistenceConnectionError('the snapshot is closed; take another one', { retryable: false })
    }
    try {
      return this.#connection.all(query)
    } catch (error) {
      throw classify(error)
    }
  }

  /** The connection, on which the view's transaction stands open. */
  get connection(): Connection {
    return this.#connection
  }

  async close(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    this.#connection.rollback()
    try {
      this.#connection.close()
    } catch {
      // Nothing was written over it, so nothing is lost with it.
    } finally {
      this.#closed()
    }
  }
}

const firstRead: Query = { sql: 'SELECT count(*) FROM sqlite_schema', parameters: [] }

/** A connection to a copy of a database in memory, as it is now. No transaction may stand open on it. */
export function copyOfMemory(connection: Connection, settings: ConnectionSettings): Connection {
  const content = connection.handle.serialize()
  return new Connection((_path, options) => new Database(content, options), ':memory:', settings, true)
}
