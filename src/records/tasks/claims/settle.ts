// The end of claims: completed, failed, or released. Those of one tick are decided in one
// transaction, which locks the tasks, so that none can be claimed or taken back meanwhile.

import { LeaseLostError, PersistenceError } from '../../../errors.ts'
import type { Runner } from '../../repository/session.ts'
import { padded } from '../../repository/statements.ts'
import { type Task, taskDefinition } from '../definition.ts'
import { taskColumns, taskRow } from './candidates.ts'
import { type ClaimContext, type ClaimMove, type ClaimVerb, moveOf, readTask, timeIn } from './moves.ts'

/** What a worker says about a task that it has claimed. */
export interface Settlement {
  readonly id: string
  readonly claimId: string
  readonly verb: Extract<ClaimVerb, 'complete' | 'fail' | 'release'>
  /** @param now by the database's clock */
  readonly changesOf: (task: Task, now: Date) => Partial<Task>
}

export type Settled = ClaimMove | PersistenceError

const keyIndex = taskDefinition.shape.columns.indexOf(taskDefinition.shape.key)

/** Decides settlements in their order; each has its own error. */
export async function settleTogether(
  context: ClaimContext,
  runner: Runner,
  settlements: readonly Settlement[],
): Promise<readonly Settled[]> {
  const { session, codec } = context
  const ids = padded([...new Set(settlements.map(({ id }) => id))].sort())
  const slots = ids.map(() => '?').join(', ')
  const { now, rows } = session.engine.locking
  const sql = `select ${now}, ${taskColumns} from tasks task where task.id in (${slots}) order by task.id ${rows}`
  const found = await runner.read(session.statements.raw(sql, sql, ids))
  const byId = new Map(found.map((row) => [String(taskRow(row)[keyIndex]), row]))
  const settled = settlements.map((settlement): Settled => {
    const { id, claimId, verb, changesOf } = settlement
    const row = byId.get(id)
    if (row === undefined) return new LeaseLostError(id, claimId)
    const task = readTask(codec, taskRow(row))
    if (task instanceof Error) return task
    const time = timeIn(session, row)
    if (!isLive(task, claimId, time)) return new LeaseLostError(id, claimId)
    try {
      const move = moveOf(context, verb, task, changesOf(task, time))
      // Whoever comes next in this group comes too late.
      byId.delete(id)
      return move
    } catch (error) {
      if (error instanceof PersistenceError) return error
      throw error
    }
  })
  const moves = settled.filter((each): each is ClaimMove => !(each instanceof Error))
  if (moves.length === 0) return settled
  const outcomes = await runner.writeSet(moves.map(({ operation }) => operation))
  let next = 0
  return settled.map((each, index) => {
    if (each instanceof Error) return each
    const outcome = outcomes[next]
    next += 1
    if (outcome?.kind === 'updated') return each
    if (outcome?.kind === 'failed') return outcome.error
    const { id, claimId } = settlements[index] as Settlement
    return new LeaseLostError(id, claimId)
  })
}

/**
 * Whether a worker still has the task. A lease that has expired is lost, even if no other worker
 * has taken the task back yet: one may at any moment.
 */
function isLive({ status, claimId, leaseExpiresAt }: Task, claim: string, now: Date): boolean {
  return status === 'in_progress' && claimId === claim && leaseExpiresAt !== null && now < leaseExpiresAt
}
