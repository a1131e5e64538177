// Runs a batch of writes with an outcome for each: one statement per table and kind, whatever the
// number of rows, in as few round trips as possible. If one row makes a statement fail, the
// statement is rolled back and its batch is bisected until that row is alone. That row fails; the
// others are stored.

import { QueryError } from '../../errors.ts'
import type {
  ChainAppend,
  ChainHead,
  NoteChanges,
  Row,
  WriteOperation,
  WriteOutcome,
} from '../contract/engine.ts'
import { failedWrite } from '../core/refusals.ts'
import type { Connection, Result } from './connection.ts'
import { classify, isFollowUp, isRowFault } from './errors.ts'
import { commitWith, noteOfOne, withNote } from './feed/change-feed.ts'
import { advisoryKey } from './lock.ts'
import { change, deletion, headOf, insertion, look, rowsInTheWay } from './set-statements.ts'
import { cellOf, type Group, groupWrites, type InsertOperation, type SetOperation } from './write-groups.ts'

/** Runs a batch in a separate transaction. @throws when none of it is stored */
export async function runWriteSet(
  connection: Connection,
  operations: readonly WriteOperation[],
  schema: string,
  note?: NoteChanges,
): Promise<readonly WriteOutcome[]> {
  try {
    const alone = note && (await tryAlone(connection, operations, note))
    if (alone) return [alone]
    return await inTransaction(connection, note, (begin) =>
      runBatched(connection, operations, schema, begin, note !== undefined),
    )
  } catch (error) {
    if (!isRowFault(error) && !(error instanceof ConflictingRowGone)) throw error
  }
  return inTransaction(connection, note, async (begin) => {
    await begin()
    return bisect(connection, operations, schema)
  })
}

/**
 * Inserts a lone row and its row of the feed with one statement, which commits by itself.
 * @returns undefined for anything else, and if the row was not inserted; then nothing is stored
 */
async function tryAlone(
  connection: Connection,
  operations: readonly WriteOperation[],
  note: NoteChanges,
): Promise<WriteOutcome | undefined> {
  const [only, ...others] = operations
  if (only?.kind !== 'insert' || only.auditEntry || others.length > 0) return undefined
  const noted = noteOfOne(note)
  if (!noted) return undefined
  const { rows } = await connection.run(withNote(insertion(only.shape, [only.row]), noted))
  return rows.length === 1 ? { kind: 'stored' } : undefined
}

/** Runs a batch inside an open transaction. */
export function runInside(
  connection: Connection,
  operations: readonly WriteOperation[],
  schema: string,
): Promise<readonly WriteOutcome[]> {
  return bisect(connection, operations, schema)
}

/**
 * A row that conflicted, or was to be read, no longer exists: a later write of the batch or another
 * transaction deleted it.
 */
class ConflictingRowGone extends Error {}

type Begin = () => Promise<unknown>

/** `work` calls `begin` itself, so that BEGIN is sent together with its first statements. */
async function inTransaction(
  connection: Connection,
  note: NoteChanges | undefined,
  work: (begin: Begin) => Promise<readonly WriteOutcome[]>,
): Promise<readonly WriteOutcome[]> {
  let begun = false
  try {
    const outcomes = await work(() => {
      begun = true
      return connection.run({ sql: 'BEGIN', parameters: [] })
    })
    if (begun) await commitWith(connection, note?.(outcomes))
    return outcomes
  } catch (error) {
    if (begun) await connection.rollback()
    throw error
  }
}

/** Bisects a batch that an offending row makes fail. Each part has a savepoint. */
async function bisect(
  connection: Connection,
  operations: readonly WriteOperation[],
  schema: string,
): Promise<readonly WriteOutcome[]> {
  const savepoint = () => connection.run({ sql: 'SAVEPOINT purser_part', parameters: [] })
  try {
    const outcomes = await runBatched(connection, operations, schema, savepoint, true)
    await connection.run({ sql: 'RELEASE purser_part', parameters: [] })
    return outcomes
  } catch (error) {
    const moved = error instanceof ConflictingRowGone
    if (!moved && !isRowFault(error)) throw error
    await connection.script('ROLLBACK TO purser_part; RELEASE purser_part')
    const [only] = operations
    if (only && operations.length === 1) {
      if (moved)
        throw new QueryError('a row that stood in the way of a write was removed meanwhile; repeat it', {
          retryable: true,
        })
      return [failedWrite(classify(error), only)]
    }
    const middle = operations.length >> 1
    return [
      ...(await bisect(connection, operations.slice(0, middle), schema)),
      ...(await bisect(connection, operations.slice(middle), schema)),
    ]
  }
}

/**
 * @param begin opens the transaction, or a savepoint
 * @param always calls `begin` even if a single statement does everything and could commit by itself
 */
async function runBatched(
  connection: Connection,
  operations: readonly WriteOperation[],
  schema: string,
  begin: Begin,
  always = false,
): Promise<readonly WriteOutcome[]> {
  const groups = groupWrites(operations)
  const chains = chainsOf(operations)
  const outcomes: WriteOutcome[] = Array(operations.length)
  const sent: Promise<unknown>[] = []
  const send = <T>(promise: Promise<T>): Promise<T> => {
    sent.push(promise)
    return promise
  }
  if (always || chains.length > 0 || groups.length > 1) send(begin())
  const lockChains = () =>
    chains.map(({ shape, head }) => {
      const lock = { sql: 'SELECT pg_advisory_xact_lock($1)', parameters: [advisoryKey(shape.table, schema)] }
      send(connection.run(lock))
      return send(connection.run(headOf(shape, head)))
    })
  const runGroups = () => groups.map((group) => send(connection.run(statementOf(group))))
  // If existing rows are changed, the chain's lock is taken first, so that its holder never waits
  // for a transaction that wants it. New rows are inserted before the lock is taken: all processes
  // share it, and it is then held for less time.
  const locksFirst = groups.some(({ kind }) => kind !== 'insert')
  const early = locksFirst ? lockChains() : []
  const results = runGroups()
  const heads = locksFirst ? early : lockChains()
  await allSent(sent)
  const looks = groups.map(async (group, index) => {
    const result = (await results[index]) as Result
    await settle(connection, group, result, outcomes)
  })
  await allSent(looks)
  for (const [index, chain] of chains.entries()) {
    const [row] = ((await heads[index]) as Result).rows
    const head = row ? { sequence: Number(row[0]), hash: String(row[1]) } : null
    await appendTo(connection, chain, head, operations, outcomes)
  }
  return outcomes
}

/** Waits for everything that was sent. Throws the original error, not one that followed from it. */
async function allSent(sent: readonly Promise<unknown>[]): Promise<void> {
  const settled = await Promise.allSettled(sent)
  const reasons = settled.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
  if (reasons.length === 0) return
  throw reasons.find((reason) => !isFollowUp(reason)) ?? reasons[0]
}

function statementOf(group: Group) {
  switch (group.kind) {
    case 'insert': {
      const [first] = group.operations as [InsertOperation]
      return insertion(
        first.shape,
        group.operations.map(({ row }) => row),
      )
    }
    case 'compareAndSet':
      return change(group.operations)
    case 'delete': {
      const [first] = group.operations
      if (!first) throw new TypeError('a group has at least one write')
      return deletion(
        first.shape,
        group.operations.map(({ key }) => key),
      )
    }
    case 'execute': {
      const [only] = group.operations
      if (!only) throw new TypeError('a group has at least one write')
      return only.query
    }
    default:
      return group satisfies never
  }
}

/** Determines the outcome of each write of a group; looks up why a write did not succeed. */
async function settle(
  connection: Connection,
  group: Group,
  result: Result,
  outcomes: WriteOutcome[],
): Promise<void> {
  const done = new Set(result.rows.map(([key]) => String(key)))
  const note = (index: number, outcome: WriteOutcome) => {
    outcomes[group.places[index] as number] = outcome
  }
  switch (group.kind) {
    case 'execute':
      note(0, { kind: 'executed', count: result.count })
      return
    case 'delete':
      group.operations.forEach(({ key }, index) => {
        note(index, { kind: 'deleted', count: done.has(String(key)) ? 1 : 0 })
      })
      return
    case 'insert': {
      const refused: number[] = []
      group.operations.forEach(({ shape, row }, index) => {
        if (done.has(String(cellOf(shape, row, shape.key)))) note(index, { kind: 'stored' })
        else refused.push(index)
      })
      const found = await findExisting(connection, group.operations, refused)
      for (const [index, existing] of found) note(index, { kind: 'duplicate', existing })
      return
    }
    case 'compareAndSet': {
      const refused: number[] = []
      group.operations.forEach(({ key }, index) => {
        if (done.has(String(key))) note(index, { kind: 'updated' })
        else refused.push(index)
      })
      const found = await findActual(connection, group.operations, refused)
      for (const [index, actual] of found) note(index, { kind: 'unmatched', actual })
      return
    }
    default:
      group satisfies never
  }
}

async function findExisting(
  connection: Connection,
  operations: readonly InsertOperation[],
  refused: readonly number[],
): Promise<readonly (readonly [number, Row])[]> {
  const inserts = refused.map((index) => [index, operations[index] as InsertOperation] as const)
  const [first] = inserts
  if (!first) return []
  const { shape } = first[1]
  const { rows } = await connection.run(
    rowsInTheWay(
      shape,
      inserts.map(([, { row }]) => row),
    ),
  )
  const by = (column: string) => new Map(rows.map((row) => [String(cellOf(shape, row, column)), row]))
  const keys = by(shape.key)
  const identities = shape.uniqueKey === undefined ? undefined : by(shape.uniqueKey)
  return inserts.map(([index, { row }]) => {
    const uniqueKey = shape.uniqueKey === undefined ? null : cellOf(shape, row, shape.uniqueKey)
    const existing =
      (uniqueKey === null ? undefined : identities?.get(String(uniqueKey))) ??
      keys.get(String(cellOf(shape, row, shape.key)))
    if (!existing) throw new ConflictingRowGone()
    return [index, existing] as const
  })
}

async function findActual(
  connection: Connection,
  operations: readonly SetOperation[],
  refused: readonly number[],
): Promise<readonly (readonly [number, Row | null])[]> {
  const [first] = operations
  if (!first || refused.length === 0) return []
  const { shape, expect, whereIn } = first
  const columns = whereIn === undefined ? [expect.column] : [expect.column, whereIn.column]
  const keys = refused.map((index) => (operations[index] as SetOperation).key)
  const { rows } = await connection.run(look(shape, columns, keys))
  const found = new Map(rows.map(([key, ...actual]) => [String(key), actual]))
  return refused.map((index) => [index, found.get(String((operations[index] as SetOperation).key)) ?? null])
}

/** Chains that the batch appends to, one per table. */
function chainsOf(operations: readonly WriteOperation[]): readonly ChainAppend[] {
  const chains = new Map<string, ChainAppend>()
  for (const operation of operations) {
    const chain = chainOf(operation)
    if (chain && !chains.has(chain.shape.table)) chains.set(chain.shape.table, chain)
  }
  return [...chains.values()]
}

function chainOf(operation: WriteOperation): ChainAppend | undefined {
  if (operation.kind === 'append') return operation.chain
  return operation.kind === 'execute' ? undefined : operation.auditEntry
}

/** Links new entries in batch order and inserts them in one statement. */
async function appendTo(
  connection: Connection,
  { shape }: ChainAppend,
  head: ChainHead | null,
  operations: readonly WriteOperation[],
  outcomes: WriteOutcome[],
): Promise<void> {
  const due = operations.flatMap((operation, place) => {
    const chain = chainOf(operation)
    if (!chain || chain.shape.table !== shape.table) return []
    return operation.kind === 'append' || wentThrough(outcomes[place]) ? [{ chain, place, operation }] : []
  })
  const known = await existingOf(
    connection,
    due.flatMap(({ chain }) => (chain.idempotent ? [chain] : [])),
    head,
  )
  let last = head
  const rows: Row[] = []
  for (const { chain, place, operation } of due) {
    const linked = chain.link(last)
    const key = String(cellOf(shape, linked.row, shape.key))
    const existing = chain.idempotent ? known.get(key) : undefined
    if (existing) {
      outcomes[place] = { kind: 'duplicate', existing }
      continue
    }
    if (chain.idempotent) known.set(key, linked.row)
    last = { sequence: linked.sequence, hash: linked.hash }
    rows.push(linked.row)
    if (operation.kind === 'append') outcomes[place] = { kind: 'stored' }
  }
  if (rows.length === 0) return
  const { rows: stored } = await connection.run(insertion(shape, rows))
  if (stored.length !== rows.length) {
    throw new QueryError(`an entry of ${shape.table} was refused, and no row is in its way`)
  }
}

function wentThrough(outcome: WriteOutcome | undefined): boolean {
  if (outcome?.kind === 'deleted') return outcome.count > 0
  return outcome?.kind === 'stored' || outcome?.kind === 'updated'
}

/** Existing rows with the key of an entry that is to be appended. */
async function existingOf(
  connection: Connection,
  chains: readonly ChainAppend[],
  head: ChainHead | null,
): Promise<Map<string, Row>> {
  const [first] = chains
  if (!first) return new Map()
  const { shape } = first
  const { rows } = await connection.run(
    rowsInTheWay(
      shape,
      chains.map((chain) => chain.link(head).row),
    ),
  )
  return new Map(rows.map((row) => [String(cellOf(shape, row, shape.key)), row]))
}
