// A pool of connections with a limit: first come, first served, each given out to one at a time. A connection that has broken is
// thrown away; the next one is made where the hosts accept writes by then. How a connection is made is the engine's business.

import { PersistenceConnectionError, TimeoutError } from '../../errors.ts'

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
  /** Why the connection that was to be made for it could not be. */
  failure: unknown
  /** Its time is over. */
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

  #wait(): Promise<C> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting<C> = { resolve, reject, timer: undefined, failure: undefined, overdue: false }
      waiting.timer = setTimeout(() => {
        waiting.overdue = true
        // One that is being made has limits of its own, and decides when it is there or has failed.
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

  /** To whoever has waited longest. */
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

  /** Makes one more where there is room and somebody waits. Whoever waits takes it, or one that comes back before. */
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

  /** No further connection can be had: those in use may still come back in time, and where there are none, nobody waits for them. */
  #refuse(error: unknown): void {
    const one = this.#waiting.find(({ failure }) => failure === undefined)
    if (!one) return
    one.failure = error
    if (this.#used.size > 0) return
    this.#giveUp(one)
    this.#grow()
  }

  /** Those whose time was over while something was being made that could have been for them. */
  #expire(): void {
    for (const waiting of this.#waiting)
      if (waiting.overdue && (this.#opening === 0 || waiting.failure !== undefined)) this.#giveUp(waiting)
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
