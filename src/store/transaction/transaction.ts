// What a callback gets that runs in a transaction, and how the transaction can be asked to behave.

import type { Repositories } from '../../records/registry.ts'

/**
 * The repositories inside a transaction. What they write is seen here at once, and outside only
 * after the commit.
 */
export interface Transaction extends Repositories {
  /** The same repositories in the name of another actor; see `Store.as`. */
  as(actor: string): Repositories
  /**
   * A part that can fail alone: when `work` throws, only what it wrote is undone, and the error is
   * rethrown.
   */
  transaction<T>(work: (inner: Transaction) => Promise<T>): Promise<T>
}

export interface TransactionOptions {
  /**
   * Run `work` again, from the start and up to five times, when the transaction lost against
   * another one. Only for work that is safe to repeat; off by default.
   */
  readonly retry?: boolean
}
