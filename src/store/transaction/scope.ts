// The transaction itself, or a part nested in it, between the begin and the end of its callback.
// Calls made side by side are kept apart, so that undoing one part undoes no other, and a call that
// the callback did not await makes it fail. It does not matter here which engine it runs on.

import { AsyncLocalStorage } from 'node:async_hooks'
import { QueryError } from '../../errors.ts'
import { parseOrThrow } from '../../records/model/issues.ts'
import { createRepositories } from '../../records/registry.ts'
import { aFunction, readOptions } from '../../records/repository/arguments.ts'
import { checkActor } from '../../records/repository/session.ts'
import { classified } from '../classified.ts'
import type { Session, SessionAccess } from '../session.ts'
import type { OpenTransaction } from './open-transaction.ts'
import type { Transaction } from './transaction.ts'
import { UnsettledCalls } from './unsettled-calls.ts'

/** The scope whose callback the running code is in. */
const current = new AsyncLocalStorage<Scope>()

export class Scope implements SessionAccess {
  readonly runner: SessionAccess['runner']
  readonly #session: Session
  readonly #open: OpenTransaction
  readonly #outer: Scope | undefined
  #afterCommit: (() => void)[] = []
  readonly #calls = new UnsettledCalls()
  /** Settles when the last part that runs alone has ended; calls made until then wait for it. */
  #alone: Promise<void> | undefined
  #over = false

  /** @param session in whose name the transaction runs, and what belongs to its store */
  constructor(session: Session, open: OpenTransaction, outer?: Scope) {
    this.#open = open
    this.#outer = outer
    this.runner = (actor) => {
      const runner = open.runner(actor)
      return {
        read: (query) => this.read(query),
        writeSet: (operations) => this.#call(() => runner.writeSet(operations)),
      }
    }
    this.#session = session.within(this)
  }

  read: SessionAccess['read'] = (query) =>
    this.#call(async () => {
      // What was written before, awaited or not, comes before this read.
      await this.#open.queue.drained()
      return this.#open.read(query)
    })

  getRow: SessionAccess['getRow'] = async (shape, key) => {
    const [row] = await this.read(this.#session.statements.rowsByKey(shape, [key]))
    if (row) this.#open.readVersions.note(shape, key, row)
    return row
  }

  conflictFor: SessionAccess['conflictFor'] = (...change) => this.#open.readVersions.conflictFor(...change)

  write: SessionAccess['write'] = (operation, actor) =>
    this.#call(async () => {
      const outcome = await this.#open.queue.add(operation, actor)
      if (outcome.kind === 'failed') throw outcome.error
      this.#open.readVersions.noteOwn(operation, outcome)
      return outcome
    })

  inTransaction: SessionAccess['inTransaction'] = (work, actor) =>
    this.#part(() => work(this.#open.runner(actor)))

  inTurn: SessionAccess['inTurn'] = (work, actor) => this.inTransaction(work, actor)

  whenCommitted = (afterCommit: () => void): void => {
    this.#afterCommit.push(afterCommit)
  }

  watch: SessionAccess['watch'] = (call) => this.#calls.watch(call)

  committed(): void {
    for (const afterCommit of this.#afterCommit) afterCommit()
  }

  async run<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    try {
      const result = await current.run(this, work, this.#handle())
      if (this.#calls.some) await this.#refuseForgotten()
      this.#open.assertCommittable()
      return result
    } finally {
      this.#over = true
    }
  }

  async #refuseForgotten(): Promise<never> {
    this.#over = true
    // Let them end, so that nothing of them comes after the rollback. Their outcome is dropped.
    await this.#calls.settled()
    throw new QueryError(
      'a call inside the transaction was not awaited; the transaction was rolled back. Await every call on tx',
    )
  }

  #handle(): Transaction {
    return {
      ...createRepositories(this.#session),
      as: (actor) => createRepositories(this.#session.as(checkActor(actor))),
      transaction: (work, options?: object) => this.#calls.watch(this.#nested(work, options)),
    }
  }

  async #nested<T>(work: (inner: Transaction) => Promise<T>, options: object | undefined): Promise<T> {
    parseOrThrow('transaction', aFunction, work)
    readOptions('a nested transaction', {}, options)
    const inner = new Scope(this.#session, this.#open, this)
    return this.#part(
      () => inner.run(work),
      () => this.#afterCommit.push(...inner.#afterCommit),
    )
  }

  /**
   * Runs a part that can be undone alone, after all calls made before it, before all made later.
   */
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
      const result = await this.#open.inSavepoint(work)
      kept?.()
      return result
    } finally {
      if (this.#alone === alone) this.#alone = undefined
      leave()
    }
  }

  async #call<T>(action: () => Promise<T>): Promise<T> {
    this.#assertUsable()
    if (this.#alone) await this.#alone
    return classified(this.#session.engine, action)
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
