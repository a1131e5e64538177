// Whether a store can be used: open or not, and whether the calling code runs inside the callback
// of one of the store's own transactions, which would wait for itself.

import { AsyncLocalStorage } from 'node:async_hooks'
import { PersistenceConnectionError, QueryError } from '../errors.ts'

export class StoreState {
  phase: 'closed' | 'open' | 'closing' = 'closed'
  /** Distinguishes calls made inside a transaction's callback from all others. */
  readonly #inside = new AsyncLocalStorage<{ open: boolean }>()
  #openTransactions = 0

  get openTransactions(): number {
    return this.#openTransactions
  }

  /** True inside the callback of a transaction that has not ended. */
  get isInside(): boolean {
    return this.#openTransactions > 0 && this.#inside.getStore()?.open === true
  }

  /**
   * Counts a transaction as open while it runs.
   * @param run gets a function that calls the transaction's callback, so that calls in it are seen
   */
  async duringTransaction<T>(run: (inside: <R>(callback: () => R) => R) => Promise<T>): Promise<T> {
    const marker = { open: true }
    this.#openTransactions += 1
    try {
      return await run((callback) => this.#inside.run(marker, callback))
    } finally {
      marker.open = false
      this.#openTransactions -= 1
    }
  }

  /** @throws PersistenceConnectionError */
  assertOpen(): void {
    if (this.phase === 'open') return
    const reason =
      this.phase === 'closing' ? 'the store is closing' : 'the store is not connected; call connect() first'
    throw new PersistenceConnectionError(reason, { retryable: false })
  }

  /**
   * @throws PersistenceConnectionError when the store is not open, QueryError inside the callback
   * of its transaction
   */
  assertUsable(): void {
    this.assertOpen()
    if (this.isInside) {
      throw new QueryError(
        'the store was used inside the callback of its own transaction; use the repositories of tx there, which see its writes',
      )
    }
  }
}
