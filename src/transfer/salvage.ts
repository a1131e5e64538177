// Reads what can be read of a damaged table. An intact table is read as usual. In a damaged one,
// every row is located, read once to see whether it is readable, and reported by its id if not.
// Only the keys of a damaged table are kept in memory.

import type {
  Engine,
  EngineSnapshot,
  Query,
  Row,
  RowLocation,
  TableLocations,
  WireValue,
} from '../engines/contract/engine.ts'
import { QueryError } from '../errors.ts'
import type { Loss } from './losses.ts'
import { countRows, readRows } from './rows/read-rows.ts'
import { type RecordKind, recordKinds } from './rows/record-kind.ts'

/** A row that can be read. */
interface Found {
  readonly at: WireValue
  readonly order: readonly WireValue[]
  readonly key: string
  readonly parent: string | null
}

/** The readable part of one table: null for all of it. */
export interface Survey {
  readonly kind: RecordKind
  readonly losses: readonly Loss[]
  /** Keys of the readable rows. */
  readonly keys: ReadonlySet<string>
  /** In transfer order, as far as that does not depend on what is lost. */
  readonly found: readonly Found[]
  rowAt(at: WireValue): Query
}

/** The rows of a kind; `lost` receives what is missing or changed. */
export type RowsOf = (
  kind: RecordKind,
  batchRows: number,
  lost: (loss: Loss) => void,
) => AsyncGenerator<readonly Row[]>

type Surveys = ReadonlyMap<string, Survey>

/**
 * Searches tables for rows that cannot be read.
 * @returns what can be read of the tables that have some, by table
 */
export async function surveyRows(
  engine: Engine,
  snapshot: EngineSnapshot,
  kinds: readonly RecordKind[],
  proceed: () => void,
): Promise<Surveys> {
  const surveys = new Map<string, Survey>()
  for (const kind of kinds) {
    if (await isReadable(engine, snapshot, kind, proceed)) continue
    surveys.set(kind.shape.table, await survey(engine, snapshot, kind, proceed))
  }
  return surveys
}

/** The records of these tables that cannot be read. */
export async function findLosses(engine: Engine, tables: ReadonlySet<string>): Promise<readonly Loss[]> {
  const kinds = recordKinds.filter(({ shape }) => tables.has(shape.table))
  if (kinds.length === 0) return []
  const snapshot = await engine.snapshot()
  try {
    const surveys = await surveyRows(engine, snapshot, kinds, () => undefined)
    return [...surveys.values()].flatMap(({ losses }) => losses)
  } finally {
    await snapshot.close()
  }
}

async function isReadable(
  engine: Engine,
  snapshot: EngineSnapshot,
  kind: RecordKind,
  proceed: () => void,
): Promise<boolean> {
  try {
    await countRows(engine, snapshot, kind)
    for await (const _ of readRows(engine, snapshot, kind)) proceed()
    return true
  } catch (error) {
    if (isDamage(error)) return false
    throw error
  }
}

/** A held lock or an unreachable server is not damage. */
function isDamage(error: unknown): error is QueryError {
  return error instanceof QueryError
}

async function survey(
  engine: Engine,
  snapshot: EngineSnapshot,
  kind: RecordKind,
  proceed: () => void,
): Promise<Survey> {
  const { type, shape, order, parent } = kind
  const losses: Loss[] = []
  const lose = (loss: Partial<Loss> & Pick<Loss, 'reason'>) =>
    losses.push({ type, table: shape.table, id: null, from: null, to: null, column: null, ...loss })
  const all: KeyedLocations =
    (await engine.salvage?.(snapshot, shape)) ?? (await locationsByOrder(engine, snapshot, kind))
  for (const { from, to } of all.gaps) {
    lose({
      from: String(from),
      to: String(to),
      reason: 'nothing can be read at these locations of the table',
    })
  }
  if (all.rest !== undefined) {
    lose({ from: all.rest, reason: 'nothing can be read behind this one' })
  }
  const found: Found[] = []
  const keys = new Set<string>()
  for (const { at, key } of all.locations) {
    proceed()
    try {
      const [row] = await snapshot.read(all.rowAt(at))
      if (row === undefined) continue
      const cell = (column: string) => row[shape.columns.indexOf(column)] ?? null
      const name = String(cell(shape.key))
      keys.add(name)
      found.push({
        at,
        order: order.map((column) => (shape.columns.includes(column) ? cell(column) : at)),
        key: name,
        parent: parent === undefined || cell(parent) === null ? null : String(cell(parent)),
      })
    } catch (error) {
      if (!isDamage(error)) throw error
      if (key === null) lose({ from: String(at), to: String(at), reason: 'the row cannot be read' })
      else lose({ id: String(key), reason: 'the row cannot be read' })
    }
  }
  return { kind, losses, keys, found: arranged(found), rowAt: all.rowAt }
}

interface KeyedLocations extends TableLocations {
  /** The last row found before reading failed; absent if all were found. */
  readonly rest?: string
}

/** Positions are the values of the order's columns, as far as they can be read from row to row. */
async function locationsByOrder(
  { builder }: Engine,
  snapshot: EngineSnapshot,
  { shape, order }: RecordKind,
): Promise<KeyedLocations> {
  const [by = shape.key] = order
  const locations: RowLocation[] = []
  const rowAt = (at: WireValue): Query => {
    const { sql, parameters } = builder
      .selectFrom(shape.table)
      .select([...shape.columns])
      .where(by, '=', at)
      .compile()
    return { sql, parameters: parameters as readonly WireValue[] }
  }
  for (let limit = 500; ; ) {
    const last = locations.at(-1)
    const page = builder.selectFrom(shape.table).select([by, shape.key]).orderBy(by).limit(limit)
    const { sql, parameters } = (last === undefined ? page : page.where(by, '>', last.at)).compile()
    try {
      const rows = await snapshot.read({ sql, parameters: parameters as readonly WireValue[] })
      for (const [at = null, key = null] of rows) locations.push({ at, key })
      if (rows.length < limit) return { locations, gaps: [], rowAt }
    } catch (error) {
      if (!isDamage(error)) throw error
      if (limit === 1) return { locations, gaps: [], rowAt, rest: String(locations.at(-1)?.key ?? '') }
      limit = 1
    }
  }
}

/** In the order of the order columns, each row after its parent. */
function arranged(found: readonly Found[]): readonly Found[] {
  const sorted = found.toSorted((a, b) => compareCells(a.order, b.order))
  const keys = new Set(sorted.map(({ key }) => key))
  const below = new Map<string, Found[]>()
  const open: Found[] = []
  for (const one of sorted) {
    if (one.parent === null || one.parent === one.key || !keys.has(one.parent)) open.push(one)
    else below.set(one.parent, [...(below.get(one.parent) ?? []), one])
  }
  const placed = new Set<Found>()
  for (const one of open) {
    placed.add(one)
    open.push(...(below.get(one.key) ?? []))
  }
  // Rows on a cycle of parents have no root.
  return [...placed, ...sorted.filter((one) => !placed.has(one))]
}

function compareCells(a: readonly WireValue[], b: readonly WireValue[]): number {
  for (const [index, one] of a.entries()) {
    const other = b[index] ?? null
    if (typeof one === 'string' && typeof other === 'string') {
      const order = Buffer.compare(Buffer.from(one), Buffer.from(other))
      if (order !== 0) return order
    } else if (Number(one) !== Number(other)) return Number(one) - Number(other)
  }
  return 0
}

/**
 * The readable rows of a kind, as `readRows` returns them. A reference to a lost row is removed and
 * reported to `lost`: no store would accept it otherwise.
 */
export async function* readSalvaged(
  engine: Engine,
  snapshot: EngineSnapshot,
  kind: RecordKind,
  surveys: Surveys,
  batchRows: number,
  lost: (loss: Loss) => void,
): AsyncGenerator<readonly Row[]> {
  const known = surveys.get(kind.shape.table)
  for (const loss of known?.losses ?? []) lost(loss)
  const mend = mender(kind, surveys, lost)
  const rows = known ? rowsOf(snapshot, known, batchRows) : readRows(engine, snapshot, kind, batchRows)
  for await (const batch of rows) yield mend ? batch.map(mend) : batch
}

async function* rowsOf(
  snapshot: EngineSnapshot,
  { found, rowAt }: Survey,
  batchRows: number,
): AsyncGenerator<readonly Row[]> {
  let batch: Row[] = []
  for (const { at } of found) {
    batch.push(...(await snapshot.read(rowAt(at))))
    if (batch.length < batchRows) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** Removes references to lost rows; undefined if there can be none. */
function mender(
  { type, shape, definition }: RecordKind,
  surveys: Surveys,
  lost: (loss: Loss) => void,
): ((row: Row) => Row) | undefined {
  const [{ table }] = definition.layouts
  const references = table.columns.flatMap(({ name, nullable, references: to }) => {
    const keys = to && surveys.get(to.table)?.keys
    const index = shape.columns.indexOf(name)
    return keys && index >= 0
      ? [{ name, index, keys, isUp: to.table === table.name, isTop: nullable !== true }]
      : []
  })
  if (references.length === 0) return undefined
  const keyIndex = shape.columns.indexOf(shape.key)
  /** Rows at or below one whose parent is lost, with the row that is now at their top. */
  const tops = new Map<string, string>()
  return (row) => {
    const key = String(row[keyIndex])
    const mended = [...row]
    const take = (column: string, index: number, value: WireValue) => {
      const reason = `it refers to ${JSON.stringify(String(row[index]))}, which is lost or no longer above it; the reference was ${value === null ? 'taken off' : 'set anew'}`
      mended[index] = value
      lost({ type, table: shape.table, id: key, from: null, to: null, column, reason })
    }
    for (const { name, index, keys, isUp, isTop } of references) {
      const target = row[index] ?? null
      if (isTop || target === null) continue
      const isLost = !keys.has(String(target))
      const top = isLost ? key : tops.get(String(target))
      if (isUp && top !== undefined) tops.set(key, top)
      if (isLost) take(name, index, null)
    }
    for (const { name, index, keys, isTop } of references) {
      if (!isTop) continue
      const top = tops.get(key) ?? (keys.has(String(row[index])) ? undefined : key)
      if (top !== undefined && top !== row[index]) take(name, index, top)
    }
    return mended
  }
}

/** Adds to an error about damage which table it is in, and how to skip it. */
export async function* wholly<T>(
  { shape: { table } }: RecordKind,
  rows: AsyncGenerator<T>,
  advice: string,
): AsyncGenerator<T> {
  try {
    yield* rows
  } catch (error) {
    throw named(table, error, advice)
  }
}

/** How many rows of a kind there are. */
export async function countWholly(
  engine: Engine,
  snapshot: EngineSnapshot,
  kind: RecordKind,
  advice: string,
): Promise<number> {
  try {
    return await countRows(engine, snapshot, kind)
  } catch (error) {
    throw named(kind.shape.table, error, advice)
  }
}

function named(table: string, error: unknown, advice: string): unknown {
  if (!isDamage(error)) return error
  const message = `the table ${table} cannot be read to its end: ${error.message}. ${advice}`
  return new QueryError(message, { cause: error })
}
