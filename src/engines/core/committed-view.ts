// What the engines' views of committed rows have in common: each reads over a connection of its own, which ends with the view. How a view
// begins is the engine's.

import { PersistenceConnectionError, type PersistenceError } from '../../errors.ts'
import type { EngineSnapshot, Query, Row } from '../contract/engine.ts'

export abstract class CommittedView<Connection> implements EngineSnapshot {
  /** The connection, on which the view's transaction stands open. */
  readonly connection: Connection
  readonly #closed: (view: EngineSnapshot) => void
  #open = true

  /** @param closed is called once, when the view is over */
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
      // Nothing was written over it, so nothing is lost when the goodbye fails.
    } finally {
      this.#closed(this)
    }
  }
}
