// How long making a connection may take, from the first packet to the last setting. A proxy or a pooler takes connections at once and
// may then say nothing for minutes, which the drivers' own limits do not cover.

import { PersistenceConnectionError } from '../../errors.ts'

/** @throws PersistenceConnectionError when `work` has not ended after so many milliseconds; the caller cuts off what it was about */
export function answerWithin<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(silentHost(milliseconds)), milliseconds)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

export function silentHost(milliseconds: number): PersistenceConnectionError {
  return new PersistenceConnectionError(
    `the host did not answer within connectTimeout (${milliseconds} ms); check its address and port. Behind a pooler, this waits for one of the pooler's own connections: give it more of them, or set poolMax to as many as it has for this store`,
  )
}
