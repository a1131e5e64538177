// Ctrl-C and a polite kill: the database is closed (writes in flight are waited for), then the process ends with 128 plus the
// signal's number. A migration under way is rolled back by the database. Work that asked for `interruption` is told first and ends by
// itself, at a place from which it can go on; a second signal does not wait for it.

import { constants } from 'node:os'
import type { Store } from '../../index.ts'

/** Milliseconds that work may take to end by itself. */
const PATIENCE = 10_000

const open = new Set<Store>()
let interrupted = false
let paging = false
let interruption: AbortController | undefined
let running: Promise<unknown> | undefined

/** True once a signal has come: what fails from then on is not worth telling. */
export function isInterrupted(): boolean {
  return interrupted
}

/** The store is closed when a signal comes, until the returned function is called. */
export function closeOnInterrupt(store: Store): () => void {
  open.add(store)
  return () => open.delete(store)
}

/** Ctrl-C is a key of the pager's, until the returned function is called. */
export function leaveInterruptsToPager(): () => void {
  paging = true
  return () => {
    paging = false
  }
}

/** Aborted when a signal comes. Whoever asks for it has to end soon after that, and says what was done by then in a note. */
export function interruptionSignal(): AbortSignal {
  interruption ??= new AbortController()
  return interruption.signal
}

/** What a signal waits for, when somebody asked to be told of it. */
export function waitWhenInterrupted(run: Promise<unknown>): void {
  running = run
}

async function end(): Promise<void> {
  if (interruption) {
    interruption.abort()
    const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE).unref())
    await Promise.race([running, patience])
  }
  await Promise.allSettled([...open].map((store) => store.close()))
}

export function listenForSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (paging && signal === 'SIGINT') return
      if (interrupted) process.exit(128 + constants.signals[signal])
      interrupted = true
      void end().finally(() => process.exit(128 + constants.signals[signal]))
    })
  }
}
