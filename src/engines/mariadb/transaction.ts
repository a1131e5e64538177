// An interactive transaction: it holds one connection of the pool from its beginning to its end. Others work meanwhile; what
// two of them change alike makes one wait, or lose.

import { QueryError } from '../../errors.ts'
import type { EngineTransaction, Query, Row, WriteOperation, WriteOutcome } from '../contract/engine.ts'
import { noHostWrites } from '../core/refusals.ts'
import type { Connection } from './connection.ts'
import { classify, classifyInTransaction, endsTransaction, isReadOnlyServer } from './errors.ts'
import { runWriteSet } from './write-set.ts'

export class MariadbTransaction implements EngineTransaction {
  readonly #connection: Connection
  readonly #release: () => void
  readonly #hasOtherHosts: boolean
  #over = false
  /** The server has rolled it back. */
  #undone = false

  /**
   * @param release gives the connection back; called once, whichever way the transaction ends
   * @param elsewhere another host may accept writes where this one does not
   */
  constructor(connection: Connection, release: () => void, hasOtherHosts: boolean) {
    this.#connection = connection
    this.#release = release
    this.#hasOtherHosts = hasOtherHosts
  }

  read(query: Query): Promise<readonly Row[]> {
    return this.#guard(() => this.#connection.all(query))
  }

  writeSet(operations: readonly WriteOperation[]): Promise<readonly WriteOutcome[]> {
    return this.#guard(() => runWriteSet(this.#connection, operations))
  }

  savepoint(name: string): Promise<void> {
    return this.#guard(() => this.#connection.exec(`SAVEPOINT ${name}`))
  }

  releaseSavepoint(name: string): Promise<void> {
    return this.#guard(() => this.#connection.exec(`RELEASE SAVEPOINT ${name}`))
  }

  rollbackToSavepoint(name: string): Promise<void> {
    return this.#guard(() => this.#connection.exec(`ROLLBACK TO SAVEPOINT ${name}`))
  }

  async commit(): Promise<void> {
    await this.#guard(() => this.#connection.exec('COMMIT'))
    this.#over = true
    this.#release()
  }

  async rollback(): Promise<void> {
    if (this.#over) return
    this.#over = true
    await this.#connection.rollback()
    this.#release()
  }

  async #guard<T>(action: () => Promise<T>): Promise<T> {
    if (this.#over) throw new QueryError('the transaction is over; start a new one')
    if (this.#undone) {
      throw new QueryError('the database has rolled this transaction back after an error; start a new one')
    }
    try {
      return await action()
    } catch (error) {
      if (endsTransaction(error)) this.#undone = true
      if (!this.#hasOtherHosts || !isReadOnlyServer(error)) throw classifyInTransaction(error)
      // Nobody gets this connection again; the next looks for a host that accepts writes.
      this.#undone = true
      void this.#connection.destroy()
      throw noHostWrites(classify(error).cause)
    }
  }
}
