// A view of committed rows: a read-only transaction with a consistent snapshot on a dedicated
// connection. Writers continue; old row versions remain in the server's undo log until the view is
// closed.

import type { PersistenceError } from '../../errors.ts'
import type { EngineSnapshot, Query, Row } from '../contract/engine.ts'
import { CommittedView } from '../core/committed-view.ts'
import type { Connection } from './connection.ts'
import { classify } from './errors.ts'

/**
 * The server ends a connection that was idle for this many seconds, even while its reader is busy
 * writing elsewhere.
 */
const LOCK_TIMEOUT_FACTOR = 31_536_000

export class MariadbSnapshot extends CommittedView<Connection> {
  /**
   * Takes ownership of the connection: it is closed with the view, or if the view cannot be
   * created.
   * @param closed is called once, when the view ends
   */
  static async begin(
    connection: Connection,
    closed: (view: EngineSnapshot) => void,
  ): Promise<MariadbSnapshot> {
    try {
      await connection.exec(
        `SET SESSION wait_timeout = ${LOCK_TIMEOUT_FACTOR}, idle_transaction_timeout = 0, idle_readonly_transaction_timeout = 0, max_statement_time = 0`,
      )
      // Under any other isolation level the server takes no snapshot, and only warns about it.
      await connection.exec('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
      await connection.exec('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY')
    } catch (error) {
      await connection.destroy()
      throw classify(error)
    }
    return new MariadbSnapshot(connection, closed)
  }

  protected rowsOf(query: Query): Promise<readonly Row[]> {
    return this.connection.all(query)
  }

  protected end(): Promise<void> {
    return this.connection.close()
  }

  protected classified(error: unknown): PersistenceError {
    return classify(error)
  }
}
