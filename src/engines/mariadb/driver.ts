// The MariaDB driver. Loads `mysql2`, an optional peer dependency, on first use, and opens
// logged-in connections.

import type { Socket } from 'node:net'
import type { ConnectionOptions, Connection as Handle } from 'mysql2'
import { loadDriver, type StoreDriver } from '../core/load-driver.ts'

type Driver = Pick<typeof import('mysql2'), 'createConnection'>

/** Creates the driver's handle and logs in. Tests pass one whose calls fail on demand. */
export type OpenDriver = (options: ConnectionOptions) => Promise<Handle>

/** @param given the driver that the application passed */
export function driverOpening(given?: StoreDriver): OpenDriver {
  return async (options) => {
    const driver = await loadDriver({ name: 'mysql2', load: () => import('mysql2'), isDriver }, given)
    return logIn(driver, options)
  }
}

export const openDriver: OpenDriver = driverOpening()

/**
 * Recognises `mysql2`. `mysql2/promise` has no `createConnectionPromise`, and its connections have
 * a different interface.
 */
function isDriver(value: unknown): value is Driver {
  return (
    typeof value === 'object' &&
    value !== null &&
    'createConnection' in value &&
    'createConnectionPromise' in value
  )
}

function logIn(driver: Driver, options: ConnectionOptions): Promise<Handle> {
  return new Promise((resolve, reject) => {
    const handle = driver.createConnection(options)
    const gone = whenGone(handle)
    const failed = (error: Error) => {
      handle.destroy()
      void gone.then(() => reject(error))
    }
    handle.once('error', failed)
    handle.connect((error) => {
      if (error) return failed(error)
      handle.off('error', failed)
      resolve(handle)
    })
  })
}

/** Resolves when the socket of a handle is closed; immediately if it has none. */
export function whenGone(handle: Handle): Promise<void> {
  const { stream } = handle as { stream?: Socket }
  if (!stream || stream.destroyed) return Promise.resolve()
  return new Promise((resolve) => stream.once('close', () => resolve()))
}
