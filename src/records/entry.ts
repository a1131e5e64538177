// What a record contributes to the registry, and what is derived from a list of such entries. Every
// function takes the list: the store passes that of registry.ts, a test its own.

import type { RecordDefinition } from './model/define-record.ts'
import type { OwnFilters } from './repository/filters.ts'
import type { RecordSession } from './repository/session.ts'

/** What every repository has, besides its own verbs. */
export interface CountingRepository {
  /** How many rows the record's table has. */
  count(): Promise<number>
}

interface EntryBase {
  readonly definition: RecordDefinition
  /** Names on the command line that are shorter than the record's own: `cost` for `cost_record`. */
  readonly aliases?: readonly string[]
}

/** A record that callers read and write. */
export interface RecordEntry<P extends string = string, R extends CountingRepository = CountingRepository>
  extends EntryBase {
  /** The property of a store and a transaction that holds its repository: `store.tasks`. */
  readonly property: P
  readonly repository: new (session: RecordSession) => R
  /** Filters of its lists that are not fields. */
  readonly filters: OwnFilters
}

/**
 * A record that only the store itself writes: it is transferred, examined and declared like any
 * other.
 */
export interface InternalEntry extends EntryBase {
  readonly property: null
}

export type Entry = RecordEntry | InternalEntry

/** Infers the property of the repository, and its class. */
export function recordEntry<const P extends string, R extends CountingRepository>(
  entry: RecordEntry<P, R>,
): RecordEntry<P, R> {
  return entry
}

/** The repositories of a list of entries, each under its property and with its own type. */
export type RepositoriesOf<E extends readonly Entry[]> = {
  readonly [One in E[number] as One extends RecordEntry ? One['property'] : never]: One extends RecordEntry<
    string,
    infer R
  >
    ? R
    : never
}

/** A repository for each entry that has a property. */
export function repositoriesOf<const E extends readonly Entry[]>(
  entries: E,
  session: RecordSession,
): RepositoriesOf<E> {
  const repositories = entries.flatMap((entry) =>
    entry.property === null ? [] : [[entry.property, new entry.repository(session)] as const],
  )
  return Object.fromEntries(repositories) as RepositoriesOf<E>
}

/** The definitions, in the order of the entries. */
export function definitionsOf(entries: readonly Entry[]): readonly RecordDefinition[] {
  return entries.map(({ definition }) => definition)
}

/** The names of a record, which require no other module. */
export interface RecordNames {
  /** In files and on the command line: `cost_record`. */
  readonly type: string
  readonly table: string
  /** The property of a store that holds its repository; null if it has none. */
  readonly property: string | null
  readonly aliases: readonly string[]
}

/** The names by which each record is known. */
export function namesOf(entries: readonly Entry[]): readonly RecordNames[] {
  return entries.map(({ definition, property, aliases = [] }) => ({
    type: typeOf(definition),
    table: definition.shape.table,
    property,
    aliases,
  }))
}

/** The record's name in files, reports and on the command line. */
export function typeOf({ name }: Pick<RecordDefinition, 'name'>): string {
  return name.replaceAll(' ', '_')
}
