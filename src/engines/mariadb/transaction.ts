// An interactive transaction. It holds one pool connection from beginning to end. Other
// transactions run concurrently; if two change the same rows, one waits or fails with a conflict.

import { QueryError } from '../../errors.ts'
import type {
  ChangeNote,
  EngineTransaction,
  Query,
  Row,
  WriteOperation,
  WriteOutcome,
} from '../contract/engine.ts'
import { noHostWrites } from '../core/refusals.ts'
import type { Connection } from './connection.ts'
import { classify, classifyInTransaction, endsTransaction, isReadOnlyServer } from './errors.ts'
import { insertNotes } from './feed/change-feed.ts'
import { runWriteSet } from './write-set.ts'

export class MariadbTransaction implements EngineTransaction {
  readonly #connection: Connection
  readonly #release: () => void
  readonly #hasOtherHosts: boolean
  #over = false
  /** True once the server has rolled it back. */
  #undone = false

  /**
   * @param release returns the connection to the pool; called once, however the transaction ends
   * @param hasOtherHosts another host may accept writes if this one does not
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

  async commit(notes: readonly ChangeNote[] = []): Promise<void> {
    await this.#guard(async () => {
      await insertNotes(this.#connection, notes)
      await this.#connection.exec('COMMIT')
    })
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
      // This connection is not reused; the next one goes to a host that accepts writes.
      this.#undone = true
      void this.#connection.destroy()
      throw noHostWrites(classify(error).cause)
    }
  }
}
