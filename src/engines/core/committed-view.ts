// Shared part of the engines' views of committed rows. Each view reads over a dedicated connection,
// which is closed with the view. How a view begins is specific to the engine.

import { PersistenceConnectionError, type PersistenceError } from '../../errors.ts'
import type { EngineSnapshot, Query, Row } from '../contract/engine.ts'

export abstract class CommittedView<Connection> implements EngineSnapshot {
  /** The connection on which the view's transaction is open. */
  readonly connection: Connection
  readonly #closed: (view: EngineSnapshot) => void
  #open = true

  /** @param closed is called once, when the view ends */
  constructor(connection: Connection, closed: (view: EngineSnapshot) => void) {
    this.connection = connection
    this.#closed = closed
  }

  protected abstract rowsOf(query: Query): readonly Row[] | Promise<readonly Row[]>
  /** Closes the connection. */
  protected abstract end(): void | Promise<void>
  protected abstract classified(error: unknown): PersistenceError

  async read(query: Query): Promise<readonly Row[]> {
    if (!this.#open) {
      throw new PersistenceConnectionError('the snapshot is closed; take another one', { retryable: false })
    }
    try {
      return await this.rowsOf(query)
    } catch (error) {
      throw this.classified(error)
    }
  }

  async close(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    try {
      await this.end()
    } catch {
      // Nothing was written on this connection, so nothing is lost if closing it fails.
    } finally {
      this.#closed(this)
    }
  }
}
