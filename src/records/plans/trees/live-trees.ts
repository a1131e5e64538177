// No live plan below one that is applied or cancelled. Who creates a plan locks its parent's row,
// and who ends a plan its own, so of the two at once the second sees what the first has done.

import { PlanEndedError } from '../../../errors.ts'
import type { RecordSession, Runner } from '../../repository/session.ts'
import { padded } from '../../repository/statements.ts'
import type { Plan, PlanState } from '../definition.ts'
import { isTerminal } from '../moves.ts'

/** The most plans of one query. */
const CHUNK = 256

/**
 * Locks the parents of plans that are about to be stored, until the transaction ends.
 * @throws PlanEndedError if one of them is applied or cancelled
 */
export async function assertParentsLive(
  { engine, statements }: RecordSession,
  runner: Pick<Runner, 'read'>,
  plans: readonly Plan[],
): Promise<void> {
  const own = new Map(plans.map((plan) => [plan.planId, plan]))
  const outside = new Set<string>()
  for (const { state, parentPlanId } of plans) {
    if (parentPlanId === null || isTerminal(state)) continue
    const parent = own.get(parentPlanId)
    if (parent === undefined) outside.add(parentPlanId)
    else if (isTerminal(parent.state)) throw new PlanEndedError(parentPlanId, parent.state)
  }
  // In one order, so that two writers do not wait for each other.
  const ids = [...outside].toSorted()
  for (let start = 0; start < ids.length; start += CHUNK) {
    const wanted = padded(ids.slice(start, start + CHUNK))
    const list = wanted.map(() => '?').join(', ')
    const sql = `select plan_id, state from plans where plan_id in (${list}) order by plan_id ${engine.locking.rows}`
    for (const [id, state] of await runner.read(statements.raw(sql, sql, wanted))) {
      if (isTerminal(String(state) as PlanState)) throw new PlanEndedError(String(id), String(state))
    }
  }
}
