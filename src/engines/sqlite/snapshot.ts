// A view of what is committed: a read transaction on a connection of its own, which the write-ahead log keeps while writers go on. A
// database in memory has one connection only, so its view is a copy of it.

import type { PersistenceError } from '../../errors.ts'
import type { EngineSnapshot, Query, Row } from '../contract/engine.ts'
import { CommittedView } from '../core/committed-view.ts'
import { Connection, type ConnectionSettings } from './connection.ts'
import type { OpenDriver } from './driver.ts'
import { classify } from './errors.ts'

export class SqliteSnapshot extends CommittedView<Connection> {
  /**
   * Takes the connection over: it is closed with the view, or when none can be had.
   * @param closed is called once, when the view is over
   */
  static async begin(
    connection: Connection,
    closed: (view: EngineSnapshot) => void,
  ): Promise<SqliteSnapshot> {
    try {
      connection.run('BEGIN')
      // The first read is what the view begins with.
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

/** A connection to a copy of a database in memory, as it is now. No transaction may stand open on it. */
export function copyOfMemory(
  open: OpenDriver,
  connection: Connection,
  settings: ConnectionSettings,
): Connection {
  const content = connection.handle.serialize()
  return new Connection((_path, options) => open(content, options), ':memory:', settings, true)
}
