// An interactive transaction. It holds the store's writer connection from BEGIN IMMEDIATE to the
// end, so that what it reads cannot change before it writes.

import { QueryError } from '../../errors.ts'
import type {
  ChangeNote,
  EngineTransaction,
  Query,
  Row,
  WriteOperation,
  WriteOutcome,
} from '../contract/engine.ts'
import type { Connection } from './connection.ts'
import { classify } from './errors.ts'
import { insertNotes } from './feed/change-feed.ts'
import { runWriteSet } from './write-set.ts'

/** What a transaction needs from its engine. */
export interface TransactionAccess {
  /** @throws PersistenceConnectionError when a commit would go into a file that no longer exists */
  assertInPlace(): void
  /** Releases the writer connection. Called once, however the transaction ends. */
  release(): void
}

export class SqliteTransaction implements EngineTransaction {
  readonly #connection: Connection
  readonly #access: TransactionAccess
  #over = false

  constructor(connection: Connection, access: TransactionAccess) {
    this.#connection = connection
    this.#access = access
  }

  async read(query: Query): Promise<readonly Row[]> {
    return this.#guard(() => this.#connection.all(query))
  }

  async writeSet(operations: readonly WriteOperation[]): Promise<readonly WriteOutcome[]> {
    return this.#guard(() => runWriteSet(this.#connection, operations))
  }

  async savepoint(name: string): Promise<void> {
    this.#guard(() => this.#connection.run(`SAVEPOINT ${name}`))
  }

  async releaseSavepoint(name: string): Promise<void> {
    this.#guard(() => this.#connection.run(`RELEASE ${name}`))
  }

  async rollbackToSavepoint(name: string): Promise<void> {
    this.#guard(() => {
      this.#connection.run(`ROLLBACK TO ${name}`)
      this.#connection.run(`RELEASE ${name}`)
    })
  }

  async commit(notes: readonly ChangeNote[] = []): Promise<void> {
    this.#assertOpen()
    try {
      insertNotes(this.#connection, notes)
      this.#access.assertInPlace()
      await this.#connection.whenFree(() => this.#connection.run('COMMIT'))
    } catch (error) {
      throw classify(error)
    } finally {
      this.#end()
    }
  }

  async rollback(): Promise<void> {
    if (!this.#over) this.#end()
  }

  #end(): void {
    this.#over = true
    try {
      this.#connection.rollback()
    } finally {
      this.#access.release()
    }
  }

  #guard<T>(action: () => T): T {
    this.#assertOpen()
    try {
      return action()
    } catch (error) {
      throw classify(error)
    }
  }

  #assertOpen(): void {
    if (this.#over) throw new QueryError('the transaction is over; start a new one')
    if (!this.#connection.inTransaction) {
      throw new QueryError('the database has rolled this transaction back after an error; start a new one')
    }
  }
}
