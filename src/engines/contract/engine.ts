// The contract between shared code and a database: everything that records, migrations and the
// store know about an engine. An engine is one folder that implements `Engine`. Shared code checks
// capabilities, never the engine's name.

import type { Kysely } from 'kysely'
import type { PersistenceError } from '../../errors.ts'
import type { ChangeFeed, ChangeNote, NoteChanges } from './changes.ts'
import type { Locking } from './locking.ts'
import type { Query, Row, WireValue } from './query.ts'
import type { SchemaDriver } from './schema.ts'
import type { StorageKind, TableShape, WriteOperation, WriteOutcome } from './writes.ts'

export type { ChangeFeed, ChangeNote, NoteChanges } from './changes.ts'
export { CHANGES_TABLE, NEW_CHANGES_TABLE } from './changes.ts'
export type { Locking } from './locking.ts'
export type { PeriodTotalsSpec } from './period-totals.ts'
export type { Query, Row, WireValue } from './query.ts'
export type {
  ChainAppend,
  ChainHead,
  StorageKind,
  TableShape,
  WriteOperation,
  WriteOutcome,
} from './writes.ts'

/**
 * The form of a value between a record and an engine's codec: JSON is encoded text, money is in
 * billionths, bytes are an array that no other code can change.
 */
export interface StorageValues {
  readonly text: string
  readonly integer: number
  readonly boolean: boolean
  readonly money: bigint
  readonly instant: Date
  readonly json: string
  readonly bytes: Uint8Array
}

/** Returned for a stored value that an engine's codec cannot decode. */
export const unreadable: unique symbol = Symbol('unreadable')

/** Converts values of each kind to wire values and back. Null is never passed to a codec. */
export interface ValueCodec {
  /**
   * True if a column keeps a value of any type, whatever type it declares. False if the database
   * rejects a value that does not fit.
   */
  readonly keepsAnyType: boolean
  /** Text may contain the NUL character. */
  readonly keepsNul: boolean
  readonly encode: { readonly [K in StorageKind]: (value: StorageValues[K]) => WireValue }
  readonly decode: {
    readonly [K in StorageKind]: (value: NonNullable<WireValue>) => StorageValues[K] | typeof unreadable
  }
}

/** An open transaction. After it ends, every call except `rollback` fails. */
export interface EngineTransaction {
  read(query: Query): Promise<readonly Row[]>
  writeSet(operations: readonly WriteOperation[]): Promise<readonly WriteOutcome[]>
  savepoint(name: string): Promise<void>
  releaseSavepoint(name: string): Promise<void>
  rollbackToSavepoint(name: string): Promise<void>
  /** @param notes rows of the feed of changes, committed with everything else */
  commit(notes?: readonly ChangeNote[]): Promise<void>
  /** Ends the transaction, whatever its state. Never throws. */
  rollback(): Promise<void>
}

/**
 * A consistent view of everything committed at the time it was created, unaffected by later
 * commits. It is valid until it is closed or the engine disconnects. If its connection is lost, the
 * view is gone and reading has to start over.
 */
export interface EngineSnapshot {
  /**
   * @throws PersistenceConnectionError (retryable) when the connection was lost; not retryable when
   * the view is closed
   */
  read(query: Query): Promise<readonly Row[]>
  /** Releases everything the view holds. Never throws; may be called repeatedly. */
  close(): Promise<void>
}

/** What an engine can and cannot do. Shared code checks these instead of engine names. */
export interface EngineCapabilities {
  /** Schema changes roll back with their transaction. */
  readonly transactionalDdl: boolean
  /**
   * A row comparison `(a, b) > (x, y)` seeks in an index. If false, it is written as a disjunction.
   */
  readonly rowValueSeek: boolean
  /** A JSON column returns the text that was written, byte for byte. */
  readonly keepsJsonText: boolean
  /** A read costs a round trip, so the `get` calls of one tick are combined into one query. */
  readonly batchesReads: boolean
  /**
   * References are checked row by row: rows that refer to each other cannot be in one statement,
   * whatever their order.
   */
  readonly referencesPerRow: boolean
  /** The store's data is in one file, which can be copied to a file beside it. */
  readonly fileBacked: boolean
  /** Rows that violate their table's check constraints can be inserted (`skipChecks`). */
  readonly passesOverChecks: boolean
  /** The most writes that the queue passes to the engine at once. */
  readonly maxSetSize: number
}

/** Full-text search over one text column of an append-only table. */
export interface FullTextSearch {
  /**
   * Brings the index up to date with every row that `runner` sees, in bounded steps that let other
   * work run in between. Tokens have at most 255 characters: letters, digits, marks and private-use
   * characters.
   */
  refresh(
    runner: Pick<EngineTransaction, 'read' | 'writeSet'>,
    table: string,
    tokensOf: (text: string) => readonly string[],
  ): Promise<void>
  /**
   * Counts the given rows, by serial number, that are neither indexed nor waiting for the next
   * `refresh`.
   */
  absent(table: string, serials: readonly string[]): Query
  /** Counts index entries whose rows no longer exist. */
  stale(table: string): Query
  /** A condition that matches rows containing every one of these tokens, character by character. */
  matches(table: string, tokens: readonly string[]): Query
}

/**
 * Expressions for the quarter of an hour (`2026-01-31T09:15`), hour (`2026-01-31T09`) and day
 * (`2026-01-31`) of an instant column, in UTC, as text.
 */
export interface TimeBuckets {
  quarter(column: string): string
  hour(column: string): string
  day(column: string): string
}

/**
 * Sums of 64-bit integers over any number of rows, in two parts so that neither exceeds the
 * engine's exact range: whole units, and the remainder in fractions. `unit` is the number of
 * fractions per unit; the sum is `whole * unit + rest`.
 */
export interface ExactSums {
  whole(column: string, unit: bigint): string
  rest(column: string, unit: bigint): string
}

/** Conditions whose SQL differs between dialects. */
export interface Matching {
  /** A placeholder for an id used by itself, with the type and collation of an id column. */
  readonly id: string
  /**
   * Text that matches a pattern: `*` matches any characters, `?` one character, everything else
   * itself, case-sensitively.
   */
  like(column: string, pattern: string): Query
  /**
   * A JSON list of objects with one whose `key` is this text. A list that cannot be parsed never
   * matches.
   */
  listHas(column: string, key: string, value: string): Query
  /**
   * An expression for the JSON text of one key of a JSON object; null if the object lacks it, or
   * the column has no JSON object. The key has no quotes, backslashes or control characters.
   */
  memberText(column: string, key: string): string
  /**
   * A join, `edge`, with the rows of a table that have a value in a column, which are looked up in
   * an index for each row on its left, however many the planner expects: for recursive queries,
   * whose rounds have few rows.
   * @param value an expression over what is on its left
   */
  lookUp(table: string, column: string, value: string): string
}

/** What `status` shows about the database itself. */
export interface EngineInfo {
  readonly serverVersion: string
  /** Size of the database in bytes; null if the engine cannot report it. */
  readonly sizeBytes: number | null
}

/** How many connections a pool has, and how many callers wait for one. */
export interface PoolState {
  readonly idle: number
  readonly used: number
  readonly waiting: number
  readonly max: number
}

export interface BackupOptions<T> {
  /** Replaces an existing file. */
  readonly force?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  /** Called with the fraction copied so far, from 0 to 1. */
  readonly progress?: ((share: number) => void) | undefined
  /** Examines the copy before it is renamed to its final path. */
  readonly inspect: (copy: Pick<EngineSnapshot, 'read'>) => Promise<T>
}

/**
 * Commands for the database's own backup tool, as POSIX shell lines. Neither line contains a
 * password.
 */
export interface BackupCommand {
  readonly tool: string
  readonly command: string
  /** Restores the backup into a database that does not have the tables. */
  readonly restore: string
  /** How to pass a password to the tool. */
  readonly password: string
}

/**
 * The location of a row in a damaged table: an engine-specific number, and the row's key if an
 * index has it.
 */
export interface RowLocation {
  readonly at: WireValue
  readonly key: WireValue
}

/** What can be located in a damaged table. */
export interface TableLocations {
  /** Not every one of these rows can be read. */
  readonly locations: readonly RowLocation[]
  /**
   * Ranges of locations about which nothing is known, both ends included: the most rows that may
   * have been lost.
   */
  readonly gaps: readonly { readonly from: bigint; readonly to: bigint }[]
  /** Reads the row at a location. */
  rowAt(at: WireValue): Query
}

/** Corruption reported by the database's integrity check. */
export interface IntegrityFault {
  /** A description that names tables, indexes and pages, never the content of a row. */
  readonly text: string
  /** The affected table; null if the database does not say. */
  readonly table: string | null
  /**
   * What is damaged: `rows` of the table are partly lost; an `index` or the `full text` index can
   * be rebuilt. Null for anything else.
   */
  readonly damaged: 'rows' | 'index' | 'full text' | null
}

/** Rows of a table whose reference column points to rows that do not exist in the target table. */
export interface BrokenReference {
  readonly table: string
  readonly column: string
  readonly target: string
  readonly rows: number
}

/** A database used by Purser. */
export interface Engine {
  readonly name: string
  /** The engine's `db.system.name` in OpenTelemetry's semantic conventions. */
  readonly systemName: string
  /** The location of the database without a password, for messages and `status`. */
  readonly location: string
  readonly capabilities: EngineCapabilities
  readonly codec: ValueCodec
  /** Builds and compiles statements in this engine's dialect; never executes them. */
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's types do not know the tables
  readonly builder: Kysely<any>
  readonly fullText: FullTextSearch
  readonly timeBuckets: TimeBuckets
  readonly exactSums: ExactSums
  readonly matching: Matching
  readonly locking: Locking
  readonly schema: SchemaDriver
  /** Absent if the engine keeps no feed of changes; then it is never given notes. */
  readonly feed?: ChangeFeed

  /**
   * True if the database is missing or has no tables at all. No side effects; may contact the
   * server. Absent if the engine always has a database.
   */
  wouldCreate?(): boolean | Promise<boolean>
  /** Opens the database. On failure throws `PersistenceConnectionError` and leaves nothing open. */
  connect(): Promise<void>
  /** Closes the database. Throws if the driver fails to close, after the state was cleared. */
  disconnect(): Promise<void>
  /** Checks that the database responds. */
  ping(): Promise<void>
  info(): Promise<EngineInfo>
  /** Absent if the engine has no pool; undefined while it is not connected. */
  poolState?(): PoolState | undefined
  /**
   * Checks the database for corruption and returns at most 100 faults. It reads the whole database,
   * so other work may have to wait.
   */
  integrity(): Promise<readonly IntegrityFault[]>
  brokenReferences(): Promise<readonly BrokenReference[]>
  /**
   * Locates rows of a table whose pages or indexes are damaged, using whichever of them can be
   * read. Absent if the engine finds rows by key only; null for a table where that is the case.
   */
  salvage?(view: Pick<EngineSnapshot, 'read'>, shape: TableShape): Promise<TableLocations | null>
  /**
   * Copies the current database to a file that can be opened in its place, while writers continue.
   * The file gets its name only once it is complete, flushed to disk and verified. If the call
   * throws, there is no file.
   * @throws QueryError when the file already exists, or when the copy fails verification
   */
  backup?<T>(
    path: string,
    options: BackupOptions<T>,
  ): Promise<{ readonly bytes: number; readonly inspected: T }>
  /** For a database that has its own backup tool. `path` is the file to write. */
  backupCommand?(path: string): BackupCommand
  /**
   * Identifies this database, whatever name or address was used to reach it: the same text for the
   * same tables over any connection. Absent if the engine has no such identifier.
   */
  uniqueKey?(): Promise<string>
  /**
   * The rows of a table with these keys, in column order. Present if the engine has something
   * faster than a parameter list.
   */
  rowsByKey?(shape: TableShape, keys: readonly WireValue[]): Query
  /** Runs a read outside any transaction. It sees committed rows only. */
  read(query: Query): Promise<readonly Row[]>
  /**
   * Runs a batch of writes in one transaction and resolves once it is durable. A write that is
   * itself rejected fails without affecting the others. If the batch cannot be committed at all
   * (full disk, lost lock), the call throws and nothing is stored.
   * @param note gives the rows of the feed of changes, which are committed with the batch
   */
  writeSet(operations: readonly WriteOperation[], note?: NoteChanges): Promise<readonly WriteOutcome[]>
  begin(): Promise<EngineTransaction>
  /**
   * A consistent view of the committed rows, for related reads that may take hours. It uses a
   * dedicated connection, beyond the pool's limit and without the statement timeout.
   *
   * Writers continue while it is open if the database keeps row versions. A file without a
   * write-ahead log has only one version: readers and a view coexist, but a writer waits for the
   * view, up to the lock timeout, and then fails with a TimeoutError. An in-memory database is
   * copied whole, which takes its size in memory again, and waits for an open transaction, up to
   * the lock timeout.
   * @throws PersistenceConnectionError when the engine is not connected, or the database cannot be
   * reached
   * @throws TransactionConflictError (retryable) when the engine has to wait for an open
   * transaction and it stays open too long
   */
  snapshot(): Promise<EngineSnapshot>
  /** Converts any driver error to one of Purser's errors. */
  classify(error: unknown): PersistenceError
}
