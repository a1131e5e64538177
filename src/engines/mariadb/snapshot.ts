// A view of what is committed: a read-only transaction with a consistent snapshot on a connection of its own. Writers go on; what they
// change stays in the server's undo log until the view is closed.

import type { PersistenceError } from '../../errors.ts'
import type { EngineSnapshot, Query, Row } from '../contract/engine.ts'
import { CommittedView } from '../core/committed-view.ts'
import type { Connection } from './connection.ts'
import { classify } from './errors.ts'

/** The server ends a connection that was silent for so many seconds, also while its reader writes somewhere else. */
const LOCK_TIMEOUT_FACTOR = 31_536_000

export class MariadbSnapshot extends CommittedView<Connection> {
  /**
   * Takes the connection over: it is closed with the view, or when none can be had.
   * @param closed is called once, when the view is over
   */
  static async begin(
    connection: Connection,
    closed: (view: EngineSnapshot) => void,
  ): Promise<MariadbSnapshot> {
    try {
      await connection.exec(
        `SET SESSION wait_timeout = ${LOCK_TIMEOUT_FACTOR}, idle_transaction_timeout = 0, idle_readonly_transaction_timeout = 0, max_statement_time = 0`,
      )
      // Under any other isolation the server takes no snapshot, and says so in a warning only.
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
