// A time limit for opening a connection, from the first packet to the last setting. A proxy or
// pooler accepts connections at once and may then be silent for minutes, which the drivers' own
// timeouts do not cover.

import { PersistenceConnectionError } from '../../errors.ts'

/**
 * @throws PersistenceConnectionError when `work` has not finished within this many milliseconds;
 * the caller aborts the attempt
 */
export function answerWithin<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(silentHost(milliseconds)), milliseconds)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** The error for a host that accepted a connection and did not answer in time. */
export function silentHost(milliseconds: number): PersistenceConnectionError {
  return new PersistenceConnectionError(
    `the host did not answer within connectTimeout (${milliseconds} ms); check its address and port. Behind a pooler, this waits for one of the pooler's own connections: give it more of them, or set poolMax to as many as it has for this store`,
  )
}
