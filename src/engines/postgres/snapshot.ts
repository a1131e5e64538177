// A view of committed rows: a read-only transaction at REPEATABLE READ on a dedicated connection.
// Writers continue; what they delete remains on the server's disk until the view is closed.

import type { PersistenceError } from '../../errors.ts'
import type { EngineSnapshot, Query, Row } from '../contract/engine.ts'
import { CommittedView } from '../core/committed-view.ts'
import type { Connection } from './connection.ts'
import { classify } from './errors.ts'

/** The savepoint to which a failed statement rolls back. */
const MARK = 'purser_view'

export class PostgresSnapshot extends CommittedView<Connection> {
  /**
   * Takes ownership of the connection: it is closed with the view, or if the view cannot be
   * created.
   * @param closed is called once, when the view ends
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
      // A failed statement would abort the view's transaction; a lost connection has already ended
      // it.
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
