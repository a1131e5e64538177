// A pool of connections with a limit: first come, first served, each given out to one at a time. A connection that has broken is
// thrown away; the next one is made where the hosts accept writes by then. How a connection is made is the engine's business.

import { PersistenceConnectionError, TimeoutError } from '../errors.ts'

/** What the pool has to know of a connection. */
export interface PooledConnection {
  /** True once nothing can be sent over it any more, or nobody knows in what state it is. */
  readonly broken: boolean
  close(): Promise<void>
}

export interface ServerPoolOptions<C extends PooledConnection> {
  readonly open: () => Promise<C>
  readonly max: number
  /** Milliseconds that a caller waits for a connection to become free. */
  readonly timeout: number
}

interface Waiting<C> {
  readonly resolve: (connection: C) => void
  readonly reject: (error: unknown) => void
  timer: NodeJS.Timeout | undefined
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

  /** Connections that are open, in use or not. */
  get size(): number {
    return this.#idle.length + this.#used.size
  }

  /** Runs `work` on a connection of its own, and takes the connection back whatever becomes of it. */
  async use<T>(work: (connection: C) => Promise<T>): Promise<T> {
    const connection = await this.acquire()
    try {
      return await work(connection)
    } finally {
      this.release(connection)
    }
  }

  /** A connection for the caller alone, until it calls `release`. @throws TimeoutError when none becomes free in time */
  async acquire(): Promise<C> {
    this.#assertOpen()
    for (let connection = this.#idle.pop(); connection; connection = this.#idle.pop()) {
      if (connection.broken) this.#discard(connection)
      else {
        this.#used.add(connection)
        return connection
      }
    }
    if (this.#used.size + this.#opening < this.#options.max) return this.#open()
    return new Promise((resolve, reject) => {
      const waiting: Waiting<C> = { resolve, reject, timer: undefined }
      waiting.timer = setTimeout(() => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting)
        const { max, timeout } = this.#options
        reject(
          new TimeoutError(
            `all ${max} connections were in use for ${timeout} ms; raise poolMax, or make fewer calls at once`,
          ),
        )
      }, this.#options.timeout)
      this.#waiting.push(waiting)
    })
  }

  release(connection: C): void {
    if (!this.#used.delete(connection)) return
    if (this.#closed || connection.broken) {
      this.#discard(connection)
      this.#serveWithNew()
      return
    }
    const next = this.#waiting.shift()
    if (!next) {
      this.#idle.push(connection)
      return
    }
    clearTimeout(next.timer)
    this.#used.add(connection)
    next.resolve(connection)
  }

  /** Throws away what is idle, so that the next caller gets a new connection. Those in use go when they come back. */
  forgetIdle(): void {
    const idle = this.#idle
    this.#idle = []
    for (const connection of idle) this.#discard(connection)
  }

  /** Closes every connection, also those in use. @throws the first error of closing, after all were tried */
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

  async #open(): Promise<C> {
    this.#opening += 1
    let connection: C
    try {
      connection = await this.#options.open()
    } catch (error) {
      this.#opening -= 1
      // Whoever waits behind this one tries for itself, or waits no longer for a place that is free.
      this.#serveWithNew()
      throw error
    }
    this.#opening -= 1
    if (this.#closed) {
      this.#discard(connection)
      throw closedError()
    }
    this.#used.add(connection)
    return connection
  }

  /** The place of a connection that broke is free: whoever has waited longest gets a new one. */
  #serveWithNew(): void {
    if (this.#closed || this.#used.size + this.#opening >= this.#options.max) return
    const next = this.#waiting.shift()
    if (!next) return
    clearTimeout(next.timer)
    this.#open().then(next.resolve, next.reject)
  }

  /** What is thrown away has said why when it broke. */
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
