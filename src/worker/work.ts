// One claimed task in a worker: heartbeats while the handler runs, and its outcome, which is
// dropped once the lease is lost.

import { LeaseLostError, PersistenceError } from '../errors.ts'
import type { ActingStore, ClaimedTask } from '../index.ts'
import { errorText } from './error-text.ts'
import type { WorkContext, WorkerOptions } from './options.ts'

/** How a task ended for the worker. */
export type Ending = 'completed' | 'failed' | 'released' | 'lost'

interface WorkSettings extends Pick<WorkerOptions, 'handle' | 'onError'> {
  readonly store: ActingStore
  /** In milliseconds. */
  readonly lease: number
}

/** Milliseconds between two attempts to say how a task ended, if the database does not answer. */
const PAUSE = 200

export class Work {
  /** Resolves when the store knows how it ended, or the lease is lost. Never rejects. */
  readonly ended: Promise<Ending>
  /** Resolves when the handler has returned, which may be later: it may not look at its signal. */
  readonly returned: Promise<void>
  readonly #task: ClaimedTask
  readonly #settings: WorkSettings
  readonly #abort = new AbortController()
  #timer: NodeJS.Timeout | undefined
  /** By the clock of the process, at which the lease has surely ended. */
  #deadline: number
  #end: (ending: Ending) => void = () => undefined
  #hasEnded = false

  constructor(task: ClaimedTask, settings: WorkSettings) {
    this.#task = task
    this.#settings = settings
    this.#deadline = performance.now() + settings.lease
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
    this.#beatLater()
    this.returned = this.#run()
  }

  /** Gives the task back, and lets its handler know that the worker has stopped. */
  async giveBack(): Promise<void> {
    const { id, claimId } = this.#task
    await this.#settle('released', () => this.#settings.store.tasks.release(id, claimId))
    this.#abort.abort(new DOMException('the worker has stopped', 'AbortError'))
  }

  async #run(): Promise<void> {
    const { handle, onError, store } = this.#settings
    const { tasks } = store
    const { id, claimId } = this.#task
    const context: WorkContext = {
      signal: this.#abort.signal,
      store,
      heartbeat: (lease) => this.#beat(lease ?? this.#settings.lease),
    }
    try {
      const patch = (await handle(this.#task, context)) ?? {}
      await this.#settle('completed', () => tasks.complete(id, claimId, { patch }))
    } catch (error) {
      if (!this.#hasEnded) onError?.(error, this.#task)
      await this.#settle('failed', () => tasks.fail(id, claimId, { error: messageOf(error) }))
    }
  }

  /**
   * Says how the task ended, until the store has heard it or the lease is lost; whichever outcome
   * comes first counts.
   * @throws what a repetition cannot help, such as a patch that breaks a rule
   */
  async #settle(ending: Ending, say: () => Promise<unknown>): Promise<void> {
    while (!this.#hasEnded) {
      try {
        await say()
        return this.#finish(ending)
      } catch (error) {
        if (error instanceof LeaseLostError) return this.#lose(error)
        if (!(error instanceof PersistenceError && error.retryable)) {
          if (ending === 'completed') throw error
          return this.#lose(error)
        }
        if (performance.now() > this.#deadline) return this.#lose(error)
        this.#settings.onError?.(error, this.#task)
        await new Promise((resolve) => setTimeout(resolve, PAUSE))
      }
    }
  }

  #beatLater(): void {
    this.#timer = setTimeout(() => void this.#beatByItself(), this.#settings.lease / 3)
  }

  async #beatByItself(): Promise<void> {
    try {
      await this.#beat(this.#settings.lease)
    } catch (error) {
      if (this.#hasEnded) return
      if (error instanceof LeaseLostError || performance.now() > this.#deadline) return this.#lose(error)
      this.#settings.onError?.(error, this.#task)
    }
    if (!this.#hasEnded) this.#beatLater()
  }

  async #beat(lease: Parameters<WorkContext['heartbeat']>[0]): Promise<void> {
    const { id, claimId } = this.#task
    const before = performance.now()
    await this.#settings.store.tasks.heartbeat(id, claimId, { lease })
    this.#deadline = before + this.#settings.lease
  }

  #lose(error: unknown): void {
    if (this.#hasEnded) return
    this.#settings.onError?.(error, this.#task)
    this.#finish('lost')
    this.#abort.abort(error)
  }

  #finish(ending: Ending): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    clearTimeout(this.#timer)
    this.#end(ending)
  }
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return errorText(text, 'the handler failed without a message')
}
