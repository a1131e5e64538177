// Opens a store where writers that never rest may hold the lock for longer than anybody waits: again, as the error advises.

import { setTimeout as pause } from 'node:timers/promises'
import { openStore, PersistenceError, type Store } from '../../src/index.ts'

const ATTEMPTS = 100

export async function openPatiently(url: string): Promise<Store> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await openStore({ url, backup: false })
    } catch (error) {
      if (attempt === ATTEMPTS || !(error instanceof PersistenceError && error.retryable)) throw error
    }
    await pause(50)
  }
}
