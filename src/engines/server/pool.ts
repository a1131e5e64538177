// A connection pool with a limit. Callers are served in order of arrival, and each has a connection
// to itself. A broken connection is discarded; its replacement goes to whichever host accepts
// writes by then. How a connection is opened is specific to the engine.

import { PersistenceConnectionError, TimeoutError } from '../../errors.ts'
import type { PoolState } from '../contract/engine.ts'

/** What the pool needs of a connection. */
export interface PooledConnection {
  /** True if nothing can be sent over the connection any more, or its state is unknown. */
  readonly broken: boolean
  close(): Promise<void>
}

export interface ServerPoolOptions<C extends PooledConnection> {
  readonly open: () => Promise<C>
  readonly max: number
  /** Milliseconds that a caller waits for a free connection. */
  readonly timeout: number
}

interface Waiting<C> {
  readonly resolve: (connection: C) => void
  readonly reject: (error: unknown) => void
  timer: NodeJS.Timeout | undefined
  /** Why the connection that was being opened for this caller could not be opened. */
  failure: unknown
  /** The caller's timeout has passed. */
  overdue: boolean
}

export class ServerPool<C extends PooledConnection> {
  readonly #options: ServerPoolOptions<C>
  #idle: C[] = []
  readonly #used = new Set<C>()
  #opening = 0
  #waiting: Waiting<C>[] = []
  #closed = false

  constructor(options: ServerPoolOptions<C>) {
    this.#options = options
  }

  /** Open connections, in use or idle. */
  get size(): number {
    return this.#idle.length + this.#used.size
  }

  get state(): PoolState {
    const waiting = this.#waiting.length
    return { idle: this.#idle.length, used: this.#used.size, waiting, max: this.#options.max }
  }

  /**
   * Runs `work` on an exclusive connection, and returns the connection to the pool even if `work`
   * fails.
   */
  async use<T>(work: (connection: C) => Promise<T>): Promise<T> {
    const connection = await this.acquire()
    try {
      return await work(connection)
    } finally {
      this.release(connection)
    }
  }

  /**
   * Reserves a connection until `release` is called. @throws TimeoutError when none becomes free in
   * time
   */
  async acquire(): Promise<C> {
    this.#assertOpen()
    for (let connection = this.#idle.pop(); connection; connection = this.#idle.pop()) {
      if (connection.broken) this.#discard(connection)
      else {
        this.#used.add(connection)
        return connection
      }
    }
    const waiting = this.#wait()
    this.#grow()
    return waiting
  }

  release(connection: C): void {
    if (!this.#used.delete(connection)) return
    if (this.#closed || connection.broken) {
      this.#discard(connection)
      this.#grow()
      return
    }
    this.#give(connection)
  }

  /**
   * Discards idle connections, so that the next caller gets a new one. Connections in use are
   * returned to the pool later and discarded only if broken.
   */
  forgetIdle(): void {
    const idle = this.#idle
    this.#idle = []
    for (const connection of idle) this.#discard(connection)
  }

  /**
   * Closes every connection, including those in use. @throws the first error, after all were closed
   */
  async close(): Promise<void> {
    this.#closed = true
    const waiting = this.#waiting
    this.#waiting = []
    for (const { reject, timer } of waiting) {
      clearTimeout(timer)
      reject(closedError())
    }
    const all = [...this.#idle, ...this.#used]
    this.#idle = []
    this.#used.clear()
    const closed = await Promise.allSettled(all.map((connection) => connection.close()))
    const failed = closed.find((result) => result.status === 'rejected')
    if (failed) throw failed.reason
  }

  #wait(): Promise<C> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting<C> = { resolve, reject, timer: undefined, failure: undefined, overdue: false }
      waiting.timer = setTimeout(() => {
        waiting.overdue = true
        // A connection that is being opened has its own timeouts, and its success or failure
        // decides.
        if (this.#opening === 0) this.#giveUp(waiting)
      }, this.#options.timeout)
      this.#waiting.push(waiting)
    })
  }

  #giveUp(waiting: Waiting<C>): void {
    clearTimeout(waiting.timer)
    this.#waiting = this.#waiting.filter((other) => other !== waiting)
    const { max, timeout } = this.#options
    waiting.reject(
      waiting.failure ??
        new TimeoutError(
          `all ${max} connections were in use for ${timeout} ms; raise poolMax, or make fewer calls at once`,
        ),
    )
  }

  /** Gives the connection to the caller that has waited longest. */
  #give(connection: C): void {
    const next = this.#waiting.shift()
    if (!next) {
      this.#idle.push(connection)
      return
    }
    clearTimeout(next.timer)
    this.#used.add(connection)
    next.resolve(connection)
  }

  /**
   * Opens one more connection if the limit allows and callers are waiting. A waiting caller takes
   * it, or one that is released earlier.
   */
  #grow(): void {
    if (this.#closed || this.#waiting.length <= this.#opening) return
    if (this.#used.size + this.#opening >= this.#options.max) return
    this.#opening += 1
    this.#options.open().then(
      (connection) => {
        this.#opening -= 1
        if (this.#closed) this.#discard(connection)
        else this.#give(connection)
        this.#expire()
      },
      (error: unknown) => {
        this.#opening -= 1
        this.#refuse(error)
        this.#expire()
      },
    )
  }

  /**
   * Handles a connection that could not be opened. Those in use may still be released in time; if
   * there are none, a waiting caller fails now.
   */
  #refuse(error: unknown): void {
    const one = this.#waiting.find(({ failure }) => failure === undefined)
    if (!one) return
    one.failure = error
    if (this.#used.size > 0) return
    this.#giveUp(one)
    this.#grow()
  }

  /**
   * Fails the callers whose timeout passed while a connection was being opened that could have been
   * theirs.
   */
  #expire(): void {
    for (const waiting of this.#waiting)
      if (waiting.overdue && (this.#opening === 0 || waiting.failure !== undefined)) this.#giveUp(waiting)
  }

  /** Closes a connection and ignores errors: a broken one has already reported its error. */
  #discard(connection: C): void {
    connection.close().catch(() => undefined)
  }

  #assertOpen(): void {
    if (this.#closed) throw closedError()
  }
}

function closedError(): PersistenceConnectionError {
  return new PersistenceConnectionError('the store is not connected; call connect() first', {
    retryable: false,
  })
}
