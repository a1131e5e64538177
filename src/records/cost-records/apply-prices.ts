// Prices the records that wait for a price, in batches: each is one transaction, which changes
// records, adds what they cost to the running totals, and appends an audit entry. What was priced
// no longer waits, so a run that was stopped continues with the next.

import type { Row, WireValue, WriteOperation } from '../../engines/contract/engine.ts'
import { CorruptRecordError } from '../../errors.ts'
import { type Priced, priceCall } from '../../prices/price-call.ts'
import { formatMoney, parseMoney } from '../../values/money.ts'
import { AuditTrail } from '../audit-entries/trail.ts'
import { addToPeriods, holdPeriods, type PricedLater } from '../budgets/priced-later.ts'
import type { RecordCodec } from '../model/record-codec.ts'
import type { CursorPosition } from '../repository/page.ts'
import { type RecordSession, type Runner, writeAll } from '../repository/session.ts'
import { padded } from '../repository/statements.ts'
import { type CostRecord, type CostRecordFields, costRecordDefinition } from './definition.ts'

/** The action of the audit entries. */
const APPLY_ACTION = 'prices:apply'

/** What was done, or with `dryRun` what would be. */
export interface PricesApplied {
  /** Records that have a price now. */
  readonly priced: number
  /** Records that still have none, because no table knows one. */
  readonly left: number
  /** What the priced ones cost, exactly, by currency. */
  readonly costs: Readonly<Record<string, string>>
}

/** A record with its price. */
interface PricedRecord extends Priced {
  readonly record: CostRecord
}

export interface ApplyOptions {
  readonly dryRun?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: { readonly seen: number; readonly priced: number }) => void) | undefined
}

/** The most records of one transaction. */
export const BATCH_SIZE = 500

/** Rows that wait, oldest first, after a position; without a position they were the last. */
type NextRows = (
  position: CursorPosition | undefined,
) => Promise<{ readonly rows: readonly Row[]; readonly position: CursorPosition | undefined }>

/** Prices the records that were unpriced, a page at a time, each page in one transaction. */
export async function applyPrices(
  session: RecordSession,
  codec: RecordCodec<CostRecordFields>,
  { dryRun = false, signal, onProgress }: ApplyOptions,
  next: NextRows,
): Promise<PricesApplied> {
  const costs = new Map<string, bigint>()
  let [seen, priced] = [0, 0]
  let position: CursorPosition | undefined
  do {
    signal?.throwIfAborted()
    const found = await next(position)
    const batch = pricedAmong(session, codec, found.rows)
    const done = dryRun || batch.length === 0 ? batch : await applyBatch(session, codec, batch)
    for (const { record, cost } of done)
      costs.set(record.currency, (costs.get(record.currency) ?? 0n) + BigInt(parseMoney(cost)))
    // Another process priced the others.
    seen += found.rows.length - (batch.length - done.length)
    priced += done.length
    onProgress?.({ seen, priced })
    position = found.position
  } while (position !== undefined)
  return {
    priced,
    left: seen - priced,
    costs: Object.fromEntries([...costs].map(([currency, cost]) => [currency, formatMoney(cost)])),
  }
}

function pricedAmong(
  session: RecordSession,
  codec: RecordCodec<CostRecordFields>,
  rows: readonly Row[],
): readonly PricedRecord[] {
  return rows.flatMap((row) => {
    const record = readable(codec, row)
    const priced = record && priceCall(record, session.prices)
    return priced ? [{ record, ...priced }] : []
  })
}

/** Undefined for a row that cannot be read: it waits on. */
function readable(codec: RecordCodec<CostRecordFields>, row: Row): CostRecord | undefined {
  try {
    const record = codec.decode(row)
    return record.unreadable.length === 0 ? record : undefined
  } catch (error) {
    if (error instanceof CorruptRecordError) return undefined
    throw error
  }
}

/** @returns those that were still waiting */
async function applyBatch(
  session: RecordSession,
  codec: RecordCodec<CostRecordFields>,
  batch: readonly PricedRecord[],
): Promise<readonly PricedRecord[]> {
  return session.inTransaction(async (runner) => {
    await holdPeriods(session, runner)
    const outcomes = await writeAll(
      runner,
      batch.map((priced) => pricing(codec, priced)),
    )
    const done = batch.filter((_, index) => outcomes[index]?.kind === 'updated')
    if (done.length === 0) return done
    await addToTotals(session, runner, done)
    await addToPeriods(session, runner, done.map(pricedLater))
    const chain = new AuditTrail(session).entry({
      action: APPLY_ACTION,
      subjectType: 'cost record',
      details: {
        records: done.length,
        priceSources: [...new Set(done.map(({ priceSource }) => priceSource))],
        first: done[0]?.record.id ?? null,
        last: done.at(-1)?.record.id ?? null,
      },
    })
    await writeAll(runner, [{ kind: 'append', chain }])
    return done
  })
}

function pricing(
  codec: RecordCodec<CostRecordFields>,
  { record, cost, priceSource }: PricedRecord,
): WriteOperation {
  const { columns, values } = codec.encodeChanges({ cost, costStatus: 'computed', priceSource })
  return {
    kind: 'compareAndSet',
    shape: costRecordDefinition.shape,
    key: record.id,
    columns,
    values,
    expect: { column: 'cost_status', value: codec.encodeField('costStatus', 'unpriced') },
  }
}

/** By the names of the scopes of budgets. */
function pricedLater({ record, cost }: PricedRecord): PricedLater {
  const { project, agentId, model, planId, taskId, timestamp, currency } = record
  return {
    members: { everything: '', project, agent: agentId, model, plan: planId, task: taskId },
    timestamp,
    currency,
    cost: BigInt(parseMoney(cost)),
  }
}

interface Change {
  readonly dimension: string
  readonly member: string
  readonly currency: string
  cost: bigint
  records: number
}

/**
 * Adds to one row of each total; the order of rows is that of the trigger, so that none deadlock.
 */
async function addToTotals(
  session: RecordSession,
  runner: Runner,
  done: readonly PricedRecord[],
): Promise<void> {
  const changes = changesOf(done)
  const slots = await slotsOf(session, runner, changes)
  const { encode } = session.engine.codec
  const operations = changes.map((change): WriteOperation => {
    const { dimension, member, currency, cost, records } = change
    const slot = slots.get(JSON.stringify([dimension, member, currency])) ?? 0
    const values = [encode.money(cost), records, dimension, member, currency, slot]
    const sql =
      'update cost_totals set cost = cost + ?, unpriced = unpriced - ? where dimension = ? and member = ? and currency = ? and slot = ?'
    return { kind: 'execute', query: session.statements.raw('cost_totals apply', sql, values) }
  })
  const { maxSetSize } = session.engine.capabilities
  for (let start = 0; start < operations.length; start += maxSetSize)
    await writeAll(runner, operations.slice(start, start + maxSetSize))
}

function changesOf(done: readonly PricedRecord[]): readonly Change[] {
  const changes = new Map<string, Change>()
  for (const { record, cost } of done) {
    const amount = BigInt(parseMoney(cost))
    for (const { name, column, by } of costRecordDefinition.layouts[0].totals?.dimensions ?? []) {
      const field = costRecordDefinition.columns.find((candidate) => candidate.name === column)?.field
      const value = record[field as keyof CostRecord] as string | Date | null
      const member =
        by === 'hour' ? (value as Date).toISOString().slice(0, 13) : ((value as string | null) ?? '')
      const key = JSON.stringify([name, member, record.currency])
      const change = changes.get(key) ?? {
        ...{ dimension: name, member, currency: record.currency },
        ...{ cost: 0n, records: 0 },
      }
      change.cost += amount
      change.records += 1
      changes.set(key, change)
    }
  }
  return [...changes.values()].sort(
    (a, b) =>
      compare(a.dimension, b.dimension) || compare(a.member, b.member) || compare(a.currency, b.currency),
  )
}

function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** A slot in which each total has a row. */
async function slotsOf(
  session: RecordSession,
  runner: Runner,
  changes: readonly Change[],
): Promise<ReadonlyMap<string, WireValue>> {
  const slots = new Map<string, WireValue>()
  for (const dimension of new Set(changes.map((change) => change.dimension))) {
    const members = changes.filter((change) => change.dimension === dimension).map(({ member }) => member)
    const wanted = padded([...new Set(members)])
    const query = session.statements.raw(
      `cost_totals slots ${wanted.length}`,
      `select member, currency, min(slot) from cost_totals where dimension = ? and member in (${wanted.map(() => '?').join(', ')}) group by member, currency`,
      [dimension, ...wanted],
    )
    for (const [member, currency, slot = null] of await runner.read(query))
      slots.set(JSON.stringify([dimension, String(member), String(currency)]), slot)
  }
  return slots
}
