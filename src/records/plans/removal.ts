// Removing plans: one statement for a whole tree, refused while something stands in the way.

import { ConstraintViolationError, PlanHasChildrenError } from '../../errors.ts'
import type { AuditTrail } from '../audit-entries/trail.ts'
import { type RecordSession, type Runner, writeAll } from '../session.ts'

const BELOW =
  'with recursive tree (id) as (select plan_id from plans where plan_id = ? union select plans.plan_id from tree join plans on plans.parent_plan_id = tree.id)'

/** How many plans there are, how many right below the top, and how many tasks belong to any of them. */
const COUNTS = `${BELOW} select (select count(*) from tree), (select count(*) from plans where parent_plan_id = ? and plan_id <> ?), (select count(*) from tasks where plan_id in (select id from tree))`
const DELETION = `delete from plans where plan_id in (${BELOW} select id from tree)`

/**
 * Deletes a plan, with `tree` everything below it too, and notes it in the trail. Gives the number of plans deleted.
 * @throws PlanHasChildrenError, ConstraintViolationError when tasks belong to one of them
 */
export async function deletePlans(
  { statements }: RecordSession,
  runner: Runner,
  trail: AuditTrail,
  id: string,
  tree: boolean,
): Promise<number> {
  const [counts = []] = await runner.read(statements.raw('plans to delete', COUNTS, [id, id, id]))
  const [plans = 0, children = 0, tasks = 0] = counts.map(Number)
  if (plans === 0) return 0
  if (children > 0 && !tree) throw new PlanHasChildrenError(id, children)
  if (tasks > 0) throw hasTasks(id, tasks)
  const deletion = statements.raw('delete plans', DELETION, [id])
  const entry = trail.entry({
    action: 'plan:delete',
    subjectType: 'plan',
    subjectId: id,
    planId: id,
    riskLevel: 'medium',
    details: { plans, tree },
  })
  await writeAll(runner, [
    { kind: 'execute', query: deletion },
    { kind: 'append', chain: entry },
  ])
  return plans
}

function hasTasks(id: string, tasks: number): ConstraintViolationError {
  const them = tasks === 1 ? '1 task belongs' : `${tasks} tasks belong`
  return new ConstraintViolationError(
    'tasks of the plan',
    `${them} to plan ${JSON.stringify(id)} or to one below it; delete them, or take them off the plan first`,
  )
}
