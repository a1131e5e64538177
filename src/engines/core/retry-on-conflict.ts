// Repeats work that lost against a concurrent transaction and was rolled back whole: deadlocks, serialization failures. Only for
// work that is safe to repeat; the callbacks of applications are not, unless they say so.

import { PersistenceError } from '../../errors.ts'

/** How often work is repeated before its loss is reported. */
export const MAX_REPEATS = 5

/**
 * @param work is called again, from the start, when it loses
 * @param lost is told before each repetition
 */
export async function retryOnConflict<T>(
  work: () => Promise<T>,
  lost: (attempt: number, error: PersistenceError) => void,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if (!isLost(error) || attempt > MAX_REPEATS) throw error
      lost(attempt, error)
      // Full jitter, so that two that lost against each other do not meet again.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * 2 ** attempt))
    }
  }
}

function isLost(error: unknown): error is PersistenceError {
  return error instanceof PersistenceError && error.code === 'TRANSACTION_CONFLICT'
}
