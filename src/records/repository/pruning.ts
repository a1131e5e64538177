// What pruning needs of each kind of record: a preview of what would be deleted, and the deletion
// of the oldest rows in batches, each in a separate transaction. src/retention decides how many
// batches, and when.

import { sql } from 'kysely'
import type {
  ChainAppend,
  Row,
  StorageKind,
  WireValue,
  WriteOperation,
} from '../../engines/contract/engine.ts'
import { unreadable } from '../../engines/contract/engine.ts'
import { TransactionConflictError } from '../../errors.ts'
import type { RecordDefinition } from '../model/define-record.ts'
import { type RecordSession, type Runner, writeAll } from './session.ts'

/** What there is to delete. */
export interface Survey {
  readonly rows: number
  readonly oldest: Date | null
  readonly newest: Date | null
  /** Of the rows' contents, without indexes: an estimate from the oldest of them. */
  readonly bytes: number
}

/**
 * What is written with the first batch: the entry that records the removal, and a condition that
 * can roll all of it back.
 */
export interface FirstBatchExtras {
  readonly entry: ChainAppend
  /**
   * Called in the transaction once the entry is written; if it throws, the batch is rolled back.
   */
  readonly check?: (runner: Runner) => Promise<void>
}

export interface Batch {
  /** Deleted rows. */
  readonly removed: number
  /** Rows that cannot be read, and are kept. */
  readonly skipped: number
  /** Whether nothing is left to do. */
  readonly ended: boolean
  /** Whether the extras were written. */
  readonly auditWritten: boolean
}

/** A removal in progress. */
export interface PruneRun {
  /** Rows that it will delete, unless another process does. */
  readonly planned: number
  /** Where the trail was cut, for the kind that is a chain. */
  readonly cut?: { readonly sequence: number; readonly hash: string } | undefined
  /** Deletes the oldest rows, at most `size`, in one transaction. */
  remove(size: number, along: FirstBatchExtras | undefined): Promise<Batch>
}

export interface Pruner {
  /** The instant before which rows are deleted, if the requested one is too fine-grained. */
  cutoff(before: Date): Date
  survey(before: Date): Promise<Survey>
  /** @param limit the most rows that the whole removal may delete */
  begin(before: Date, limit: number): Promise<PruneRun>
}

/** Rows below a bound: of a time, or of a number. */
export interface Bound {
  /** The column by which rows are ordered. */
  readonly column: string
  readonly below: WireValue
}

/** The number of rows from which the total size is estimated. */
const SAMPLE = 500
/** The kinds whose values have different sizes. */
const sized: ReadonlySet<StorageKind | undefined> = new Set(['text', 'json', 'bytes'] as const)
/** Of a number or a time, in a column of an engine that has such a type. */
const CELL_BYTES = 8

/** Counts the rows below a bound, with the oldest and the newest. */
export async function surveyRows(
  session: RecordSession,
  { shape }: RecordDefinition,
  { column, below }: Bound,
): Promise<Survey> {
  const { table, columns, kinds, key } = shape
  const counting = session.statements.query(`${table} survey ${column}`, [below], (builder, slot) =>
    builder
      .selectFrom(table)
      .select([
        sql`count(*)`.as('rows'),
        sql`min(${sql.ref('timestamp')})`.as('oldest'),
        sql`max(${sql.ref('timestamp')})`.as('newest'),
      ])
      .where(column, '<', slot(0)),
  )
  const texts = columns.filter((_, index) => sized.has(kinds[index]))
  const sizes = texts.map((name) => sql`coalesce(octet_length(${sql.ref(name)}), 0)`)
  const others = (columns.length - texts.length) * CELL_BYTES
  const sampling = session.statements.query(`${table} size ${column}`, [below, SAMPLE], (builder, slot) =>
    builder
      .selectFrom((from) =>
        from
          .selectFrom(table)
          .select(texts)
          .where(column, '<', slot(0))
          .orderBy(column)
          .orderBy(key)
          .limit(slot(1))
          .as('sample'),
      )
      .select([sql`count(*)`.as('rows'), sql`sum(${sql.join(sizes, sql` + `)})`.as('bytes')]),
  )
  const [[counted], [sampled]] = await Promise.all([session.read(counting), session.read(sampling)])
  const rows = Number(counted?.[0] ?? 0)
  const [inSample, bytes] = [Number(sampled?.[0] ?? 0), Number(sampled?.[1] ?? 0)]
  return {
    rows,
    oldest: toDate(session, counted?.[1]),
    newest: toDate(session, counted?.[2]),
    bytes: inSample === 0 ? 0 : Math.round((bytes / inSample + others) * rows),
  }
}

function toDate({ engine }: RecordSession, value: WireValue | undefined): Date | null {
  if (value === null || value === undefined) return null
  const date = engine.codec.decode.instant(value)
  return date === unreadable ? null : date
}

/** The position of a row in the order of a bound's column and the key. */
export type OldestPosition = readonly [major: WireValue, key: WireValue]

/** The first rows below a bound, after a position. */
export async function oldestRows(
  session: RecordSession,
  runner: Pick<Runner, 'read'>,
  definition: RecordDefinition,
  columns: readonly string[],
  { column, below }: Bound,
  position: OldestPosition | undefined,
  limit: number,
): Promise<readonly Row[]> {
  const { table, key } = definition.shape
  const values = [below, ...(position ?? []), limit]
  const shape = `${table} oldest ${column} ${columns.length} ${position ? 'after' : ''}`
  const query = session.statements.query(shape, values, (builder, slot) => {
    let rows = builder
      .selectFrom(table)
      .select([...columns])
      .where(column, '<', slot(0))
    if (position) {
      rows = rows
        .where(column, '>=', slot(1))
        .where((or) =>
          or.or([or(column, '>', slot(1)), or.and([or(column, '=', slot(1)), or(key, '>', slot(2))])]),
        )
    }
    return rows
      .orderBy(column)
      .orderBy(key)
      .limit(slot(values.length - 1))
  })
  return runner.read(query)
}

/**
 * Deletes rows by key, each of which must exist.
 * @throws TransactionConflictError if one does not: another process deleted it meanwhile
 */
export async function removeRows(
  session: RecordSession,
  runner: Runner,
  { shape }: RecordDefinition,
  keys: readonly WireValue[],
): Promise<void> {
  const deletions = keys.map((key) => ({ kind: 'delete' as const, shape, key }))
  for (const outcome of await writeInSets(session, runner, deletions)) {
    if (outcome.kind === 'deleted' && outcome.count === 1) continue
    throw new TransactionConflictError(
      `another process removes rows of ${shape.table} too; nothing of this batch was stored`,
    )
  }
}

/** Any number of writes, none of which may fail. */
export async function writeInSets(
  session: RecordSession,
  runner: Runner,
  operations: readonly WriteOperation[],
) {
  const { maxSetSize } = session.engine.capabilities
  const outcomes = []
  for (let start = 0; start < operations.length; start += maxSetSize) {
    outcomes.push(...(await writeAll(runner, operations.slice(start, start + maxSetSize))))
  }
  return outcomes
}

/** Writes the extras of a first batch. */
export async function writeAlong(runner: Runner, along: FirstBatchExtras | undefined): Promise<void> {
  if (!along) return
  await writeAll(runner, [{ kind: 'append', chain: along.entry }])
  await along.check?.(runner)
}
