// What all scopes of one transaction share: the engine's transaction, the queue of its writes, the
// versions that it has read, and its savepoints.

import type { NotedChanges } from '../../changes/note.ts'
import type { EngineTransaction, Query, Row } from '../../engines/contract/engine.ts'
import { WriteQueue } from '../../engines/core/write-queue.ts'
import type { PersistenceError } from '../../errors.ts'
import type { Runner } from '../../records/repository/session.ts'
import { rowReader } from '../../records/repository/statements.ts'
import { classified } from '../classified.ts'
import type { SessionContext } from '../session.ts'
import { ReadVersions } from './read-versions.ts'

export class OpenTransaction {
  readonly queue: WriteQueue
  readonly readVersions = new ReadVersions()
  /** What it has changed, for the feed of changes; undefined if none is kept. */
  readonly changes: NotedChanges | undefined
  readonly #context: Pick<SessionContext, 'engine'>
  readonly #transaction: EngineTransaction
  #savepoints = 0
  #failure: PersistenceError | undefined

  constructor(
    context: Pick<SessionContext, 'engine' | 'statements'>,
    transaction: EngineTransaction,
    changes: NotedChanges | undefined,
  ) {
    this.#context = context
    this.#transaction = transaction
    this.changes = changes
    this.queue = new WriteQueue({
      runSet: async (operations, actors) => {
        const outcomes = await transaction.writeSet(operations)
        changes?.add(operations, outcomes, (position) => actors[position] as string)
        return outcomes
      },
      readRows: rowReader(context, (query) => transaction.read(query)),
      maxSetSize: context.engine.capabilities.maxSetSize,
      classify: context.engine.classify,
    })
  }

  read(query: Query): Promise<readonly Row[]> {
    return this.#transaction.read(query)
  }

  /** Reads and writes past the queue, for parts that run alone. */
  runner(actor: string): Runner {
    const transaction = this.#transaction
    return {
      read: (query) => transaction.read(query),
      writeSet: async (operations) => {
        const outcomes = await transaction.writeSet(operations)
        this.changes?.add(operations, outcomes, () => actor)
        for (const [index, outcome] of outcomes.entries()) {
          const operation = operations[index]
          if (operation) this.readVersions.noteOwn(operation, outcome)
        }
        return outcomes
      },
    }
  }

  /** @throws the reason why the transaction cannot be committed any more, where there is one */
  assertCommittable(): void {
    if (this.#failure) throw this.#failure
  }

  /** Runs a part after all writes made before it. When it throws, only what it wrote is undone. */
  async inSavepoint<T>(work: () => Promise<T>): Promise<T> {
    await this.queue.drained()
    this.#savepoints += 1
    const name = `purser_${this.#savepoints}`
    const { engine } = this.#context
    const restoreVersions = this.readVersions.mark()
    const forgetChanges = this.changes?.mark()
    await classified(engine, () => this.#transaction.savepoint(name))
    try {
      const result = await work()
      await this.queue.drained()
      await classified(engine, () => this.#transaction.releaseSavepoint(name))
      return result
    } catch (error) {
      await this.queue.drained()
      restoreVersions()
      forgetChanges?.()
      try {
        await this.#transaction.rollbackToSavepoint(name)
      } catch (failure) {
        // What could not be undone must not be committed.
        this.#failure ??= engine.classify(failure)
      }
      throw error
    }
  }
}
