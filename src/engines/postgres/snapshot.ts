// A view of what is committed: a read-only transaction at REPEATABLE READ on a connection of its own. Writers go on; what they delete
// stays on the server's disk until the view is closed.

import type { PersistenceError } from '../../errors.ts'
import type { EngineSnapshot, Query, Row } from '../contract/engine.ts'
import { CommittedView } from '../core/committed-view.ts'
import type { Connection } from './connection.ts'
import { classify } from './errors.ts'

/** What a statement that fails falls back to. */
const MARK = 'purser_view'

export class PostgresSnapshot extends CommittedView<Connection> {
  /**
   * Takes the connection over: it is closed with the view, or when none can be had.
   * @param closed is called once, when the view is over
   */
  static async begin(
    connection: Connection,
    closed: (view: EngineSnapshot) => void,
  ): Promise<PostgresSnapshot> {
    try {
      await connection.script('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
      // The view begins with the first statement.
      await connection.script('SELECT pg_current_snapshot()')
      await connection.script(`SAVEPOINT ${MARK}`)
    } catch (error) {
      await connection.close().catch(() => undefined)
      throw classify(error)
    }
    return new PostgresSnapshot(connection, closed)
  }

  protected async rowsOf(query: Query): Promise<readonly Row[]> {
    try {
      return (await this.connection.run(query)).rows
    } catch (error) {
      // A statement that fails would end the view with it; a lost connection has ended it.
      await this.connection.script(`ROLLBACK TO SAVEPOINT ${MARK}`).catch(() => undefined)
      throw error
    }
  }

  protected end(): Promise<void> {
    return this.connection.close()
  }

  protected classified(error: unknown): PersistenceError {
    return classify(error)
  }
}
