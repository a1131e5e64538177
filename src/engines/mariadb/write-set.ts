// Runs a batch of writes with an outcome for each: one statement per table and kind of write,
// chains last. A write that is itself rejected fails alone: its batch is rolled back and bisected
// until the offending write is alone.

import type { NoteChanges, WriteOperation, WriteOutcome } from '../contract/engine.ts'
import { failedWrite } from '../core/refusals.ts'
import { appendAll } from './chains.ts'
import { changeRows, deleteRows, tryChange } from './changes.ts'
import type { Connection } from './connection.ts'
import { classify, isDuplicate, isRowFault } from './errors.ts'
import { commitNoted, insertNotes } from './feed/change-feed.ts'
import { insertOf, insertRows, isOneStatement } from './inserts.ts'
import { type Group, planWrites, type WritePlan } from './write-plan.ts'

/**
 * Runs a batch in a separate transaction.
 * @throws the driver's error when the batch as a whole was not stored
 */
export async function commitWriteSet(
  connection: Connection,
  operations: readonly WriteOperation[],
  note?: NoteChanges,
): Promise<readonly WriteOutcome[]> {
  const plan = planWrites(operations)
  const alone = await tryAlone(connection, plan, note)
  if (alone) return alone
  try {
    await connection.exec('START TRANSACTION')
    let outcomes: readonly WriteOutcome[]
    try {
      outcomes = await runPlan(connection, operations, plan)
    } catch (error) {
      if (!isRowFault(error)) throw error
      await connection.exec('ROLLBACK')
      await connection.exec('START TRANSACTION')
      outcomes = await runParts(connection, operations)
    }
    if (note) await insertNotes(connection, note(outcomes))
    await connection.exec('COMMIT')
    return outcomes
  } catch (error) {
    await connection.rollback()
    throw error
  }
}

/**
 * Runs a batch inside an open transaction. If it throws, nothing of the batch remains in the
 * transaction.
 */
export async function runWriteSet(
  connection: Connection,
  operations: readonly WriteOperation[],
): Promise<readonly WriteOutcome[]> {
  const plan = planWrites(operations)
  return (
    (await tryAlone(connection, plan)) ??
    inSavepoint(
      connection,
      () => runPlan(connection, operations, plan),
      () => runParts(connection, operations),
    )
  )
}

const stored: WriteOutcome = { kind: 'stored' }

/**
 * Runs a batch that is one statement without an explicit transaction: one round trip instead of
 * three.
 * @returns undefined when it is more than one statement or did not succeed; then nothing was
 * written
 */
async function tryAlone(
  connection: Connection,
  plan: WritePlan,
  note?: NoteChanges,
): Promise<readonly WriteOutcome[] | undefined> {
  const [group, ...others] = plan.groups
  if (!group || others.length > 0 || plan.appends.length > 0) return undefined
  if (group.kind === 'insert') {
    const rows = group.writes.map(({ operation }) => operation.row)
    if (!isOneStatement(rows)) return undefined
    const outcomes = rows.map(() => stored)
    const skipsChecks = group.writes[0]?.operation.skipChecks
    if (note && skipsChecks) return undefined
    try {
      const insert = insertOf(group.shape, rows, skipsChecks)
      if (note) await commitNoted(connection, insert, note(outcomes))
      else await connection.run(insert.sql, insert.parameters)
      return outcomes
    } catch (error) {
      if (isDuplicate(error) || isRowFault(error)) return undefined
      throw error
    }
  }
  if (group.kind === 'compareAndSet' && group.writes.length === 1 && !note) {
    const change = group.writes[0]?.operation
    return change && (await tryUnlessRefused(() => tryChange(connection, change)))
      ? [{ kind: 'updated' }]
      : undefined
  }
  return undefined
}

async function tryUnlessRefused(action: () => Promise<boolean>): Promise<boolean> {
  try {
    return await action()
  } catch (error) {
    if (isRowFault(error)) return false
    throw error
  }
}

async function runPlan(
  connection: Connection,
  operations: readonly WriteOperation[],
  { groups, appends }: WritePlan,
): Promise<readonly WriteOutcome[]> {
  const outcomes: (WriteOutcome | undefined)[] = operations.map(() => undefined)
  for (const group of groups) {
    const found = await runGroup(connection, group)
    for (const [position, { index }] of group.writes.entries()) outcomes[index] = found[position]
  }
  const due = appends.filter(({ index, auditEntry }) => !auditEntry || wentThrough(outcomes[index]))
  if (due.length > 0) {
    const found = await appendAll(
      connection,
      due.map(({ chain }) => chain),
    )
    for (const [position, { index, auditEntry }] of due.entries())
      if (!auditEntry) outcomes[index] = found[position]
  }
  return outcomes as readonly WriteOutcome[]
}

function runGroup(connection: Connection, group: Group): Promise<readonly WriteOutcome[]> {
  switch (group.kind) {
    case 'insert':
      return insertRows(
        connection,
        group.shape,
        group.writes.map(({ operation }) => operation.row),
        group.writes[0]?.operation.skipChecks,
      )
    case 'compareAndSet':
      return changeRows(
        connection,
        group.shape,
        group.writes.map(({ operation }) => operation),
      )
    case 'delete':
      return deleteRows(
        connection,
        group.shape,
        group.writes.map(({ operation }) => operation),
      )
    case 'execute': {
      const [{ operation }] = group.writes
      const { sql, parameters } = operation.query
      // InnoDB treats a row's reference to itself as one that prevents its deletion.
      const text = operation.selfReferring ? `SET STATEMENT foreign_key_checks = 0 FOR ${sql}` : sql
      return connection.run(text, parameters).then((count) => [{ kind: 'executed', count }])
    }
    default:
      return group satisfies never
  }
}

function wentThrough(outcome: WriteOutcome | undefined): boolean {
  if (outcome?.kind === 'deleted') return outcome.count > 0
  return outcome?.kind === 'stored' || outcome?.kind === 'updated'
}

/** Runs each half separately, and bisects a half that fails. */
async function runParts(
  connection: Connection,
  operations: readonly WriteOperation[],
): Promise<readonly WriteOutcome[]> {
  const outcomes: WriteOutcome[] = []
  const middle = operations.length >> 1
  for (const part of operations.length === 1
    ? [operations]
    : [operations.slice(0, middle), operations.slice(middle)]) {
    const [only] = part
    const found = await inSavepoint(
      connection,
      () => runPlan(connection, part, planWrites(part)),
      async (error) =>
        only && part.length === 1 ? [failedWrite(classify(error), only)] : runParts(connection, part),
    )
    outcomes.push(...found)
  }
  return outcomes
}

let savepoints = 0

/**
 * Runs `work`. If a row causes an error, its changes are rolled back and `otherwise` runs. Any
 * other error is rolled back as well, if possible.
 */
async function inSavepoint<T>(
  connection: Connection,
  work: () => Promise<T>,
  otherwise: (error: unknown) => Promise<T>,
): Promise<T> {
  savepoints += 1
  const name = `purser_set_${savepoints % 1_000_000}`
  await connection.exec(`SAVEPOINT ${name}`)
  let result: T
  try {
    result = await work()
  } catch (error) {
    await connection.exec(`ROLLBACK TO SAVEPOINT ${name}`).catch(() => undefined)
    if (!isRowFault(error)) throw error
    result = await otherwise(error)
  }
  await connection.exec(`RELEASE SAVEPOINT ${name}`)
  return result
}
