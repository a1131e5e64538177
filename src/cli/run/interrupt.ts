// Ctrl-C and SIGTERM: the database is closed (pending writes are awaited), then the process ends
// with 128 plus the signal's number. A running migration is rolled back by the database. Work that
// requested `interruption` is notified first and ends by itself, at a point from which it can
// resume; a second signal does not wait for it.

import { constants } from 'node:os'
import type { Store } from '../../index.ts'

/** Milliseconds that work may take to end by itself. */
const GRACE_PERIOD = 10_000

const open = new Set<Store>()
let interrupted = false
let paging = false
let interruption: AbortController | undefined
let isNormalEnd = false
let running: Promise<unknown> | undefined

/** True once a signal has arrived: later failures are not worth reporting. */
export function isInterrupted(): boolean {
  return interrupted
}

/** Closes the store when a signal arrives, until the returned function is called. */
export function closeOnInterrupt(store: Store): () => void {
  open.add(store)
  return () => open.delete(store)
}

/** The pager handles Ctrl-C, until the returned function is called. */
export function leaveInterruptsToPager(): () => void {
  paging = true
  return () => {
    paging = false
  }
}

/**
 * Aborted when a signal arrives. Code that requests it must end soon after that, and report what
 * was done by then in a note.
 */
export function interruptionSignal(): AbortSignal {
  interruption ??= new AbortController()
  return interruption.signal
}

/** As `interruptionSignal`, for work that only a signal ends: the process then ends with 0. */
export function endNormallyWhenInterrupted(): AbortSignal {
  isNormalEnd = true
  return interruptionSignal()
}

/** What a signal waits for, if any code asked to be notified. */
export function waitWhenInterrupted(run: Promise<unknown>): void {
  running = run
}

async function end(): Promise<void> {
  if (interruption) {
    interruption.abort()
    const patience = new Promise((resolve) => setTimeout(resolve, GRACE_PERIOD).unref())
    await Promise.race([running, patience])
  }
  await Promise.allSettled([...open].map((store) => store.close()))
}

/** Lets SIGINT and SIGTERM end a command in order; a second one ends it at once. */
export function listenForSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (paging && signal === 'SIGINT') return
      if (interrupted) process.exit(128 + constants.signals[signal])
      interrupted = true
      void end().finally(() => process.exit(isNormalEnd ? 0 : 128 + constants.signals[signal]))
    })
  }
}
