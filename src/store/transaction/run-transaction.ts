// A transaction from its begin to its commit or rollback, repeated where the caller allows it.

import { z } from 'zod'
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
  work: (tx: Transaction) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const { retry } = readOptions('transaction', transactionOptions, options)
  if (!retry) return runOnce(session, work)
  return retryOnConflict(
    () => runOnce(session, work),
    (attempt, { code }) => session.events.emit(events.transactionRetried, { attempt, code }),
  )
}

async function runOnce<T>(session: Session, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const { engine } = session
  const transaction = await classified(engine, () => engine.begin())
  try {
    const scope = new Scope(session, new OpenTransaction(session, transaction))
    const result = await scope.run(work)
    await classified(engine, () => transaction.commit())
    scope.committed()
    return result
  } finally {
    await transaction.rollback()
  }
}
