// The schema part of the engine contract: the vocabulary of migrations, what introspection returns,
// and how a migration runs. A migration is written once; each engine's `SchemaWriter` renders it.

import type { PeriodTotalsSpec } from './period-totals.ts'
import type { Query, Row } from './query.ts'
import type { WorkQueueSpec } from './work-queue.ts'
import type { WriteOperation } from './writes.ts'

export type { PeriodTotalsSpec } from './period-totals.ts'
export type { WorkQueueSpec } from './work-queue.ts'

/** A database that has this table belongs to Purser. */
export const LEDGER_TABLE = 'purser_migrations'

/**
 * Column types. `id` and `name` are short text that can be a key and compares by bytes. `serial`
 * numbers rows in insertion order. `real` and `legacy` occur only in the ancestors' layouts
 * (`legacy: 26` is VARCHAR(26)).
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
  | 'bytes'
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
  /** A literal. The writer quotes text; numbers are written as given. */
  readonly default?: string | { readonly number: string }
  /** The value is one key of a JSON column, computed by the database. */
  readonly generated?: { readonly from: string; readonly key: string }
  readonly references?: ForeignKeySpec
  /** The column accepts only these values. `name` is the name of the constraint. */
  readonly oneOf?: { readonly name: string; readonly values: readonly string[] }
}

export interface TableSpec {
  readonly name: string
  readonly columns: readonly ColumnSpec[]
  readonly primaryKey: readonly string[]
  /** Rows are stored in primary key order, if the engine offers a choice. */
  readonly clustered?: boolean
}

export interface IndexSpec {
  readonly name: string
  readonly table: string
  readonly columns: readonly string[]
  readonly unique?: boolean
  /** Indexes only rows where this column is not null. */
  readonly whereNotNull?: string
}

/** Running totals maintained by the database, in the transaction that inserts the record. */
export interface TotalsSpec {
  readonly name: string
  readonly source: string
  readonly target: string
  /** Each dimension groups records by the value of a column, or by the hour of an instant. */
  readonly dimensions: readonly { readonly name: string; readonly column: string; readonly by?: 'hour' }[]
  /** Source columns to sum, with the same names in the target. */
  readonly sums: readonly string[]
  /**
   * Counts the source rows in which a summed column is null: the target's column for the count, and
   * the summed one, to which such a row adds nothing.
   */
  readonly missing?: { readonly name: string; readonly column: string }
  /** The source column by which totals are partitioned. */
  readonly partitionBy: string
  /**
   * The column with the number of records a source row represents. If absent, each row is one
   * record.
   */
  readonly records?: string
}

/** A full-text index of one text column, updated by `FullTextSearch.refresh`. */
export interface FullTextSpec {
  readonly table: string
  readonly column: string
  /** The table's `serial` column. */
  readonly serial: string
  /**
   * The index stores tokens that are the same on every engine. If absent, as before version 10,
   * each engine tokenizes in its own way.
   */
  readonly tokens?: boolean
}

/**
 * A table that records where a chain was cut, with columns for the number and the hash of the last
 * row that may be deleted.
 */
export interface CutsSpec {
  readonly table: string
  readonly number: string
  readonly hash: string
}

/**
 * What a table rejects, whoever writes to it: a `change` of frozen columns, every `update`, every
 * `delete`, or an inserted row that leaves a `gap`. A gap is a number that is not the next one, a
 * link that differs from the last row, or a key that already exists. With `cuts`, rows up to the
 * newest cut may be deleted, and the first row of an empty table may follow that cut.
 */
export type GuardSpec = { readonly name: string; readonly table: string } & (
  | { readonly refuses: 'change'; readonly columns: readonly string[] }
  | { readonly refuses: 'update' }
  | { readonly refuses: 'delete'; readonly upTo?: { readonly number: string; readonly cuts: CutsSpec } }
  | {
      readonly refuses: 'gap'
      readonly key: string
      readonly number: string
      /** A row's `from` column holds the previous row's `to` column. */
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
  /** The tables of periods and of their totals are layouts of another record. */
  readonly periodTotals?: PeriodTotalsSpec
  /** The tables of the queue are layouts of the same record. */
  readonly workQueue?: WorkQueueSpec
  readonly fullText?: FullTextSpec
}

/**
 * A change of a table's columns: which there are, and which may be null. Nothing else of a column
 * changes, and no column is added that refers to another table.
 */
export interface TableChange {
  readonly from: TableSpec
  readonly to: TableSpec
  /** What existing rows have in an added column: a literal; otherwise its default, or null. */
  readonly values?: Readonly<Record<string, string | number>>
  /** The indexes of the table, and its guards, which stay as they are. */
  readonly indexes: readonly IndexSpec[]
  readonly guards?: readonly GuardSpec[]
}

/** One statement of a migration, with a label for progress output. */
export interface MigrationStatement {
  readonly label: string
  readonly sql: string
}

/** Renders the vocabulary of migrations as statements of one dialect. */
export interface SchemaWriter {
  /** The time of this run, as a literal. */
  readonly now: string

  createTable(table: TableSpec): readonly MigrationStatement[]
  /**
   * Changes the columns of a table that has neither totals nor full text: they are dropped before
   * and created afterwards.
   */
  changeTable(change: TableChange): readonly MigrationStatement[]
  dropTable(name: string): readonly MigrationStatement[]
  /**
   * Adds columns after the last one of a table; existing rows get their defaults. The columns refer
   * to no other table.
   */
  addColumns(
    table: Pick<TableSpec, 'name' | 'primaryKey'>,
    columns: readonly ColumnSpec[],
  ): readonly MigrationStatement[]
  /** Drops what `addColumns` added. Indexes and triggers that use the columns go before it. */
  dropColumns(table: string, columns: readonly ColumnSpec[]): readonly MigrationStatement[]
  createIndex(index: IndexSpec): readonly MigrationStatement[]
  /** Rebuilds every index of a table from its rows. */
  rebuildIndexes(table: string): readonly MigrationStatement[]
  dropIndex(index: Pick<IndexSpec, 'name' | 'table'>): readonly MigrationStatement[]
  /** Dropped with its table, or by `dropGuard`. */
  createGuard(guard: GuardSpec): readonly MigrationStatement[]
  dropGuard(guard: Pick<GuardSpec, 'name' | 'table'>): readonly MigrationStatement[]
  createTotals(totals: TotalsSpec): readonly MigrationStatement[]
  /**
   * Computes the totals from existing records; with `where`, only from those that match the
   * condition. Rows of a `slot` must not be there yet: a second source takes another one.
   */
  fillTotals(totals: TotalsSpec, where?: string, slot?: number): readonly MigrationStatement[]
  dropTotals(totals: TotalsSpec): readonly MigrationStatement[]
  createPeriodTotals(totals: PeriodTotalsSpec): readonly MigrationStatement[]
  dropPeriodTotals(totals: PeriodTotalsSpec): readonly MigrationStatement[]
  createWorkQueue(queue: WorkQueueSpec): readonly MigrationStatement[]
  /** Fills the tables of a queue, which are empty, from existing rows. */
  fillWorkQueue(queue: WorkQueueSpec): readonly MigrationStatement[]
  dropWorkQueue(queue: WorkQueueSpec): readonly MigrationStatement[]
  createFullText(index: FullTextSpec): readonly MigrationStatement[]
  dropFullText(index: FullTextSpec): readonly MigrationStatement[]
  /**
   * Sets the layout version for programs that read it from the file header, if the engine has such
   * a field.
   */
  setLayoutMark(version: number): readonly MigrationStatement[]
  /** Any other statement, in SQL that every engine understands. */
  run(label: string, sql: string): MigrationStatement
}

export interface LiveColumn {
  readonly name: string
  readonly type: string
  readonly nullable: boolean
  readonly default: string | null
  /** Position in the primary key, starting at 1; 0 if not part of it. */
  readonly keyPosition: number
  /** The expression of a computed column, as the engine reports it; null for other columns. */
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
  /** Including anything that changes a column's sort order: a direction, a collation. */
  readonly columns: readonly string[]
  readonly unique: boolean
  /** The condition of a partial index, as the engine reports it. */
  readonly where: string | null
}

export interface LiveTable {
  readonly name: string
  /**
   * Other table-level properties that the engine reports, as words: how rows are stored, how a
   * search index is built.
   */
  readonly options: readonly string[]
  readonly columns: readonly LiveColumn[]
  readonly foreignKeys: readonly LiveForeignKey[]
  readonly indexes: readonly LiveIndex[]
  readonly checks: readonly string[]
  readonly triggers: readonly { readonly name: string; readonly definition: string }[]
}

/** The schema as the database reports it, sorted by name. */
export interface LiveSchema {
  readonly tables: readonly LiveTable[]
  /** The ancestors' layout version; 0 if there is none. */
  readonly layoutMark: number
}

/** A migration about to run on an engine that cannot roll back its steps. */
export interface MigrationRun {
  readonly version: number
  readonly name: string
  readonly checksum: string
  readonly direction: 'up' | 'down'
  readonly startedAt: Date
  readonly statements: readonly MigrationStatement[]
}

/** A run that was started and did not finish. */
export interface UnfinishedRun extends MigrationRun {
  /** How many of its statements are known to have run. The next one may have run as well. */
  readonly done: number
}

/**
 * Records the progress of a migration on engines that commit each schema change separately, so that
 * another process can resume an interrupted run.
 */
export interface StepRecord {
  unfinished(): Promise<UnfinishedRun | null>
  /** Records the run before it starts, atomically with a ledger change. */
  begin(run: MigrationRun, ledger?: Query): Promise<void>
  /** Runs the statement at an index, which may have run before, and records that it has. */
  run(index: number): Promise<void>
  /** Checks references and records the end of the run, atomically with a ledger change. */
  finish(ledger?: Query): Promise<void>
}

export interface FunctionOptions {
  /** Takes any number of arguments. */
  readonly varargs?: boolean
  /** Integers are passed as BigInt. */
  readonly safeIntegers?: boolean
}

/**
 * Runs inside the migration lock, and inside one transaction if the engine has transactional DDL.
 */
export interface MigrationSession {
  read(query: Query): Promise<readonly Row[]>
  execute(sql: string, parameters?: Query['parameters']): Promise<void>
  introspect(): Promise<LiveSchema>
  /**
   * Allows this session to end with this many more dangling references in a column than it began
   * with.
   */
  expectOpenReferences(expected: {
    readonly table: string
    readonly column: string
    readonly rows: number
  }): void
  /**
   * Makes a JavaScript function callable in statements, with as many arguments as it declares.
   * Absent if no statement of the engine needs one.
   */
  defineFunction?(name: string, options: FunctionOptions, call: (...values: unknown[]) => unknown): void
  /** Present if `transactionalDdl` is false. */
  readonly steps?: StepRecord
  /**
   * Copies the database, as it was before this session, to a file and returns its size. Absent if
   * the database is not a file.
   */
  backup?(path: string): Promise<number>
}

/** What an engine needs, beyond `SchemaWriter`, to adopt databases of earlier programs. */
export interface AdoptionSupport {
  /** The SQL dialect in which the adoption migrations are rendered. */
  readonly dialect: string
  /**
   * Checksums of the adoption migrations by version. A database with these checksums is opened
   * without rendering the migrations.
   */
  readonly checksums: Readonly<Record<number, string>>
}

/** What can be rebuilt from the rows of a table. */
export type Rebuild =
  | { readonly kind: 'indexes'; readonly table: string }
  | { readonly kind: 'full text'; readonly spec: FullTextSpec }

/** Access to the schema for migrations. */
export interface SchemaDriver {
  /** Absent if no earlier program used this engine. */
  readonly adoption?: AdoptionSupport
  writer(now: Date): SchemaWriter
  introspect(): Promise<LiveSchema>
  /**
   * What introspecting a database with exactly these tables would return. Does not touch the
   * database.
   */
  expected(declared: readonly TableLayout[]): Promise<LiveSchema>
  /** True if the database rejects all changes: a read-only file, a standby. */
  readOnly(): Promise<boolean>
  /**
   * True if a migration was started and has not finished, because its process died or is still
   * running. Present if `transactionalDdl` is false.
   */
  interrupted?(): Promise<boolean>
  /**
   * Rebuilds indexes where SQL statements cannot, because they would read the damaged data.
   * `auditEntry` is written in the same transaction. Absent if statements can do it.
   */
  rebuild?(what: Rebuild, auditEntry: WriteOperation): Promise<void>
  /** The path for a backup beside the database; null if the database is not a file. */
  backupPath(suffix: string): string | null
  /**
   * Runs `work` under the migration lock; other processes that call this wait. Commits when `work`
   * resolves. If it throws, everything the engine can roll back is rolled back. References between
   * tables are checked before the commit.
   */
  exclusively<T>(work: (session: MigrationSession) => Promise<T>): Promise<T>
}
