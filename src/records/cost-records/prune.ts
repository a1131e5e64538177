// Removes old cost records and keeps their sums. The transaction that removes them adds the sums to
// roll-ups, one per hour and combination of the fields that costs are grouped or filtered by, so
// totals never change.

import { hash } from 'node:crypto'
import {
  type Row,
  unreadable,
  type ValueCodec,
  type WireValue,
  type WriteOperation,
} from '../../engines/contract/engine.ts'
import { CorruptRecordError, TransactionConflictError } from '../../errors.ts'
import { type CostRollupFields, costRollupDefinition } from '../cost-rollups/definition.ts'
import { createCodec, type RecordCodec } from '../model/record-codec.ts'
import {
  type Bound,
  type OldestPosition,
  oldestRows,
  type Pruner,
  removeRows,
  surveyRows,
  writeAlong,
  writeInSets,
} from '../repository/pruning.ts'
import type { RecordSession, Runner } from '../repository/session.ts'
import { padded } from '../repository/statements.ts'
import { type CostRecordFields, costRecordDefinition } from './definition.ts'
import { wholeHour } from './start-of-hour.ts'

/** What the records of one roll-up have in common, besides the hour. */
const shared = [
  'agentId',
  'taskId',
  'planId',
  'project',
  'provider',
  'model',
  'callCategory',
  'currency',
  'sessionId',
  'biller',
  'source',
  'costStatus',
] as const
/** Fields that only later versions know; the values that their absence means. */
const laterDefaults: readonly WireValue[] = [null, null, null, 'reported']
const tokenFields = ['inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens'] as const
const readFields = ['timestamp', 'id', ...shared, 'cost', ...tokenFields] as const

/** The most that one row can hold exactly, on every engine. */
const MOST_MONEY = 2n ** 63n - 1n

interface Sums {
  readonly cost: bigint
  readonly tokens: readonly number[]
  readonly unpriced: number
  readonly records: number
}

const none: Sums = { cost: 0n, tokens: tokenFields.map(() => 0), unpriced: 0, records: 0 }

/** Sums of one combination in one hour. */
interface Group {
  /** Identifies the combination, as text. */
  readonly key: string
  readonly hour: Date
  readonly cells: readonly WireValue[]
  sums: Sums
}

interface Codecs {
  readonly engine: ValueCodec
  readonly records: RecordCodec<CostRecordFields>
  readonly rollups: RecordCodec<CostRollupFields>
}

/** Removes cost records of a period, and keeps their totals as rollups. */
export function createCostPruner(session: RecordSession): Pruner {
  const { codec } = session.engine
  const codecs: Codecs = {
    engine: codec,
    records: createCodec(costRecordDefinition, codec, () => undefined),
    rollups: createCodec(costRollupDefinition, codec, () => undefined),
  }
  const columns = readFields.map((field) => costRecordDefinition.columnOf(field).name)
  const boundOf = (before: Date): Bound => ({
    column: 'timestamp',
    below: codec.encode.instant(wholeHour(before)),
  })
  return {
    cutoff: wholeHour,
    survey: (before) => surveyRows(session, costRecordDefinition, boundOf(before)),
    begin: async (before, limit) => {
      const { rows } = await surveyRows(session, costRecordDefinition, boundOf(before))
      let position: OldestPosition | undefined
      return {
        planned: Math.min(rows, limit),
        remove: async (size, along) => {
          const done = await session.inTransaction(async (runner) => {
            const definition = costRecordDefinition
            const found = await oldestRows(
              session,
              runner,
              definition,
              columns,
              boundOf(before),
              position,
              size,
            )
            const readable = found.filter((row) => isReadable(codecs, row))
            // Delete first: a second pruning process fails here, before any sums change.
            await removeRows(
              session,
              runner,
              definition,
              readable.map((row) => row[1] ?? null),
            )
            await rollUp(session, runner, codecs, groupsOf(codecs, readable))
            if (readable.length > 0) await writeAlong(runner, along)
            return { found, removed: readable.length }
          })
          const last = done.found.at(-1)
          if (last) position = [last[0] ?? null, last[1] ?? null]
          const skipped = done.found.length - done.removed
          const auditWritten = done.removed > 0
          return { removed: done.removed, skipped, auditWritten, ended: done.found.length < size }
        },
      }
    },
  }
}

function isReadable({ records }: Codecs, row: Row): boolean {
  return readFields.every((field, index) => records.decodeField(field, row[index] ?? null) !== unreadable)
}

/**
 * Groups whose sums each fit into one row; a combination is split into several if they would not.
 */
function groupsOf({ records, engine }: Codecs, rows: readonly Row[]): readonly Group[] {
  const groups: Group[] = []
  const open = new Map<string, Group>()
  for (const row of rows) {
    const [timestamp, , ...rest] = row
    const cells = rest.slice(0, shared.length)
    const hour = wholeHour(records.decodeField('timestamp', timestamp ?? null) as Date)
    const key = JSON.stringify([hour.toISOString(), ...identifying(cells)])
    const [cost, ...tokens] = rest.slice(shared.length)
    // All of it was checked to be readable before.
    const sums: Sums = {
      cost: cost === null || cost === undefined ? 0n : (engine.decode.money(cost) as bigint),
      tokens: tokens.map((count) => engine.decode.integer(count ?? 0) as number),
      unpriced: cost === null ? 1 : 0,
      records: 1,
    }
    const group = open.get(key)
    const together = group && added(group.sums, sums)
    if (group && together) group.sums = together
    else {
      const fresh = { key, hour, cells, sums }
      groups.push(fresh)
      open.set(key, fresh)
    }
  }
  return groups
}

/**
 * The cells of a combination that its roll-up's id comes from. Fields that all records of earlier
 * versions lack are left out where they say nothing, so that such records have one roll-up.
 */
function identifying(cells: readonly WireValue[]): readonly WireValue[] {
  const first = cells.length - laterDefaults.length
  const saysNothing = laterDefaults.every((value, index) => cells[first + index] === value)
  return saysNothing ? cells.slice(0, first) : cells
}

/** Undefined if one row could not hold the sum. */
function added(a: Sums, b: Sums): Sums | undefined {
  const cost = a.cost + b.cost
  const tokens = a.tokens.map((count, index) => count + (b.tokens[index] ?? 0))
  const fits = cost <= MOST_MONEY && tokens.every(Number.isSafeInteger)
  return fits
    ? { cost, tokens, unpriced: a.unpriced + b.unpriced, records: a.records + b.records }
    : undefined
}

/** Adds groups to existing roll-ups and creates the missing ones. */
async function rollUp(
  session: RecordSession,
  runner: Runner,
  codecs: Codecs,
  groups: readonly Group[],
): Promise<void> {
  const { shape } = costRollupDefinition
  let waiting = groups
  // A combination whose sums do not fit into one row continues in a second one, and so on.
  for (let part = 0; waiting.length > 0; part += 1) {
    const byId = new Map(waiting.map((group) => [idOf(group, part), group]))
    const ids = [...byId.keys()]
    const there = await readSums(session, runner, codecs, ids)
    const sums = new Map<string, Sums>()
    const left: Group[] = []
    for (const group of waiting) {
      const id = idOf(group, part)
      const together = added(sums.get(id) ?? there.get(id) ?? none, group.sums)
      if (together) sums.set(id, together)
      else left.push(group)
    }
    const fresh: WriteOperation[] = []
    const changes: WriteOperation[] = []
    for (const [id, total] of sums) {
      const before = there.get(id)
      const group = byId.get(id) as Group
      // A new row is inserted with zero sums and gets its sums by an update: the running totals
      // already include the records.
      if (!before) fresh.push({ kind: 'insert', shape, row: emptyRow(codecs, id, group) })
      changes.push(changeOf(codecs, id, before?.records ?? 0, total))
    }
    const outcomes = await writeInSets(session, runner, [...fresh, ...changes])
    if (outcomes.some(({ kind }) => kind !== 'stored' && kind !== 'updated')) {
      throw new TransactionConflictError('another process rolls up the same costs; nothing was stored')
    }
    waiting = left
  }
}

function idOf({ key }: Group, part: number): string {
  return hash('sha256', part === 0 ? key : `${key} ${part}`, 'hex')
}

function emptyRow({ rollups }: Codecs, id: string, { hour, cells }: Group): Row {
  const record: Record<string, unknown> = { id, timestamp: hour, cost: '0', unpriced: 0, records: 0 }
  for (const field of tokenFields) record[field] = 0
  const row = rollups.encode(record)
  for (const [index, field] of shared.entries()) {
    row[costRollupDefinition.columns.findIndex((column) => column.field === field)] = cells[index] ?? null
  }
  return row
}

function changeOf(
  { rollups, engine }: Codecs,
  id: string,
  before: number,
  { cost, tokens, unpriced, records }: Sums,
): WriteOperation {
  const counts = Object.fromEntries(tokenFields.map((field, index) => [field, tokens[index]]))
  const { columns, values } = rollups.encodeChanges({ ...counts, unpriced, records })
  return {
    kind: 'compareAndSet',
    shape: costRollupDefinition.shape,
    key: id,
    columns: ['cost', ...columns],
    values: [engine.encode.money(cost), ...values],
    expect: { column: 'records', value: rollups.encodeField('records', before) },
  }
}

async function readSums(
  session: RecordSession,
  runner: Runner,
  codecs: Codecs,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Sums>> {
  const sums = new Map<string, Sums>()
  const cell = (row: Row, field: string) =>
    row[costRollupDefinition.columns.findIndex((column) => column.field === field)] ?? null
  const { maxSetSize } = session.engine.capabilities
  for (let start = 0; start < ids.length; start += maxSetSize) {
    const wanted = padded(ids.slice(start, start + maxSetSize))
    const query = session.statements.rowsByKey(costRollupDefinition.shape, wanted)
    for (const row of await runner.read(query)) {
      // A row that cannot be read here must not be overwritten.
      const record = codecs.rollups.decode(row)
      const cost = codecs.engine.decode.money(cell(row, 'cost') ?? '')
      if (cost === unreadable)
        throw new CorruptRecordError(costRollupDefinition.shape.table, record.id, 'cost')
      sums.set(record.id, {
        cost,
        tokens: tokenFields.map((field) => record[field]),
        unpriced: record.unpriced,
        records: record.records,
      })
    }
  }
  return sums
}
