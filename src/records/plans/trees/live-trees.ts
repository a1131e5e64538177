// No live plan below one that is applied or cancelled. Who creates a plan locks its parent's row,
// and who ends a plan its own, so of the two at once the second sees what the first has done.

import { PlanEndedError, PlanHasChildrenError } from '../../../errors.ts'
import type { RecordSession, Runner } from '../../repository/session.ts'
import { padded } from '../../repository/statements.ts'
import type { Violation } from '../../rules/enforce.ts'
import type { Plan, PlanState } from '../definition.ts'
import { isTerminal } from '../moves.ts'

/** The most plans of one query. */
const CHUNK = 256

/**
 * Locks the parents of plans that are about to be stored, until the transaction ends.
 * @throws PlanEndedError if one of them is applied or cancelled
 */
export async function assertParentsLive(
  session: RecordSession,
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
  for (const [id, state] of await lockedStates(session, runner, outside))
    if (isTerminal(state)) throw new PlanEndedError(id, state)
}

/**
 * Locks plans until the transaction ends, before it writes: who waits for a row then holds nothing
 * of the audit trail. They are locked in one order, so that two writers do not wait for each other.
 */
export async function lockedStates(
  { engine, statements }: RecordSession,
  runner: Pick<Runner, 'read'>,
  plans: Iterable<string>,
): Promise<readonly (readonly [id: string, state: PlanState])[]> {
  const ids = [...plans].toSorted()
  const found: (readonly [string, PlanState])[] = []
  for (let start = 0; start < ids.length; start += CHUNK) {
    const wanted = padded(ids.slice(start, start + CHUNK))
    const list = wanted.map(() => '?').join(', ')
    const sql = `select plan_id, state from plans where plan_id in (${list}) order by plan_id ${engine.locking.rows}`
    for (const [id, state] of await runner.read(statements.raw(sql, sql, wanted)))
      found.push([String(id), String(state) as PlanState])
  }
  return found
}

const LIVE = `state not in ('applied', 'cancelled')`

/** How many live plans are directly below one. */
export async function countLiveChildren(
  { statements }: RecordSession,
  runner: Pick<Runner, 'read'>,
  id: string,
): Promise<number> {
  const sql = `select count(*) from plans where parent_plan_id = ? and ${LIVE}`
  const [row] = await runner.read(statements.raw(sql, sql, [id]))
  return Number(row?.[0] ?? 0)
}

/** Whether a plan or any below it is live. */
export async function hasLivePlans(
  { statements }: RecordSession,
  runner: Pick<Runner, 'read'>,
  id: string,
): Promise<boolean> {
  const sql = `with recursive tree (id) as (select plan_id from plans where plan_id = ? union select plans.plan_id from tree join plans on plans.parent_plan_id = tree.id) select plan_id from plans where plan_id in (select id from tree) and ${LIVE} limit 1`
  return (await runner.read(statements.raw(sql, sql, [id]))).length > 0
}

/** The live plans directly below any of these. */
export async function stillLiveBelow(
  { statements }: RecordSession,
  runner: Pick<Runner, 'read'>,
  ids: readonly string[],
): Promise<readonly string[]> {
  const found: string[] = []
  for (let start = 0; start < ids.length; start += CHUNK) {
    const wanted = padded(ids.slice(start, start + CHUNK))
    const sql = `select plan_id from plans where parent_plan_id in (${wanted.map(() => '?').join(', ')}) and ${LIVE}`
    for (const [id] of await runner.read(statements.raw(sql, sql, wanted))) found.push(String(id))
  }
  return found
}

/** The rule `children`: a plan does not end before the plans below it. */
export function liveChildrenViolation(id: string, count: number): Violation | undefined {
  if (count === 0) return undefined
  const them = count === 1 ? '1 live plan is' : `${count} live plans are`
  return {
    rule: 'children',
    message: `${them} below it: end them first, or all of them with { tree: true }`,
    error: () => new PlanHasChildrenError(id, count, 'end'),
  }
}
