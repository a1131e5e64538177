// The PostgreSQL driver. Loads `pg`, an optional peer dependency, on first use.

import type { Client } from 'pg'
import { loadDriver as load, type StoreDriver } from '../core/load-driver.ts'

/** The part of the driver that is used. */
export interface Driver {
  readonly Client: typeof Client
}

/** @throws PersistenceConnectionError (not retryable) that says what to install */
export function loadDriver(given?: StoreDriver): Promise<Driver> {
  return load({ name: 'pg', load: () => import('pg'), isDriver }, given)
}

function isDriver(value: unknown): value is Driver {
  return (
    typeof value === 'object' && value !== null && 'Client' in value && typeof value.Client === 'function'
  )
}
