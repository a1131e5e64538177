// Loads a database driver when an engine connects, or uses the one that the application passed.
// Distinguishes a package that is not installed, one that is installed but fails to load, and an
// object that is another driver.

import { PersistenceConnectionError } from '../../errors.ts'

/**
 * A database driver as its package exports it: the default export of `better-sqlite3`, `pg` or
 * `mysql2`, or the whole namespace (`import * as pg from 'pg'`). The engine of the URL checks that
 * it is the right one.
 */
export type StoreDriver = SqliteDriverModule | PostgresDriverModule | MariadbDriverModule

/** The export of `better-sqlite3`, or of one of its platform entry points. */
type SqliteDriverModule = DriverModule<new (path: string) => { prepare(sql: string): object }>
/** The export of `pg`. */
type PostgresDriverModule = DriverModule<{ readonly Client: new () => object }>
/** The export of `mysql2`. `mysql2/promise` has a different interface. */
type MariadbDriverModule = DriverModule<{ createConnection(url: string): object }>
type DriverModule<T> = T | { readonly default: T }

export interface DriverPackage<T> {
  /** The package's name in the registry. */
  readonly name: string
  /** Imports the package: `() => import('name')`, written out so that bundlers see it. */
  readonly load: () => Promise<unknown>
  readonly isDriver: (value: unknown) => value is T
}

/**
 * @param given the driver that the application passed
 * @throws PersistenceConnectionError (not retryable) that says what to install, or why the package
 * fails to load
 */
export async function loadDriver<T>(
  { name, load, isDriver }: DriverPackage<T>,
  given: StoreDriver | undefined,
): Promise<T> {
  const driver = [given ?? (await imported(name, load))]
    .flatMap((module) => [module, defaultOf(module), defaultOf(defaultOf(module))])
    .find((candidate) => isDriver(candidate))
  if (driver !== undefined) return driver as T
  throw unusable(
    given === undefined
      ? `the package ${name} is there, but is not the driver that this version of Purser knows`
      : `the driver that was handed in is not ${name}; this URL needs openStore({ driver }) with what the package ${name} exports`,
  )
}

async function imported(name: string, load: () => Promise<unknown>): Promise<unknown> {
  try {
    return await load()
  } catch (error) {
    if (isMissing(name, error)) {
      throw unusable(
        `the driver ${name} is not installed; run npm install ${name}, or hand it in: openStore({ driver })`,
        error,
      )
    }
    throw unusable(`the driver ${name} is there, but cannot be loaded: ${firstLine(error)}`, error)
  }
}

/** True if the package itself was not found, rather than one of its dependencies. */
function isMissing(name: string, error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  if (error.code !== 'ERR_MODULE_NOT_FOUND' && error.code !== 'MODULE_NOT_FOUND') return false
  return [`'${name}'`, `"${name}"`].some((quoted) => firstLine(error).includes(quoted))
}

/**
 * Unwraps a default export. A CommonJS package imported through a bundler can have its exports
 * nested twice.
 */
function defaultOf(module: unknown): unknown {
  return typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1)[0] ?? ''
}

function unusable(message: string, cause?: unknown): PersistenceConnectionError {
  return new PersistenceConnectionError(message, { cause, retryable: false })
}
