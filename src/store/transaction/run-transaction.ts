// A transaction from its begin to its commit or rollback, repeated where the caller allows it.

import { z } from 'zod'
import type { StoreFeed } from '../../changes/store-feed.ts'
import { retryOnConflict } from '../../engines/core/retry-on-conflict.ts'
import { events } from '../../observability/events.ts'
import { readOptions } from '../../records/repository/arguments.ts'
import { classified } from '../classified.ts'
import type { Session } from '../session.ts'
import { OpenTransaction } from './open-transaction.ts'
import { Scope } from './scope.ts'
import type { Transaction, TransactionOptions } from './transaction.ts'

const transactionOptions = { retry: z.boolean() } satisfies Record<keyof TransactionOptions, unknown>

/** Runs `work` in a transaction, in the name of the session's actor. */
export async function runTransaction<T>(
  session: Session,
  feed: StoreFeed,
  work: (tx: Transaction) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const { retry } = readOptions('transaction', transactionOptions, options)
  if (!retry) return runOnce(session, feed, work)
  return retryOnConflict(
    () => runOnce(session, feed, work),
    (attempt, { code }) => session.events.emit(events.transactionRetried, { attempt, code }),
  )
}

async function runOnce<T>(
  session: Session,
  feed: StoreFeed,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const { engine } = session
  const transaction = await classified(engine, () => engine.begin())
  try {
    const open = new OpenTransaction(session, transaction, feed.collect())
    const scope = new Scope(session, open)
    const result = await scope.run(work)
    if (feed.beginning) await feed.beginning
    await classified(engine, () => transaction.commit(open.changes?.notes()))
    feed.committed()
    scope.committed()
    return result
  } finally {
    await transaction.rollback()
  }
}
