// Takes back tasks whose lease has expired, and notices delays that have ended. Every claim does
// some of it, so no daemon is needed.

import type { WriteOperation } from '../../../engines/contract/engine.ts'
import { type RecordSession, type Runner, writeAll } from '../../repository/session.ts'
import { padded } from '../../repository/statements.ts'
import { onceNow, taskColumns, taskRow } from './candidates.ts'
import { afterFailure, type ClaimContext, type ClaimMove, moveOf, readTask } from './moves.ts'
import { QUEUE } from './work-queue.ts'

/** How many expired leases a claim takes back. */
export const EXPIRED_PER_CLAIM = 100

/** How many ended delays are noticed at once. */
const WOKEN_AT_ONCE = 1000
const CHUNK = 256

/** @param limit the most tasks that are taken back; those of the oldest leases first */
export async function recoverExpired(
  context: ClaimContext,
  runner: Runner,
  limit: number,
): Promise<readonly ClaimMove[]> {
  const { session, codec } = context
  const { now, freeRows } = session.engine.locking
  const sql = `select ${now}, ${taskColumns} from tasks task where task.lease_expires_at <= ${onceNow(session)} order by task.lease_expires_at, task.id limit ? ${freeRows}`
  const rows = await runner.read(session.statements.raw(sql, sql, [limit]))
  const left: string[] = []
  const moves = rows.flatMap((row): readonly ClaimMove[] => {
    const task = readTask(codec, taskRow(row))
    if (task instanceof Error) return []
    if (task.status !== 'in_progress' || task.leaseExpiresAt === null) {
      left.push(task.id)
      return []
    }
    // The clock of the row may be a little earlier than that of the condition.
    const ended = task.leaseExpiresAt.toISOString()
    const error = `the lease of ${task.assignedTo ?? 'nobody'} ended at ${ended} without a heartbeat (attempt ${task.attempt})`
    return [moveOf(context, 'expire', task, afterFailure(task, error, null))]
  })
  const wake = await wakeDelayed(session, runner)
  const operations = [
    ...moves.map(({ operation }) => operation),
    ...left.map((id) => endLease(session, id)),
    ...wake,
  ]
  if (operations.length === 0) return []
  const outcomes = await writeAll(runner, operations)
  return moves.filter((_, index) => outcomes[index]?.kind === 'updated')
}

/** A lease that another program left behind when it moved the task: it would be found for ever. */
function endLease({ statements }: RecordSession, id: string): WriteOperation {
  const sql = 'update tasks set claim_id = null, lease_expires_at = null where id = ?'
  return { kind: 'execute', query: statements.raw(sql, sql, [id]) }
}

async function wakeDelayed(session: RecordSession, runner: Runner): Promise<readonly WriteOperation[]> {
  const { engine, statements } = session
  const { freeRows } = engine.locking
  const sql = `select task from ${QUEUE} where wake_at <= ${onceNow(session)} order by wake_at, task limit ${WOKEN_AT_ONCE} ${freeRows}`
  const rows = await runner.read(statements.raw(sql, sql, []))
  const operations: WriteOperation[] = []
  for (let start = 0; start < rows.length; start += CHUNK) {
    const ids = padded(rows.slice(start, start + CHUNK).map(([id]) => String(id)))
    const update = `update ${QUEUE} set postponed = 0, wake_at = null where task in (${ids.map(() => '?').join(', ')})`
    operations.push({ kind: 'execute', query: statements.raw(update, update, ids) })
  }
  return operations
}
