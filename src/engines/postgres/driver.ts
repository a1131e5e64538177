// Loads the driver on first use: it is a dependency that only those need who store in PostgreSQL.

import type { Client } from 'pg'
import { PersistenceConnectionError } from '../../errors.ts'

/** The part of the driver that is used. */
export interface Driver {
  readonly Client: typeof Client
}

let loaded: Promise<Driver> | undefined

/** @throws PersistenceConnectionError (not retryable) saying what to install */
export function loadDriver(): Promise<Driver> {
  loaded ??= import('pg')
    .then(({ default: driver }) => driver)
    .catch((error: unknown) => {
      loaded = undefined
      throw new PersistenceConnectionError('the driver for PostgreSQL is not installed; run npm install pg', {
        cause: error,
        retryable: false,
      })
    })
  return loaded
}
