// The SQLite driver, loaded when an engine connects, so that importing Purser costs nothing if
// SQLite is not used.

import type Database from 'better-sqlite3'
import { PersistenceConnectionError } from '../../errors.ts'
import { loadDriver, type StoreDriver } from '../core/load-driver.ts'
import { sqliteCode } from './errors.ts'

/** Opens a file, or the bytes of a database. Tests pass one whose handles fail on demand. */
export type OpenDriver = (source: string | Buffer, options: Database.Options) => Database.Database

type Driver = typeof Database

/** A loaded driver. */
export interface LoadedDriver {
  readonly open: OpenDriver
  /** The exports of its package, which a worker thread needs to find the driver's file. */
  readonly exported: unknown
}

/** @throws PersistenceConnectionError (not retryable) that says what to install */
export async function loadSqlite(given?: StoreDriver): Promise<LoadedDriver> {
  const driver = await loadDriver(
    { name: 'better-sqlite3', load: () => import('better-sqlite3'), isDriver },
    given,
  )
  return {
    exported: driver,
    open: (source, options) => {
      try {
        return new driver(source, options)
      } catch (error) {
        throw isAddonFailure(error) ? addonFailure(error) : error
      }
    },
  }
}

function isDriver(value: unknown): value is Driver {
  return typeof value === 'function' && typeof value.prototype?.prepare === 'function'
}

/**
 * The driver locates its native addon on first use. Only a bundler or an interrupted installation
 * can remove it.
 */
function isAddonFailure(error: unknown): error is Error {
  if (!(error instanceof Error) || sqliteCode(error) !== undefined) return false
  const code = 'code' in error ? error.code : undefined
  const codes = ['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND', 'ERR_DLOPEN_FAILED']
  return codes.includes(String(code)) || /__dirname|Dynamic require/.test(error.message)
}

function addonFailure(cause: Error): PersistenceConnectionError {
  const reason = cause.message.split('\n', 1)[0]
  return new PersistenceConnectionError(
    `the driver better-sqlite3 cannot load its compiled part: ${reason}. Where an application is bundled, leave better-sqlite3 out of the bundle, or hand in its entry for this platform: import driver from 'better-sqlite3/${process.platform}-${process.arch}'`,
    { cause, retryable: false },
  )
}
