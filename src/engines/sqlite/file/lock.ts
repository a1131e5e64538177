// A first-come, first-served lock within one process, for the writer connection.

import { TransactionConflictError } from '../../../errors.ts'

export class Lock {
  #held = false
  #waiting: (() => void)[] = []

  get held(): boolean {
    return this.#held
  }

  /**
   * Resolves with the function that releases the lock.
   * @throws TransactionConflictError when it was not free within `timeout` milliseconds
   */
  async acquire(timeout?: number): Promise<() => void> {
    if (!this.#held) {
      this.#held = true
      return this.#releaser()
    }
    await new Promise<void>((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined
      const enter = () => {
        clearTimeout(timer)
        resolve()
      }
      this.#waiting.push(enter)
      if (timeout === undefined) return
      timer = setTimeout(() => {
        this.#waiting = this.#waiting.filter((waiting) => waiting !== enter)
        reject(
          new TransactionConflictError(
            `another transaction of this store has been writing for ${timeout} ms; repeat this one when it has ended`,
          ),
        )
      }, timeout)
    })
    return this.#releaser()
  }

  #releaser(): () => void {
    let released = false
    return () => {
      if (released) return
      released = true
      const next = this.#waiting.shift()
      if (next) next()
      else this.#held = false
    }
  }
}
