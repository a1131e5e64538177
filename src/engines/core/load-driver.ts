// Loads a database driver when an engine connects, or takes the one that the application handed in. Says apart a package that is
// not installed, one that is there and does not load, and an object that is another driver.

import { PersistenceConnectionError } from '../../errors.ts'

/**
 * A database driver as its package exports it: the default export of `better-sqlite3`, `pg` or `mysql2`, or the whole namespace
 * (`import * as pg from 'pg'`). The engine of the URL checks that it is its own.
 */
export type StoreDriver = SqliteDriverModule | PostgresDriverModule | MariadbDriverModule

/** What `better-sqlite3` exports, or one of its entries for a platform. */
type SqliteDriverModule = DriverModule<new (path: string) => { prepare(sql: string): object }>
/** What `pg` exports. */
type PostgresDriverModule = DriverModule<{ readonly Client: new () => object }>
/** What `mysql2` exports; `mysql2/promise` is another interface. */
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
 * @param given what the application handed in
 * @throws PersistenceConnectionError (not retryable) saying what to install, or why the package does not load
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

/** Whether the very package was not found, rather than something that it needs itself. */
function isMissing(name: string, error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  if (error.code !== 'ERR_MODULE_NOT_FOUND' && error.code !== 'MODULE_NOT_FOUND') return false
  return [`'${name}'`, `"${name}"`].some((quoted) => firstLine(error).includes(quoted))
}

/** Namespaces of CommonJS packages that were imported by a bundler have the exports twice. */
function defaultOf(module: unknown): unknown {
  return typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1)[0] ?? ''
}

function unusable(message: string, cause?: unknown): PersistenceConnectionError {
  return new PersistenceConnectionError(message, { cause, retryable: false })
}
