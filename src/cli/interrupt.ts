// Ctrl-C and a polite kill: the database is closed (writes in flight are waited for), then the process ends with 128 plus the
// signal's number, and nothing more is printed. A migration under way is rolled back by the database.

import { constants } from 'node:os'
import type { Store } from '../index.ts'

const open = new Set<Store>()
let interrupted = false

/** True once a signal has come: what fails from then on is not worth telling. */
export function isInterrupted(): boolean {
  return interrupted
}

/** The store is closed when a signal comes, until the returned function is called. */
export function closeOnInterrupt(store: Store): () => void {
  open.add(store)
  return () => open.delete(store)
}

export function listenForSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (interrupted) process.exit(128 + constants.signals[signal])
      interrupted = true
      void Promise.allSettled([...open].map((store) => store.close())).then(() =>
        process.exit(128 + constants.signals[signal]),
      )
    })
  }
}
