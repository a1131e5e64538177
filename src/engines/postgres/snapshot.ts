// A view of what is committed: a read-only transaction at REPEATABLE READ on a connection of its own. Writers go on; what they delete
// stays on the server's disk until the view is closed.

import { PersistenceConnectionError } from '../../errors.ts'
import type { EngineSnapshot, Query, Row } from '../engine.ts'
import type { Connection } from './connection.ts'
import { classify } from './errors.ts'

export class PostgresSnapshot implements EngineSnapshot {
  readonly #connection: Connection
  readonly #closed: () => void
  #open = true

  private constructor(connection: Connection, closed: () => void) {
    this.#connection = connection
    this.#closed = closed
  }

  /**
   * Takes the connection over: it is closed with the view, or when none can be had.
   * @param closed is called once, when the view is over
   */
  static async begin(
    connection: Connection,
    closed: (snapshot: PostgresSnapshot) => void,
  ): Promise<PostgresSnapshot> {
    try {
      // Newer servers can limit the time of a whole transaction, which would end the view.
      await connection.script(
        "SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'transaction_timeout'",
      )
      await connection.script('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
      // The view begins with the first statement.
      await connection.script('SELECT pg_current_snapshot()')
    } catch (error) {
      await connection.close().catch(() => undefined)
      throw classify(error)
    }
    const snapshot: PostgresSnapshot = new PostgresSnapshot(connection, () => closed(snapshot))
    return snapshot
  }

  async read(query: Query): Promise<readonly Row[]> {
    if (!this.#open) {
      throw new PersistenceConnectionError('the snapshot is closed; take another one', { retryable: false })
    }
    try {
      return (await this.#connection.run(query)).rows
    } catch (error) {
      throw classify(error)
    }
  }

  async close(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    // Nothing was written over it, so nothing is lost when the goodbye fails.
    await this.#connection.close().catch(() => undefined)
    this.#closed()
  }
}
