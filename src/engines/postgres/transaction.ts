// An interactive transaction on a dedicated connection, at READ COMMITTED. Every statement sees
// what is committed by then. A change is compared with the version it was based on, and fails with
// a conflict if another transaction changed the row first.

import { type PersistenceError, QueryError, TransactionConflictError } from '../../errors.ts'
import type {
  ChangeNote,
  EngineTransaction,
  Query,
  Row,
  WriteOperation,
  WriteOutcome,
} from '../contract/engine.ts'
import { noHostWrites } from '../core/refusals.ts'
import { changedSince, type Snapshot } from './changed-since.ts'
import type { Connection } from './connection.ts'
import { classify, isReadOnly, ServerFailure } from './errors.ts'
import { commitWith } from './feed/change-feed.ts'
import { cellOf } from './write-groups.ts'
import { runInside } from './write-set.ts'

export class PostgresTransaction implements EngineTransaction {
  readonly #connection: Connection
  readonly #schema: string
  readonly #begun: Snapshot
  readonly #release: () => void
  /** Rows that this transaction has written, by table and key. */
  readonly #own = new Set<string>()
  readonly #hasOtherHosts: boolean
  #over = false

  /**
   * @param release returns the connection to the pool; called once, however the transaction ends
   * @param hasOtherHosts another host may accept writes if this one does not
   */
  constructor(
    connection: Connection,
    schema: string,
    begun: Snapshot,
    release: () => void,
    hasOtherHosts: boolean,
  ) {
    this.#hasOtherHosts = hasOtherHosts
    this.#connection = connection
    this.#schema = schema
    this.#begun = begun
    this.#release = release
  }

  async read(query: Query): Promise<readonly Row[]> {
    return this.#guard(async () => (await this.#connection.run(query)).rows)
  }

  async writeSet(operations: readonly WriteOperation[]): Promise<readonly WriteOutcome[]> {
    return this.#guard(async () => {
      const outcomes = await runInside(this.#connection, operations, this.#schema)
      await this.#refuseOutrun(operations, outcomes)
      return outcomes
    })
  }

  /**
   * Rejects a change that found another version than the one it was based on, because of a
   * transaction that committed after this one began.
   */
  async #refuseOutrun(
    operations: readonly WriteOperation[],
    outcomes: readonly WriteOutcome[],
  ): Promise<void> {
    for (const [index, operation] of operations.entries()) {
      if (operation.kind === 'append' || operation.kind === 'execute') continue
      const { shape } = operation
      const key = operation.kind === 'insert' ? cellOf(shape, operation.row, shape.key) : operation.key
      const row = `${shape.table} ${String(key)}`
      const outcome = outcomes[index]
      if (outcome?.kind === 'stored' || outcome?.kind === 'updated') this.#own.add(row)
      if (outcome?.kind !== 'unmatched' || outcome.actual === null || this.#own.has(row)) continue
      if (await changedSince(this.#connection, shape, [key], this.#begun)) {
        throw new TransactionConflictError(
          'a row was changed by another transaction since this one began; repeat this one',
        )
      }
    }
  }

  async savepoint(name: string): Promise<void> {
    await this.#guard(() => this.#connection.script(`SAVEPOINT ${name}`))
  }

  async releaseSavepoint(name: string): Promise<void> {
    await this.#guard(() => this.#connection.script(`RELEASE ${name}`))
  }

  async rollbackToSavepoint(name: string): Promise<void> {
    await this.#guard(() => this.#connection.script(`ROLLBACK TO ${name}; RELEASE ${name}`))
  }

  async commit(notes: readonly ChangeNote[] = []): Promise<void> {
    this.#assertOpen()
    try {
      await commitWith(this.#connection, notes)
    } catch (error) {
      await this.rollback()
      throw classify(error)
    }
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
    this.#assertOpen()
    try {
      return await action()
    } catch (error) {
      if (!this.#hasOtherHosts || !isReadOnly(error)) throw classifyInside(error)
      // This connection is not reused; the next one goes to a host that accepts writes.
      this.#connection.spoil()
      throw noHostWrites(error)
    }
  }

  #assertOpen(): void {
    if (this.#over) throw new QueryError('the transaction is over; start a new one')
  }
}

/**
 * Classifies an error: a transaction that waited too long for another one should be repeated from
 * the start.
 */
function classifyInside(error: unknown): PersistenceError {
  if (!(error instanceof ServerFailure) || error.code !== '55P03') return classify(error)
  return new TransactionConflictError(
    'another transaction held a lock for longer than lockTimeout; repeat this one',
    { cause: error },
  )
}
