// The contract between shared code and a database: everything the records, migrations and store know of an engine.
// An engine is one folder that implements `Engine`; shared code asks its capabilities, never its name.

import type { Kysely } from 'kysely'
import type { PersistenceError } from '../../errors.ts'
import type { Query, Row, WireValue } from './query.ts'
import type { SchemaDriver } from './schema.ts'
import type { StorageKind, TableShape, WriteOperation, WriteOutcome } from './writes.ts'

export type { Query, Row, WireValue } from './query.ts'
export type {
  ChainAppend,
  ChainHead,
  StorageKind,
  TableShape,
  WriteOperation,
  WriteOutcome,
} from './writes.ts'

/** What a value is between a record and an engine's codec: JSON as encoded text, money as billionths. */
export interface StorageValues {
  readonly text: string
  readonly integer: number
  readonly boolean: boolean
  readonly money: bigint
  readonly instant: Date
  readonly json: string
}

/** Marks a stored value that an engine's codec cannot read. */
export const unreadable: unique symbol = Symbol('unreadable')

/** Converts values of each kind to the wire and back. Null never reaches a codec. */
export interface ValueCodec {
  /** A column keeps a value of any type as it is, whatever its own type says; elsewhere a value that does not fit is refused. */
  readonly keepsAnyType: boolean
  /** Text may hold the character NUL. */
  readonly keepsNul: boolean
  readonly encode: { readonly [K in StorageKind]: (value: StorageValues[K]) => WireValue }
  readonly decode: {
    readonly [K in StorageKind]: (value: NonNullable<WireValue>) => StorageValues[K] | typeof unreadable
  }
}

/** An open transaction. Every call but `rollback` fails once it is over. */
export interface EngineTransaction {
  read(query: Query): Promise<readonly Row[]>
  writeSet(operations: readonly WriteOperation[]): Promise<readonly WriteOutcome[]>
  savepoint(name: string): Promise<void>
  releaseSavepoint(name: string): Promise<void>
  rollbackToSavepoint(name: string): Promise<void>
  commit(): Promise<void>
  /** Ends the transaction whatever its state; never throws. */
  rollback(): Promise<void>
}

/**
 * One view of everything that was committed when it was made, whatever others commit meanwhile. It stands until it is closed, or the
 * engine is disconnected; a view that was lost with its connection is gone, and the reading has to begin anew.
 */
export interface EngineSnapshot {
  /** @throws PersistenceConnectionError (retryable) when the connection was lost; the same, not retryable, when it is closed */
  read(query: Query): Promise<readonly Row[]>
  /** Gives back everything that the view holds; never throws, and may be called again. */
  close(): Promise<void>
}

/** What an engine can and cannot do. Shared code asks these instead of naming engines. */
export interface EngineCapabilities {
  /** Changes of the schema roll back with the transaction they stand in. */
  readonly transactionalDdl: boolean
  /** A row comparison `(a, b) > (x, y)` seeks in an index; otherwise it is written as a disjunction. */
  readonly rowValueSeek: boolean
  /** A JSON column gives back the text that was written, byte for byte. */
  readonly keepsJsonText: boolean
  /** A read costs a round trip: `get` calls of one tick are asked together, in one query. */
  readonly batchesReads: boolean
  /** References are checked with each row: rows that refer to each other do not go in one statement, whatever their order. */
  readonly referencesPerRow: boolean
  /** The store's data stand in one file that can be copied beside itself. */
  readonly fileBacked: boolean
  /** Rows can be inserted whose values break the conditions of their table (`asStored`). */
  readonly passesOverChecks: boolean
  /** How many writes the queue hands over at once at the most. */
  readonly maxSetSize: number
}

/** Full-text search over one text column of an append-only table. */
export interface FullTextSearch {
  /**
   * Brings the index up to every row that `runner` sees, in bounded steps that let other work run in between. Tokens have at most 255
   * characters: letters, digits, marks and characters for private use.
   */
  refresh(
    runner: Pick<EngineTransaction, 'read' | 'writeSet'>,
    table: string,
    tokensOf: (text: string) => readonly string[],
  ): Promise<void>
  /** How many of these rows, by their serial numbers, are neither in the index nor wait for the next `refresh`. */
  absent(table: string, serials: readonly string[]): Query
  /** How many entries the index has of rows that are not there. */
  stale(table: string): Query
  /** A condition that holds for rows that have every one of these tokens, character by character. */
  matches(table: string, tokens: readonly string[]): Query
}

/** Expressions for the hour (`2026-01-31T09`) and the day (`2026-01-31`) in UTC of an instant's column, as text. */
export interface TimeBuckets {
  hour(column: string): string
  day(column: string): string
}

/**
 * 64-bit integers of any number of rows, added up in two parts of which none exceeds what the engine counts with exactly: whole units,
 * and the rest in fractions of one. `unit` is how many fractions make a unit; the sum is `whole * unit + rest`.
 */
export interface ExactSums {
  whole(column: string, unit: bigint): string
  rest(column: string, unit: bigint): string
}

/** Conditions that dialects write differently. */
export interface Matching {
  /** A parameter that stands by itself where an id is expected: with the type and the order of a column of ids. */
  readonly id: string
  /** Text that is like a pattern: `*` stands for any characters, `?` for one, everything else for itself, case included. */
  like(column: string, pattern: string): Query
  /** A JSON list of objects that has one whose `key` is this text; a list that cannot be read has none. */
  listHas(column: string, key: string, value: string): Query
}

/** What `status` shows of the database itself. */
export interface EngineInfo {
  readonly serverVersion: string
  /** Bytes the database takes; null when the engine cannot tell. */
  readonly sizeBytes: number | null
}

export interface BackupOptions<T> {
  /** A file that is there is replaced. */
  readonly force?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  /** Is told the share that is copied, from 0 to 1. */
  readonly progress?: ((share: number) => void) | undefined
  /** Looks at the copy before it gets its name. */
  readonly inspect: (copy: Pick<EngineSnapshot, 'read'>) => Promise<T>
}

/** How the database's own tool backs this one up, in words of a POSIX shell. Neither line holds a password. */
export interface BackupCommand {
  readonly tool: string
  readonly command: string
  /** What brings the backup back, into a database in which the tables are not. */
  readonly restore: string
  /** How the tool is given a password. */
  readonly password: string
}

/** Where a row of a damaged table stands: a number that is the engine's own, and the row's key, where an index tells it. */
export interface RowPlace {
  readonly at: WireValue
  readonly key: WireValue
}

/** What can be found of a damaged table. */
export interface TablePlaces {
  /** Not every row of these can be read. */
  readonly places: readonly RowPlace[]
  /** Places of which nothing can be said any more, both ends included: as many rows were lost at the most. */
  readonly gaps: readonly { readonly from: bigint; readonly to: bigint }[]
  /** Reads the row at a place. */
  rowAt(at: WireValue): Query
}

/** Damage that the database finds in itself. */
export interface IntegrityFault {
  /** In words: tables, indexes and pages, never what a row holds. */
  readonly text: string
  /** The table that is concerned; null where the database does not tell. */
  readonly table: string | null
  /** Of the table: its `rows` are lost in part, or an `index` or its `full text` is, which can be made anew; null for anything else. */
  readonly damaged: 'rows' | 'index' | 'full text' | null
}

/** Rows of a table that refer, through a column, to rows of another that are not there. */
export interface BrokenReference {
  readonly table: string
  readonly column: string
  readonly target: string
  readonly rows: number
}

/** One database behind Purser. */
export interface Engine {
  readonly name: string
  /** The engine's `db.system.name` in OpenTelemetry's semantic conventions. */
  readonly systemName: string
  /** Where it is, without a password: for messages and `status`. */
  readonly location: string
  readonly capabilities: EngineCapabilities
  readonly codec: ValueCodec
  /** Builds and compiles statements of this engine's dialect; it never runs them. */
  // biome-ignore lint/suspicious/noExplicitAny: tables are known to the record definitions, not to Kysely's types
  readonly builder: Kysely<any>
  readonly fullText: FullTextSearch
  readonly timeBuckets: TimeBuckets
  readonly exactSums: ExactSums
  readonly matching: Matching
  readonly schema: SchemaDriver

  /**
   * True when nothing stands yet where `connect` leads: no database, or an empty one without a table of anybody's. It makes nothing, and
   * may have to ask a server. Absent where everything is there from the start.
   */
  wouldCreate?(): boolean | Promise<boolean>
  /** Opens the database. Throws `PersistenceConnectionError` and leaves nothing open when it cannot. */
  connect(): Promise<void>
  /** Closes it. Throws when the driver fails to, after the state was cleared. */
  disconnect(): Promise<void>
  /** Asks the database for a sign of life. */
  ping(): Promise<void>
  info(): Promise<EngineInfo>
  /**
   * The damage that the database finds in itself, at most a hundred faults. It reads everything there is, so others may have to wait
   * for it.
   */
  integrity(): Promise<readonly IntegrityFault[]>
  brokenReferences(): Promise<readonly BrokenReference[]>
  /**
   * Finds rows of a table whose pages or indexes are damaged, by whatever of both can be read. Absent where rows are found by
   * their keys only; null for a table of which that is so.
   */
  salvage?(view: Pick<EngineSnapshot, 'read'>, shape: TableShape): Promise<TablePlaces | null>
  /**
   * Copies the database as it is now to a file that can be opened in its place, while others go on writing. The file has its name once it
   * is whole, on disk, and found sound, and not before; when the call throws there is none.
   * @throws QueryError when the file is there already, or when the copy is not sound
   */
  backup?<T>(
    path: string,
    options: BackupOptions<T>,
  ): Promise<{ readonly bytes: number; readonly inspected: T }>
  /** For a database that a tool of its own backs up. `path` is the file to write. */
  backupCommand?(path: string): BackupCommand
  /**
   * What tells this database from every other one, whatever name or address leads to it: the same text for the same tables, over
   * any connection. Absent where there is nothing to tell by.
   */
  uniqueKey?(): Promise<string>
  /** The rows of a table with these keys, in the columns' order, where the engine has a better way than a list of parameters. */
  rowsByKey?(shape: TableShape, keys: readonly WireValue[]): Query
  /** Runs a read outside of any transaction; it sees committed rows only. */
  read(query: Query): Promise<readonly Row[]>
  /**
   * Runs writes in one transaction and resolves once it is durable. A write that is refused for itself fails alone; when the
   * set cannot be committed at all (full disk, lost lock), the call throws and none of it is stored.
   */
  writeSet(operations: readonly WriteOperation[]): Promise<readonly WriteOutcome[]>
  begin(): Promise<EngineTransaction>
  /**
   * One view of the committed rows, for reads that belong together and may take hours: on a connection of its own, beyond the pool's
   * limit and without the limit of time that statements have.
   *
   * Writers go on while it stands wherever the database keeps versions of rows. A file without a write-ahead log has one version only:
   * there readers and a view go together, and a writer waits for it, at most as long as for any other lock, then fails with a
   * TimeoutError. A database in memory is copied whole: that takes its size in memory once more, and waits for a transaction that stands
   * open, as long as for a lock.
   * @throws PersistenceConnectionError when the engine is not connected, or the database cannot be reached
   * @throws TransactionConflictError (retryable) when a transaction stood open for too long where the engine has to wait for it
   */
  snapshot(): Promise<EngineSnapshot>
  /** Any driver error as one of Purser's. */
  classify(error: unknown): PersistenceError
}
