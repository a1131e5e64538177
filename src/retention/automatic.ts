// Background pruning as configured, if it is: periodic, bounded, and at most once an hour across
// all processes. Failures are reported by an event, never to a caller.

import { type EventPublisher, events } from '../observability/events.ts'
import { recentEntries } from '../records/audit-entries/recent.ts'
import type { FirstBatchExtras } from '../records/repository/pruning.ts'
import type { RecordSession } from '../records/repository/session.ts'
import { PRUNE_ACTION, PRUNE_SUBJECT, type Retention } from './retention.ts'

const HOUR = 3_600_000

/** From opening to the first run: commands that open a store briefly never reach it. */
const FIRST_LOOK = 60_000

export class AutomaticRetention {
  readonly #retention: Retention
  readonly #session: RecordSession
  readonly #events: EventPublisher
  #timer: NodeJS.Timeout | undefined
  #isStopped = true

  constructor(retention: Retention, session: RecordSession) {
    this.#retention = retention
    this.#session = session
    this.#events = session.events
  }

  start(): void {
    this.#isStopped = false
    this.#schedule(FIRST_LOOK)
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  #schedule(delay: number): void {
    if (this.#isStopped) return
    this.#timer = setTimeout(() => void this.#look(), delay)
    // The timer keeps no process alive.
    this.#timer.unref()
  }

  async #look(): Promise<void> {
    let isTaken = false
    // Read once the entry of this run is written: no other run can write one before this
    // transaction ends, and of two runs the second one sees the first.
    const check =
      (run: string): FirstBatchExtras['check'] =>
      async (runner) => {
        const since = new Date(Date.now() - HOUR)
        const entries = await recentEntries(this.#session, runner, PRUNE_SUBJECT, since)
        isTaken = entries.some(({ action, details }) => action === PRUNE_ACTION && runOf(details) !== run)
        if (isTaken) throw new Error('somebody else has pruned within the hour')
      }
    try {
      const previews = await this.#retention.preview()
      if (previews.some(({ rows }) => rows > 0)) await this.#retention.run({}, check)
    } catch (error) {
      if (!isTaken && !this.#isStopped) {
        const { code } = this.#session.engine.classify(error)
        this.#events.emit(events.retentionFailed, { code })
      }
    } finally {
      this.#schedule(HOUR)
    }
  }
}

function runOf(details: unknown): unknown {
  return typeof details === 'object' && details !== null && 'run' in details ? details.run : undefined
}
