// Interactive transactions: the same repositories over one open transaction, savepoints for nested ones, and the detection of
// calls that were not awaited. Calls made side by side are kept apart, so that undoing one part undoes no other. Which engine it
// runs on does not matter here.

import { AsyncLocalStorage } from 'node:async_hooks'
import { z } from 'zod'
import type { Engine, EngineTransaction } from '../engines/contract/engine.ts'
import { retryOnConflict } from '../engines/core/retry-on-conflict.ts'
import { WriteQueue } from '../engines/core/write-queue.ts'
import { type PersistenceError, QueryError } from '../errors.ts'
import { type EventPublisher, events } from '../observability/events.ts'
import { parseOrThrow } from '../records/model/issues.ts'
import { createRepositories, type Repositories } from '../records/registry.ts'
import { aFunction, readOptions } from '../records/repository/arguments.ts'
import { checkActor, type RecordSession, type Runner } from '../records/repository/session.ts'
import { rowReader, type StatementCache } from '../records/repository/statements.ts'
import { ReadVersions } from './read-versions.ts'

/** The repositories inside a transaction. What they write is seen here at once, and outside only after the commit. */
export interface Transaction extends Repositories {
  /** The same repositories in the name of another actor; see `Store.as`. */
  as(actor: string): Repositories
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

const transactionOptions = { retry: z.boolean() } satisfies Record<keyof TransactionOptions, unknown>

interface TransactionContext {
  readonly actor: string
  readonly profiles: RecordSession['profiles']
  readonly now: RecordSession['now']
  readonly engine: Engine
  readonly statements: StatementCache
  readonly events: EventPublisher
  readonly firstReport: RecordSession['firstReport']
}

export async function runTransaction<T>(
  context: TransactionContext,
  work: (tx: Transaction) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const { retry } = readOptions('transaction', transactionOptions, options)
  if (!retry) return runOnce(context, work)
  return retryOnConflict(
    () => runOnce(context, work),
    (attempt, { code }) => context.events.emit(events.transactionRetried, { attempt, code }),
  )
}

async function runOnce<T>(context: TransactionContext, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const transaction = await classified(context.engine, () => context.engine.begin())
  try {
    const scope = new Scope(new Shared(context, transaction))
    const result = await scope.run(work)
    await classified(context.engine, () => transaction.commit())
    scope.committed()
    return result
  } finally {
    await transaction.rollback()
  }
}

async function classified<T>(engine: Engine, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    throw engine.classify(error)
  }
}

/** What all scopes of one transaction share. */
class Shared {
  readonly context: TransactionContext
  readonly transaction: EngineTransaction
  readonly queue: WriteQueue
  readonly seen = new ReadVersions()
  /** Reads and writes of the library's own parts. */
  readonly runner: Runner
  savepoints = 0
  /** Why the transaction cannot be committed any more. */
  undone: PersistenceError | undefined

  constructor(context: TransactionContext, transaction: EngineTransaction) {
    this.context = context
    this.transaction = transaction
    this.runner = {
      read: (query) => transaction.read(query),
      writeSet: async (operations) => {
        const outcomes = await transaction.writeSet(operations)
        for (const [index, outcome] of outcomes.entries()) {
          const operation = operations[index]
          if (operation) this.seen.noteOwn(operation, outcome)
        }
        return outcomes
      },
    }
    this.queue = new WriteQueue({
      runSet: (operations) => transaction.writeSet(operations),
      readRows: rowReader(context, (query) => transaction.read(query)),
      maxSetSize: context.engine.capabilities.maxSetSize,
      classify: context.engine.classify,
    })
  }
}

/**
 * The promise of one call, which knows whether anybody waits for it. `await` and `Promise.all` call `then` on a promise that is not
 * plain; a call on which nobody did so was forgotten, even if it has settled by now.
 */
class Call<T> extends Promise<T> {
  /** Settles with the call, and never rejects. */
  readonly settled: Promise<void>
  readonly #closed: () => void
  #awaited = false
  #done = false

  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  /** @param closed is called once the call has settled and somebody has awaited it */
  constructor(result: Promise<T>, closed: () => void) {
    super((resolve, reject) => void result.then(resolve, reject))
    this.#closed = closed
    const done = () => {
      this.#done = true
      if (this.#awaited) closed()
    }
    this.settled = super.then(done, done)
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a promise; noticing who waits is the point
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#awaited = true
    if (this.#done) this.#closed()
    return super.then(onFulfilled, onRejected)
  }
}

/** The scope whose callback the running code is in. */
const current = new AsyncLocalStorage<Scope>()

/** The transaction itself, or one of its nested parts, between the begin and the end of its callback. */
class Scope implements RecordSession {
  readonly actor: string
  readonly profiles: RecordSession['profiles']
  readonly now: RecordSession['now']
  readonly engine: Engine
  readonly statements: StatementCache
  readonly events: EventPublisher
  readonly firstReport: RecordSession['firstReport']
  readonly runner: RecordSession['runner']
  readonly #shared: Shared
  readonly #outer: Scope | undefined
  #afterCommit: (() => void)[] = []
  /** Calls on the handle that have not settled, or that nobody has awaited. */
  readonly #openCalls = new Set<Call<unknown>>()
  /** Settles when the last part that works alone has ended; calls made in the meantime wait for it. */
  #alone: Promise<void> | undefined
  #over = false

  constructor(shared: Shared, outer?: Scope) {
    const { actor, profiles, now, engine, statements, events: publisher, firstReport } = shared.context
    this.actor = actor
    this.profiles = profiles
    this.now = now
    this.engine = engine
    this.statements = statements
    this.events = publisher
    this.firstReport = firstReport
    this.#shared = shared
    this.#outer = outer
    this.runner = {
      read: (query) => this.read(query),
      writeSet: (operations) => this.#call(() => shared.runner.writeSet(operations)),
    }
  }

  read: RecordSession['read'] = (query) =>
    this.#call(async () => {
      // What was written before, awaited or not, comes before this read.
      await this.#shared.queue.drained()
      return this.#shared.transaction.read(query)
    })

  getRow: RecordSession['getRow'] = async (shape, key) => {
    const [row] = await this.read(this.statements.rowsByKey(shape, [key]))
    if (row) this.#shared.seen.note(shape, key, row)
    return row
  }

  conflictFor: RecordSession['conflictFor'] = (...change) => this.#shared.seen.conflictFor(...change)

  write: RecordSession['write'] = (operation) =>
    this.#call(async () => {
      const outcome = await this.#shared.queue.add(operation)
      if (outcome.kind === 'failed') throw outcome.error
      this.#shared.seen.noteOwn(operation, outcome)
      return outcome
    })

  inTransaction: RecordSession['inTransaction'] = (work) => this.#part(() => work(this.#shared.runner))

  whenCommitted(afterCommit: () => void): void {
    this.#afterCommit.push(afterCommit)
  }

  committed(): void {
    for (const afterCommit of this.#afterCommit) afterCommit()
  }

  async run<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    try {
      const result = await current.run(this, work, this.#handle())
      if (this.#openCalls.size > 0) await this.#refuseForgotten()
      if (this.#shared.undone) throw this.#shared.undone
      return result
    } finally {
      this.#over = true
    }
  }

  async #refuseForgotten(): Promise<never> {
    this.#over = true
    // Let them end, so that nothing of them comes after the rollback; what they say no longer matters.
    await Promise.allSettled([...this.#openCalls].map((call) => call.settled))
    throw new QueryError(
      'a call inside the transaction was not awaited; the transaction was rolled back. Await every call on tx',
    )
  }

  #handle(): Transaction {
    return {
      ...this.#repositories(this),
      as: (actor) => this.#repositories(this.#inNameOf(checkActor(actor))),
      transaction: (work, options?: object) => this.#watch(this.#nested(work, options)),
    }
  }

  #repositories(session: RecordSession): Repositories {
    const repositories = Object.entries(createRepositories(session))
    const watched = repositories.map(([name, repository]) => [name, this.#watched(repository)])
    return Object.fromEntries(watched) as Repositories
  }

  #inNameOf(actor: string): RecordSession {
    const { profiles, now, engine, statements, events: publisher, firstReport, runner } = this
    const { read, getRow, conflictFor, write, inTransaction } = this
    const whenCommitted = (afterCommit: () => void) => this.whenCommitted(afterCommit)
    return {
      ...{ actor, profiles, now, engine, statements, events: publisher, firstReport, runner },
      ...{ read, getRow, conflictFor, write, inTransaction, whenCommitted },
    }
  }

  /** The repository, with every call noted until it settles. */
  #watched<R extends object>(repository: R): R {
    return new Proxy(repository, {
      get: (target, key) => {
        const member: unknown = Reflect.get(target, key)
        if (typeof member !== 'function') return member
        return (...args: unknown[]) => this.#watch(Reflect.apply(member, target, args))
      },
    })
  }

  #watch<T>(result: T): T {
    if (!(result instanceof Promise)) return result
    const call = new Call(result, () => this.#openCalls.delete(call))
    this.#openCalls.add(call)
    return call as T
  }

  async #nested<T>(work: (inner: Transaction) => Promise<T>, options: object | undefined): Promise<T> {
    parseOrThrow('transaction', aFunction, work)
    readOptions('a nested transaction', {}, options)
    const inner = new Scope(this.#shared, this)
    return this.#part(
      () => inner.run(work),
      () => this.#afterCommit.push(...inner.#afterCommit),
    )
  }

  /** Runs a part that can be undone by itself, after all calls made before it and before all made after it. */
  async #part<T>(work: () => Promise<T>, kept?: () => void): Promise<T> {
    this.#assertUsable()
    const before = this.#alone
    let leave: () => void = () => undefined
    const alone = new Promise<void>((resolve) => {
      leave = resolve
    })
    this.#alone = alone
    try {
      await before
      await this.#shared.queue.drained()
      const result = await this.#inSavepoint(work)
      kept?.()
      return result
    } finally {
      if (this.#alone === alone) this.#alone = undefined
      leave()
    }
  }

  async #inSavepoint<T>(work: () => Promise<T>): Promise<T> {
    const { transaction, queue } = this.#shared
    this.#shared.savepoints += 1
    const name = `purser_${this.#shared.savepoints}`
    const forget = this.#shared.seen.mark()
    await classified(this.engine, () => transaction.savepoint(name))
    try {
      const result = await work()
      await queue.drained()
      await classified(this.engine, () => transaction.releaseSavepoint(name))
      return result
    } catch (error) {
      await queue.drained()
      forget()
      try {
        await transaction.rollbackToSavepoint(name)
      } catch (failure) {
        // What could not be undone must not be committed.
        this.#shared.undone ??= this.engine.classify(failure)
      }
      throw error
    }
  }

  async #call<T>(action: () => Promise<T>): Promise<T> {
    this.#assertUsable()
    if (this.#alone) await this.#alone
    return classified(this.engine, action)
  }

  get #isOver(): boolean {
    return this.#over || (this.#outer ? this.#outer.#isOver : false)
  }

  #assertUsable(): void {
    if (this.#isOver) throw new QueryError('the transaction is over; calls on tx belong inside its callback')
    for (let scope = current.getStore(); scope; scope = scope.#outer) {
      // It would wait for the end of the nested part, which waits for it.
      if (scope.#outer === this && !scope.#over) {
        throw new QueryError(
          'a transaction was used inside the callback of one nested in it; use the inner one there',
        )
      }
    }
  }
}
