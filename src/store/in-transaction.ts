// One transaction of the library's own, which is safe to repeat: when it loses against another one
// it runs again. Transactions of callers are the business of transaction/.

import type { StoreFeed } from '../changes/store-feed.ts'
import { retryOnConflict } from '../engines/core/retry-on-conflict.ts'
import type { PersistenceError } from '../errors.ts'
import { events } from '../observability/events.ts'
import type { Runner } from '../records/repository/session.ts'
import type { SessionContext } from './session.ts'

/**
 * Stores everything that `work` writes, or nothing. Where an engine makes transactions wait for
 * each other, `begin` has waited as long as it may: only what comes after it is repeated.
 * @throws whatever `work` throws, driver errors classified
 */
export async function runInTransaction<T>(
  { engine, events: publisher }: Pick<SessionContext, 'engine' | 'events'>,
  feed: StoreFeed,
  actor: string,
  work: (runner: Runner) => Promise<T>,
): Promise<T> {
  let refused: PersistenceError | undefined
  const once = async () => {
    try {
      const transaction = await engine.begin().catch((error: unknown) => {
        refused = engine.classify(error)
      })
      if (!transaction) return undefined
      try {
        const changes = feed.collect()
        const result = await work({
          read: (query) => transaction.read(query),
          writeSet: async (operations) => {
            const outcomes = await transaction.writeSet(operations)
            changes?.add(operations, outcomes, () => actor)
            return outcomes
          },
        })
        if (feed.beginning) await feed.beginning
        await transaction.commit(changes?.notes())
        feed.committed()
        return { result }
      } finally {
        await transaction.rollback()
      }
    } catch (error) {
      throw engine.classify(error)
    }
  }
  const done = await retryOnConflict(once, (attempt, { code }) =>
    publisher.emit(events.transactionRetried, { attempt, code }),
  )
  if (done) return done.result
  throw refused
}
