// Findings: the values that a migration could not carry over unchanged. They are kept with their
// originals, counted by the doctor, and listed in the order in which they were recorded.

import type { Engine, Query, Row, WireValue } from '../engines/contract/engine.ts'
import { unreadable } from '../engines/contract/engine.ts'
import { FINDINGS } from '../migrations/preserved-tables.ts'
import {
  checkLimit,
  checkOrder,
  decodeCursor,
  encodeCursor,
  type Page,
  type PageRequest,
} from '../records/repository/page.ts'
import { type Check, counted, passing } from './check.ts'

/** A replaced value, and its location. */
export interface Finding {
  readonly table: string
  readonly rowId: string
  readonly column: string
  /** What was wrong with it: `json-unreadable`, `plan-orphan`, … */
  readonly problem: string
  /** The original value; bytes that are not text are shown as `x'…'`. Null if the row had none. */
  readonly original: string | null
  /** The version of the migration that replaced it; 0 for a repair. */
  readonly migration: number
  readonly time: Date
}

type Source = { readonly engine: Engine; read(query: Query): Promise<readonly Row[]> }

/** Counts by problem, the largest first. */
export async function countFindings({ engine, read }: Source): Promise<ReadonlyMap<string, number>> {
  const { sql } = engine.builder
    .selectFrom(FINDINGS)
    .select((eb) => ['problem', eb.fn.countAll().as('count')])
    .groupBy('problem')
    .orderBy('count', 'desc')
    .orderBy('problem')
    .compile()
  const rows = await read({ sql, parameters: [] })
  return new Map(rows.map(([problem, count]) => [String(problem), Number(count)]))
}

const columns = [
  'id',
  'table_name',
  'row_id',
  'column_name',
  'problem',
  'original_value',
  'migration',
  'created_at',
] as const

/** @throws InvalidRecordError for an invalid limit, order or cursor */
export async function listFindings({ engine, read }: Source, page: PageRequest): Promise<Page<Finding>> {
  const limit = checkLimit(page.limit)
  const order = checkOrder(page.order) ?? 'asc'
  const list = `${FINDINGS} ${order}`
  const [position] = page.cursor === undefined ? [] : decodeCursor(list, page.cursor, 1)
  const query = engine.builder
    .selectFrom(FINDINGS)
    .select(columns)
    .orderBy('id', order)
    .limit(limit + 1)
  const beyond = order === 'asc' ? '>' : '<'
  const { sql, parameters } = (position === undefined ? query : query.where('id', beyond, position)).compile()
  const rows = await read({ sql, parameters: parameters as readonly WireValue[] })
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)?.[0] ?? null
  const found = shown.map((row) => ({ id: String(row[0]), finding: toFinding(engine, row) }))
  return {
    items: found.flatMap(({ finding }) => finding ?? []),
    nextCursor: rows.length > limit && last !== null ? encodeCursor(list, [last]) : null,
    corrupt: found
      .filter(({ finding }) => finding === undefined)
      .map(({ id }) => ({ table: FINDINGS, id, column: 'created_at' })),
  }
}

/** Undefined if the time cannot be read. */
function toFinding({ codec }: Engine, row: Row): Finding | undefined {
  const [, table, rowId, column, problem, original, migration, createdAt] = row
  const time = createdAt === null || createdAt === undefined ? unreadable : codec.decode.instant(createdAt)
  if (time === unreadable) return undefined
  return {
    table: String(table),
    rowId: String(rowId),
    column: String(column),
    problem: String(problem),
    original: textOf(original ?? null),
    migration: Number(migration),
    time,
  }
}

function textOf(value: WireValue): string | null {
  if (value === null) return null
  return value instanceof Uint8Array ? `x'${Buffer.from(value).toString('hex')}'` : String(value)
}

export const findingsCheck: Check = {
  name: 'findings',
  needsCurrentSchema: true,
  run: async (patient) => {
    const counts = await countFindings(patient)
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
    if (total === 0) return passing('no migration had to replace a value')
    const byProblem = [...counts].map(([problem, count]) => `${count} ${problem}`).join(', ')
    return {
      status: 'warn',
      detail: `${counted(total, 'value')} could not be carried over: ${byProblem}`,
      count: total,
      next: 'run purser doctor --findings to see the originals',
    }
  },
}
