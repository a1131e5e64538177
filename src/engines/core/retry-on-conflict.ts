// Repeats work that lost against a concurrent transaction and was rolled back completely:
// deadlocks, serialization failures. Only for idempotent work. Applications' callbacks are not
// repeated unless they opt in.

import { PersistenceError } from '../../errors.ts'

/** The number of repetitions before the conflict is reported. */
export const MAX_REPEATS = 5

/**
 * @param work is called again from the start after a conflict
 * @param lost is called before each repetition
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
      // Full jitter, so that two transactions that conflicted do not collide again.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * 2 ** attempt))
    }
  }
}

function isLost(error: unknown): error is PersistenceError {
  return error instanceof PersistenceError && error.code === 'TRANSACTION_CONFLICT'
}
