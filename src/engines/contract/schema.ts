// The part of the engine contract that concerns the schema: the vocabulary in which migrations are written, what
// introspection tells, and how a migration runs. A migration is written once; each engine's `SchemaWriter` renders it.

import type { Query, Row } from './query.ts'
import type { WriteOperation } from './writes.ts'

/** The table whose presence makes a database Purser's. */
export const LEDGER_TABLE = 'purser_migrations'

/**
 * Column types. `id` and `name` are short text that can be a key and compares by bytes; `serial` numbers rows in the order
 * of their insertion; `real` and `legacy` stand only in the layouts of the ancestors (`legacy: 26` is VARCHAR(26)).
 */
export type ColumnType =
  | 'id'
  | 'name'
  | 'text'
  | 'integer'
  | 'boolean'
  | 'money'
  | 'instant'
  | 'json'
  | 'real'
  | 'serial'
  | { readonly legacy: number }

export interface ForeignKeySpec {
  readonly table: string
  readonly column: string
  readonly onDelete: 'no action' | 'cascade' | 'restrict' | 'set null'
}

export interface ColumnSpec {
  readonly name: string
  readonly type: ColumnType
  readonly nullable?: boolean
  /** A literal: text is quoted by the writer, numbers stand as they are written. */
  readonly default?: string | { readonly number: string }
  /** The value is one key of a JSON column, computed by the database. */
  readonly generated?: { readonly from: string; readonly key: string }
  readonly references?: ForeignKeySpec
  /** The column may hold only these words; `name` is the constraint's. */
  readonly oneOf?: { readonly name: string; readonly values: readonly string[] }
}

export interface TableSpec {
  readonly name: string
  readonly columns: readonly ColumnSpec[]
  readonly primaryKey: readonly string[]
  /** Rows stand in the order of the primary key, where the engine can choose. */
  readonly clustered?: boolean
}

export interface IndexSpec {
  readonly name: string
  readonly table: string
  readonly columns: readonly string[]
  readonly unique?: boolean
  /** Only rows in which this column is not null are indexed. */
  readonly whereNotNull?: string
}

/** Running totals kept by the database itself, in the transaction that inserts the record. */
export interface TotalsSpec {
  readonly name: string
  readonly source: string
  readonly target: string
  /** Each dimension counts the record under the value of a column, or under the hour of an instant. */
  readonly dimensions: readonly { readonly name: string; readonly column: string; readonly by?: 'hour' }[]
  /** Columns of the source that are added up, under the same name in the target. */
  readonly sums: readonly string[]
  /** A column of the source that keeps totals apart. */
  readonly partitionBy: string
  /** The column that says for how many records a row of the source stands; absent where that is one. */
  readonly records?: string
}

/** A full-text index of one text column, brought up to date by `FullTextSearch.refresh`. */
export interface FullTextSpec {
  readonly table: string
  readonly column: string
  /** The table's `serial` column. */
  readonly serial: string
  /** The index is given tokens that are the same on every engine. Without, as before version 10, each finds words its own way. */
  readonly tokens?: boolean
}

/** A table that holds where a chain was cut: the columns for the number of the last row that may go, and for its hash. */
export interface CutsSpec {
  readonly table: string
  readonly number: string
  readonly hash: string
}

/**
 * What a table refuses, whoever writes to it: `change` of frozen columns, every `update`, every `delete`, or an inserted row that
 * leaves a `gap`: whose number is not the next one, whose link is not what the last row holds, or whose key is there already.
 * With `cuts`, rows up to the newest cut may be deleted, and the first row of an empty table may follow that cut.
 */
export type GuardSpec = { readonly name: string; readonly table: string } & (
  | { readonly refuses: 'change'; readonly columns: readonly string[] }
  | { readonly refuses: 'update' }
  | { readonly refuses: 'delete'; readonly upTo?: { readonly number: string; readonly cuts: CutsSpec } }
  | {
      readonly refuses: 'gap'
      readonly key: string
      readonly number: string
      /** The column `from` of a row holds what the column `to` of the row before it holds. */
      readonly link: { readonly from: string; readonly to: string }
      readonly cuts?: CutsSpec
    }
)

/** A table with everything that belongs to it. */
export interface TableLayout {
  readonly table: TableSpec
  readonly indexes: readonly IndexSpec[]
  readonly guards: readonly GuardSpec[]
  readonly totals?: TotalsSpec
  readonly fullText?: FullTextSpec
}

/** One statement of a migration, with words for a progress line. */
export interface MigrationStatement {
  readonly label: string
  readonly sql: string
}

/** Renders the vocabulary of migrations as statements of one dialect. */
export interface SchemaWriter {
  /** The instant of this run, as a literal. */
  readonly now: string

  createTable(table: TableSpec): readonly MigrationStatement[]
  dropTable(name: string): readonly MigrationStatement[]
  createIndex(index: IndexSpec): readonly MigrationStatement[]
  /** Makes every index of a table anew from its rows. */
  rebuildIndexes(table: string): readonly MigrationStatement[]
  dropIndex(index: Pick<IndexSpec, 'name' | 'table'>): readonly MigrationStatement[]
  /** Dropped with its table, or by `dropGuard`. */
  createGuard(guard: GuardSpec): readonly MigrationStatement[]
  dropGuard(guard: Pick<GuardSpec, 'name' | 'table'>): readonly MigrationStatement[]
  createTotals(totals: TotalsSpec): readonly MigrationStatement[]
  /** Fills the totals from the records that are there; with `where`, from those for which a condition holds. */
  fillTotals(totals: TotalsSpec, where?: string): readonly MigrationStatement[]
  dropTotals(totals: TotalsSpec): readonly MigrationStatement[]
  createFullText(index: FullTextSpec): readonly MigrationStatement[]
  dropFullText(index: FullTextSpec): readonly MigrationStatement[]
  /** Marks the layout for programs that look at a number in the file, where the engine has a place for one. */
  setLayoutMark(version: number): readonly MigrationStatement[]
  /** Any other statement, in SQL that every engine understands. */
  run(label: string, sql: string): MigrationStatement
}

export interface LiveColumn {
  readonly name: string
  readonly type: string
  readonly nullable: boolean
  readonly default: string | null
  /** Place in the primary key from 1; 0 outside of it. */
  readonly keyPosition: number
  /** What a computed column is computed from, as the engine tells it; null for any other. */
  readonly generated: string | null
}

export interface LiveForeignKey {
  readonly columns: readonly string[]
  readonly table: string
  readonly referenced: readonly string[]
  readonly onDelete: string
  readonly onUpdate: string
}

export interface LiveIndex {
  readonly name: string
  /** With what makes a column's order another than its own: a direction, a collation. */
  readonly columns: readonly string[]
  readonly unique: boolean
  /** The condition of a partial index, as the engine tells it. */
  readonly where: string | null
}

export interface LiveTable {
  readonly name: string
  /** What else the engine tells of the table as a whole, as words: how its rows are kept, what a search index is made of. */
  readonly options: readonly string[]
  readonly columns: readonly LiveColumn[]
  readonly foreignKeys: readonly LiveForeignKey[]
  readonly indexes: readonly LiveIndex[]
  readonly checks: readonly string[]
  readonly triggers: readonly { readonly name: string; readonly definition: string }[]
}

/** The schema as the database tells it, sorted by name. */
export interface LiveSchema {
  readonly tables: readonly LiveTable[]
  /** The ancestors' version mark; 0 where there is none. */
  readonly layoutMark: number
}

/** A migration that is about to run where its steps cannot be taken back. */
export interface MigrationRun {
  readonly version: number
  readonly name: string
  readonly checksum: string
  readonly direction: 'up' | 'down'
  readonly startedAt: Date
  readonly statements: readonly MigrationStatement[]
}

/** One that did not come to its end. */
export interface UnfinishedRun extends MigrationRun {
  /** How many of its statements are known to have run; the next one may have. */
  readonly done: number
}

/**
 * Where changes of the schema commit by themselves: the record of what a migration runs, by which the next process goes on with one that
 * was cut off.
 */
export interface StepRecord {
  unfinished(): Promise<UnfinishedRun | null>
  /** Writes down what is going to run, together with a change of the ledger: both, or neither. */
  begin(run: MigrationRun, ledger?: Query): Promise<void>
  /** Runs the statement at an index, which may have run before, and writes down that it has. */
  run(index: number): Promise<void>
  /** Checks references and writes down the end, together with a change of the ledger: both, or neither. */
  finish(ledger?: Query): Promise<void>
}

export interface FunctionOptions {
  /** Takes any number of arguments. */
  readonly varargs?: boolean
  /** Integers come as BigInt. */
  readonly safeIntegers?: boolean
}

/** Inside the migration lock, and inside one transaction where the engine's schema changes are transactional. */
export interface MigrationSession {
  read(query: Query): Promise<readonly Row[]>
  execute(sql: string, parameters?: Query['parameters']): Promise<void>
  introspect(): Promise<LiveSchema>
  /** So many rows of a column may refer to nothing when this session ends, beyond those that did when it began. */
  expectOpenReferences(expected: {
    readonly table: string
    readonly column: string
    readonly rows: number
  }): void
  /** Makes a function of this process callable in statements, with as many arguments as it declares. Absent where statements need none. */
  defineFunction?(name: string, options: FunctionOptions, call: (...values: unknown[]) => unknown): void
  /** Present where `transactionalDdl` is not. */
  readonly steps?: StepRecord
  /** Copies the database, as it was before this session, to a file; returns its size. Absent where it is not file-backed. */
  backup?(path: string): Promise<number>
}

/** What taking over the databases of earlier programs needs of an engine, beyond `SchemaWriter`. */
export interface AdoptionSupport {
  /** The SQL in which the migrations that take them over are rendered. */
  readonly dialect: string
  /** Their checksums, by version: a database that has them is opened without rendering them. */
  readonly checksums: Readonly<Record<number, string>>
}

/** What is made anew from the rows of a table. */
export type Rebuild =
  | { readonly kind: 'indexes'; readonly table: string }
  | { readonly kind: 'full text'; readonly spec: FullTextSpec }

/** How migrations reach the database. */
export interface SchemaDriver {
  /** Absent where no earlier program ever kept a database. */
  readonly adoption?: AdoptionSupport
  writer(now: Date): SchemaWriter
  introspect(): Promise<LiveSchema>
  /** What a database with exactly these tables would introspect as; the database itself is not touched. */
  expected(declared: readonly TableLayout[]): Promise<LiveSchema>
  /** Whether the database refuses every change: a read-only file, a standby. */
  readOnly(): Promise<boolean>
  /** Whether a migration was begun and not ended, by a process that died or is at it. Present where `transactionalDdl` is not. */
  interrupted?(): Promise<boolean>
  /**
   * Makes indexes anew that statements cannot, since they would have to read what is damaged; `also` is written in the same transaction.
   * Absent where statements can.
   */
  rebuild?(what: Rebuild, auditEntry: WriteOperation): Promise<void>
  /** Where a backup beside the database would stand; null when it is not in a file. */
  backupPath(suffix: string): string | null
  /**
   * Runs `work` alone: another process that calls this waits. Committed when it resolves; when it throws, everything that the
   * engine can take back is taken back. References between tables are checked before the commit.
   */
  exclusively<T>(work: (session: MigrationSession) => Promise<T>): Promise<T>
}
