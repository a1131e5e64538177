// A view of committed rows: a read transaction on a dedicated connection, which the write-ahead log
// preserves while writers continue. An in-memory database has only one connection, so its view is a
// copy.

import type { PersistenceError } from '../../errors.ts'
import type { EngineSnapshot, Query, Row } from '../contract/engine.ts'
import { CommittedView } from '../core/committed-view.ts'
import { Connection, type ConnectionSettings } from './connection.ts'
import type { OpenDriver } from './driver.ts'
import { classify } from './errors.ts'

export class SqliteSnapshot extends CommittedView<Connection> {
  /**
   * Takes ownership of the connection: it is closed with the view, or if the view cannot be
   * created.
   * @param closed is called once, when the view ends
   */
  static async begin(
    connection: Connection,
    closed: (view: EngineSnapshot) => void,
  ): Promise<SqliteSnapshot> {
    try {
      connection.run('BEGIN')
      // The view begins with the first read.
      await connection.whenFree(() => connection.all(firstRead))
    } catch (error) {
      connection.close()
      throw classify(error)
    }
    return new SqliteSnapshot(connection, closed)
  }

  protected rowsOf(query: Query): readonly Row[] {
    return this.connection.all(query)
  }

  protected end(): void {
    this.connection.rollback()
    this.connection.close()
  }

  protected classified(error: unknown): PersistenceError {
    return classify(error)
  }
}

const firstRead: Query = { sql: 'SELECT count(*) FROM sqlite_schema', parameters: [] }

/**
 * A connection to a copy of the in-memory database as it is now. No transaction may be open on it.
 */
export function copyOfMemory(
  open: OpenDriver,
  connection: Connection,
  settings: ConnectionSettings,
): Connection {
  const content = connection.handle.serialize()
  return new Connection((_path, options) => open(content, options), ':memory:', settings, true)
}
