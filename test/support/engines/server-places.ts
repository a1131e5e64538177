// What tests need of any engine on a server: places that share nothing (a schema, a database),
// their URLs, and statements behind the library's back. postgres-schemas.ts and
// mariadb-databases.ts are the two kinds.

import type { ServerEngine } from './server-url.ts'

/** Inserts one row. */
export type Insert = (
  table: string,
  columns: readonly string[],
  values: readonly (string | null)[],
) => Promise<void>

/** The places of one test file on one server; `dropAll` at its end. */
export interface ServerPlaces {
  readonly engine: ServerEngine
  /** The server's own URL, without a place. */
  readonly server: string
  /** A new place without a table. */
  create(): Promise<string>
  urlOf(place: string, settings?: Readonly<Record<string, string | number>>): string
  /**
   * The name of a place for `lay`: one that came back, or a new one. It is not there yet in the
   * second case.
   */
  reserve(): string
  /** Brings a reserved place to this build's version, without a row. */
  lay(place: string): Promise<void>
  /** Makes sure that a created place is there, without a table. */
  make(place: string): Promise<void>
  /**
   * Takes a place back, and its rows out of it, for the next `reserve`. Its layout must be as it
   * was.
   */
  giveBack(place: string): Promise<void>
  /** The rows of a statement that both servers understand; of the whole server without a place. */
  rows(place: string | undefined, sql: string): Promise<readonly (readonly unknown[])[]>
  /** The columns of a table that `SELECT *` gives, with the server's own word for their types. */
  columns(place: string, table: string): Promise<readonly { readonly name: string; readonly type: string }[]>
  /**
   * Lets rows be inserted whose references lead nowhere. The references stand afterwards, for the
   * rows to come.
   */
  withoutReferences(place: string, work: (insert: Insert) => Promise<void>): Promise<void>
  /**
   * Holds what a statement locks, in a transaction that is rolled back afterwards, while `work`
   * runs.
   */
  holding(place: string, sql: string, work: () => Promise<void>): Promise<void>
  /** Ends every connection of a store to the place, as an operator would. */
  cut(place: string): Promise<void>
  /** Drops places, those of tenants beside them included. */
  drop(...places: readonly string[]): Promise<void>
  dropAll(): Promise<void>
}
