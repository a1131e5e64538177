// Words outside their enumeration: found by reading every row, and replaced one row at a time. The
// original is kept as a finding, in the transaction that replaces it.

import type { Engine, Row, WireValue, WriteOperation } from '../engines/contract/engine.ts'
import { QueryError } from '../errors.ts'
import { FINDINGS } from '../migrations/preserved-tables.ts'
import { AuditTrail } from '../records/audit-entries/trail.ts'
import { definitions } from '../records/definitions.ts'
import type { Column, Fields, RecordDefinition } from '../records/model/define-record.ts'
import { createCodec, type RecordCodec } from '../records/model/record-codec.ts'
import type { RecordSession, Runner } from '../records/repository/session.ts'
import { linkedWrite, writePending } from '../records/repository/task-links.ts'
import { pagesOf } from '../records/row-pages.ts'
import {
  FIX_ACTION,
  MAX_LISTED,
  type Repair,
  type RepairPlan,
  shownWord,
  type Unrepaired,
} from './repair-plan.ts'
import { safeWords } from './safe-values.ts'

/** The problem name in findings of repairs. */
const PROBLEM = 'word-unknown'

/** The changes of one row, by column. */
type RowRepair = Pick<RepairPlan, 'repairs' | 'left'>

/** At most `MAX_LISTED` of each; the others are counted. */
export async function findValueRepairs(session: Pick<RecordSession, 'engine' | 'read'>): Promise<RepairPlan> {
  const repairs: Repair[] = []
  const left: Unrepaired[] = []
  const more = { repairs: 0, left: 0 }
  for (const definition of definitions) {
    const codec = createCodec(definition, session.engine.codec, () => undefined)
    try {
      for await (const rows of pagesOf(session, definition)) {
        for (const row of rows) {
          const found = repairsOf(definition, codec, row)
          more.repairs += pushListed(repairs, found.repairs)
          more.left += pushListed(left, found.left)
        }
      }
    } catch (error) {
      if (!(error instanceof QueryError)) throw error
      left.push({
        table: definition.shape.table,
        id: null,
        column: null,
        reason: `the table cannot be read to its end: ${error.message}`,
        next: 'purser doctor says which pages are damaged; run purser doctor --fix again once its indexes are made anew, or purser export --salvage',
      })
    }
  }
  return { repairs, left, more }
}

/** Adds what the list has space for. @returns how many of `found` it has none for */
function pushListed<T>(list: T[], found: readonly T[]): number {
  const space = Math.max(0, MAX_LISTED - list.length)
  list.push(...found.slice(0, space))
  return Math.max(0, found.length - space)
}

function repairsOf(definition: RecordDefinition, codec: RecordCodec<Fields>, row: Row): RowRepair {
  const { table, columns, key } = definition.shape
  const id = String(row[columns.indexOf(key)])
  const unreadable = codec.unreadableIn(row)
  if (unreadable.length === 0) return { repairs: [], left: [] }
  const leave = (column: Column, reason: string, next: string): Unrepaired => ({
    table,
    id,
    column: column.name,
    reason,
    next,
  })
  const left: Unrepaired[] = []
  const bad: Column[] = []
  for (const column of unreadable) {
    if (isFrozen(definition, column.name))
      left.push(
        leave(column, 'it must never change', 'keep a copy as evidence, and compare it with a backup'),
      )
    else if (column.spec.values === undefined || !isText(row[columns.indexOf(column.name)]))
      left.push(
        leave(column, 'it cannot be read', 'look at the row; an update that names the field writes it anew'),
      )
    else bad.push(column)
  }
  const repairs: Repair[] = []
  for (const [name, after] of bad.length > 0 ? safeWords(definition, bad, row) : []) {
    const cell = row[columns.indexOf(name)] ?? null
    const column = definition.columns.find((one) => one.name === name)
    if (after === undefined && column)
      left.push(
        leave(column, 'it is no word of its list, and no word is safe', 'set it with a database tool'),
      )
    else if (after !== undefined)
      repairs.push({
        kind: 'value',
        table,
        id,
        column: name,
        before: shownWord(cell),
        after,
        detail: bad.some((one) => one.name === name)
          ? 'is no word of its list'
          : 'does not go with what takes the place of another',
      })
  }
  return { repairs, left }
}

function isText(cell: WireValue | undefined): boolean {
  return typeof cell === 'string' || cell instanceof Uint8Array
}

/**
 * The database refuses every change of some columns; sums of pruned records can no longer be
 * separated.
 */
function isFrozen({ layouts, shape }: RecordDefinition, column: string): boolean {
  const [{ guards }] = layouts
  if (shape.table === 'cost_rollups') return true
  return guards.some(
    (guard) => guard.refuses === 'update' || (guard.refuses === 'change' && guard.columns.includes(column)),
  )
}

/**
 * Repairs one row, as planned: all of it, with its finding and its audit entry, or nothing.
 * @throws QueryError if the row is no longer as the plan saw it
 */
export async function repairRow(session: RecordSession, planned: readonly Repair[]): Promise<void> {
  const [first] = planned
  const definition = definitions.find(({ shape }) => shape.table === first?.table)
  if (!first || !definition) throw new QueryError('there is no such table of records')
  const { shape } = definition
  const codec = createCodec(definition, session.engine.codec, () => undefined)
  await session.inTransaction(async (runner) => {
    const [row] = await runner.read(session.statements.rowsByKey(shape, [first.id]))
    const now = row ? repairsOf(definition, codec, row).repairs : []
    const isSame = (one: Repair) =>
      now.some(({ column, after }) => column === one.column && after === one.after)
    if (!row || !planned.every(isSame)) throw new QueryError('the record has changed since the plan was made')
    await writeRow(session, runner, definition, codec, row, planned)
  })
}

async function writeRow(
  session: RecordSession,
  runner: Runner,
  definition: RecordDefinition,
  codec: RecordCodec<Fields>,
  row: Row,
  planned: readonly Repair[],
): Promise<void> {
  const { shape } = definition
  const cell = (column: string) => row[shape.columns.indexOf(column)] ?? null
  const values = new Map<string, WireValue>()
  for (const { column, after } of planned)
    if (column !== null) values.set(column, after === null ? null : session.engine.codec.encode.text(after))
  const [first] = planned
  let expect = { column: first?.column ?? shape.key, value: cell(first?.column ?? shape.key) }
  if ('version' in definition.fields) {
    const version = codec.decodeField('version', cell('version'))
    if (typeof version !== 'number') throw new QueryError('the version of the record cannot be read')
    expect = { column: 'version', value: cell('version') }
    values.set('version', codec.encodeField('version', version + 1))
  }
  const stamp = definition.columns.find(({ field }) => field === 'updatedAt')
  if (stamp) values.set(stamp.name, codec.encodeField('updatedAt', session.now()))
  const id = String(cell(shape.key))
  const entryOf = entryOfRow(session, definition, id, planned)
  const change = (planId: string | null): WriteOperation => ({
    kind: 'compareAndSet',
    shape,
    key: cell(shape.key),
    columns: [...values.keys()],
    values: [...values.values()],
    expect,
    auditEntry: entryOf(planId),
  })
  const write =
    definition.name === 'task'
      ? linkedWrite(session, id, ({ planId }) => change(planId), true)
      : change(definition.name === 'plan' ? id : null)
  const findings = planned.map(({ column }) => ({
    write: finding(session.engine, session.now(), shape.table, id, column ?? '', cell(column ?? '')),
  }))
  const [outcome] = await writePending(session, runner, [{ write }, ...findings])
  if (outcome?.kind !== 'updated') throw new QueryError('the record has changed since the plan was made')
}

function finding(
  { builder, codec }: Engine,
  now: Date,
  table: string,
  id: string,
  column: string,
  cell: WireValue,
): WriteOperation {
  const text = cell instanceof Uint8Array ? `x'${Buffer.from(cell).toString('hex')}'` : String(cell)
  const { sql, parameters } = builder
    .insertInto(FINDINGS)
    .values({
      migration: codec.encode.integer(0),
      table_name: codec.encode.text(table),
      row_id: codec.encode.text(id),
      column_name: codec.encode.text(column),
      problem: codec.encode.text(PROBLEM),
      original_value: codec.encode.text(text),
      created_at: codec.encode.instant(now),
    })
    .compile()
  return { kind: 'execute', query: { sql, parameters: parameters as readonly WireValue[] } }
}

/** The audit entry about a row. @returns it, given the plan that the record is or belongs to */
function entryOfRow(
  session: RecordSession,
  definition: RecordDefinition,
  id: string,
  planned: readonly Repair[],
): ReturnType<AuditTrail['entryOfTask']> {
  const columns = planned.map(({ column }) => column).join(', ')
  return new AuditTrail(session).entryOfTask({
    action: FIX_ACTION,
    subjectType: definition.name,
    subjectId: id,
    ...(definition.name === 'task' && { taskId: id }),
    reason: `${columns}: no word of its list; what stood there is kept as a finding`,
    details: {
      changes: planned.map(({ column, before, after }) => ({ column, before, after })),
    },
  })
}
