// Interactive transactions: the same repositories over one open transaction, savepoints for nested ones, and the detection of
// calls that were not awaited. Which engine it runs on does not matter here.

import type { Engine, EngineTransaction } from './engines/engine.ts'
import { WriteQueue } from './engines/write-queue.ts'
import { PersistenceError, QueryError } from './errors.ts'
import { type EventPublisher, events } from './events.ts'
import type { RecordSession } from './records/session.ts'
import type { StatementCache } from './records/statements.ts'
import { createRepositories, type Repositories } from './repositories.ts'

/** The repositories inside a transaction. What they write is seen here at once, and outside only after the commit. */
export interface Transaction extends Repositories {
  /** A part that can fail alone: when `work` throws, only what it wrote is undone, and the error is rethrown. */
  transaction<T>(work: (inner: Transaction) => Promise<T>): Promise<T>
}

export interface TransactionOptions {
  /**
   * Run `work` again, from the start and up to five times, when the transaction lost against another one. Only for work that is
   * safe to repeat; off by default.
   */
  readonly retry?: boolean
}

interface TransactionContext {
  readonly engine: Engine
  readonly statements: StatementCache
  readonly events: EventPublisher
  readonly firstReport: RecordSession['firstReport']
}

const MAX_RETRIES = 5

export async function runTransaction<T>(
  context: TransactionContext,
  work: (tx: Transaction) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runOnce(context, work)
    } catch (error) {
      const lost = error instanceof PersistenceError && error.code === 'TRANSACTION_CONFLICT'
      if (!lost || !options.retry || attempt > MAX_RETRIES) throw error
      context.events.emit(events.transactionRetried, { attempt, code: error.code })
      // Full jitter, so that two that lost against each other do not meet again.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * 2 ** attempt))
    }
  }
}

async function runOnce<T>(context: TransactionContext, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const transaction = await context.engine.begin()
  try {
    const session = new TransactionSession(context, transaction)
    const result = await session.run(work)
    await transaction.commit()
    session.committed()
    return result
  } finally {
    await transaction.rollback()
  }
}

class TransactionSession implements RecordSession {
  readonly engine: Engine
  readonly statements: StatementCache
  readonly events: EventPublisher
  readonly firstReport: RecordSession['firstReport']
  readonly runner: RecordSession['runner']
  readonly #transaction: EngineTransaction
  readonly #queue: WriteQueue
  readonly #context: TransactionContext
  #afterCommit: (() => void)[] = []
  #running = 0
  #savepoints = 0
  /** Why the transaction cannot be committed any more. */
  #undone: PersistenceError | undefined
  #over = false

  constructor(context: TransactionContext, transaction: EngineTransaction) {
    this.#context = context
    this.engine = context.engine
    this.statements = context.statements
    this.events = context.events
    this.firstReport = context.firstReport
    this.#transaction = transaction
    this.runner = {
      read: (query) => this.read(query),
      writeSet: (operations) => this.#counted(() => this.#transaction.writeSet(operations)),
    }
    this.#queue = new WriteQueue({
      runSet: (operations) => transaction.writeSet(operations),
      maxSetSize: context.engine.capabilities.maxSetSize,
      classify: context.engine.classify,
    })
  }

  read: RecordSession['read'] = (query) =>
    this.#counted(async () => {
      // What was written before, awaited or not, comes before this read.
      await this.#queue.drained()
      return this.#transaction.read(query)
    })

  write: RecordSession['write'] = (operation) =>
    this.#counted(async () => {
      const outcome = await this.#queue.add(operation)
      if (outcome.kind === 'failed') throw outcome.error
      return outcome
    })

  writeTogether: RecordSession['writeTogether'] = (operations, accept) =>
    this.#nested(async () => {
      const outcomes = await this.#transaction.writeSet(operations)
      for (const outcome of outcomes) if (outcome.kind === 'failed') throw outcome.error
      accept(outcomes)
    })

  whenCommitted(afterCommit: () => void): void {
    this.#afterCommit.push(afterCommit)
  }

  committed(): void {
    for (const afterCommit of this.#afterCommit) afterCommit()
  }

  async run<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    try {
      const result = await work(this.#handle())
      await this.#assertAwaited()
      return result
    } finally {
      this.#over = true
    }
  }

  /** A call that is still running when the callback is over was not awaited. */
  async #assertAwaited(): Promise<void> {
    // A call of several steps is between two of them for a few microtasks.
    for (let hop = 0; hop < 8 && this.#running === 0; hop += 1) await undefined
    if (this.#undone) throw this.#undone
    if (this.#running === 0) return
    // Let it finish, so that its own promise settles; then nothing of the transaction is kept.
    while (this.#running > 0) await new Promise((resolve) => setImmediate(resolve))
    throw new QueryError(
      'a call inside the transaction was not awaited; the transaction was rolled back. Await every call on tx',
    )
  }

  #handle(): Transaction {
    return { ...createRepositories(this), transaction: (work) => this.#nested(() => work(this.#handle())) }
  }

  async #nested<T>(work: () => Promise<T>): Promise<T> {
    await this.#queue.drained()
    this.#savepoints += 1
    const name = `purser_${this.#savepoints}`
    const before = this.#afterCommit.length
    await this.#counted(() => this.#transaction.savepoint(name))
    try {
      const result = await work()
      await this.#queue.drained()
      await this.#counted(() => this.#transaction.releaseSavepoint(name))
      return result
    } catch (error) {
      await this.#queue.drained()
      await this.#undo(name)
      this.#afterCommit = this.#afterCommit.slice(0, before)
      throw error
    }
  }

  /** Undoes a nested part. When even that fails, the whole transaction must not be committed. */
  async #undo(savepoint: string): Promise<void> {
    try {
      await this.#counted(() => this.#transaction.rollbackToSavepoint(savepoint))
    } catch (error) {
      this.#undone = this.engine.classify(error)
    }
  }

  async #counted<T>(action: () => Promise<T>): Promise<T> {
    if (this.#over) throw new QueryError('the transaction is over; calls on tx belong inside its callback')
    this.#running += 1
    try {
      return await action()
    } catch (error) {
      throw this.#context.engine.classify(error)
    } finally {
      this.#running -= 1
    }
  }
}
