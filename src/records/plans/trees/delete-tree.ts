// Deletes plans: one statement for a whole tree, refused if anything prevents it, and an audit
// entry for each of its plans.

import type { ChainAppend, WriteOperation } from '../../../engines/contract/engine.ts'
import { ConstraintViolationError, PlanHasChildrenError, TransactionConflictError } from '../../../errors.ts'
import type { AuditTrail } from '../../audit-entries/trail.ts'
import { deletionsOfGuards } from '../../budgets/guards.ts'
import type { JsonObject } from '../../model/rules.ts'
import { planStepDefinition } from '../../plan-steps/definition.ts'
import { type RecordSession, type Runner, writeAll } from '../../repository/session.ts'
import { padded, type StatementCache } from '../../repository/statements.ts'
import { planDefinition } from '../definition.ts'

const BELOW =
  'with recursive tree (id) as (select plan_id from plans where plan_id = ? union select plans.plan_id from tree join plans on plans.parent_plan_id = tree.id)'

/**
 * How many plans there are, how many directly below the top, and how many tasks belong to any of
 * them.
 */
const COUNTS = `${BELOW} select (select count(*) from tree), (select count(*) from plans where parent_plan_id = ? and plan_id <> ?), (select count(*) from tasks where plan_id in (select id from tree))`
const DELETION = `delete from plans where plan_id in (${BELOW} select id from tree)`

/**
 * If the database checks references row by row, no deletion order is safe: a plan refers to its
 * parent and to its root. So the tree is flattened first: the top becomes every plan's root and no
 * plan has a parent, which also prevents new references to its rows. The top is deleted last,
 * unless another writer has added a reference to it meanwhile.
 */
const IDS = `${BELOW} select id from tree`
const STEP_IDS = `${BELOW} select step_id from plan_steps where plan_id in (select id from tree)`
const STEP_DELETION = `delete from plan_steps where plan_id in (${BELOW} select id from tree)`
/** Entries of one step; other work runs between two steps. */
const ENTRIES_AT_ONCE = 500
/** Plans that one statement flattens. */
const FLATTENED_AT_ONCE = 1024
const FLAT_DELETION = 'delete from plans where root_plan_id = ? and parent_plan_id is null and plan_id <> ?'
const TOP_DELETION =
  'delete from plans where plan_id = ? and not exists (select 1 from plans as other where other.root_plan_id = ? and other.plan_id <> ?) and not exists (select 1 from plans as other where other.parent_plan_id = ?) and not exists (select 1 from tasks where tasks.plan_id = ?)'

/**
 * Deletes a plan, with `tree` everything below it too, and appends an audit entry for each. Returns
 * the number of plans deleted.
 * @throws PlanHasChildrenError, ConstraintViolationError if tasks belong to one of them
 */
export async function deletePlans(
  session: RecordSession,
  runner: Runner,
  trail: AuditTrail,
  id: string,
  tree: boolean,
): Promise<number> {
  const { engine, statements } = session
  const [counts = []] = await runner.read(statements.raw('plans to delete', COUNTS, [id, id, id]))
  const [plans = 0, children = 0, tasks = 0] = counts.map(Number)
  if (plans === 0) return 0
  if (children > 0 && !tree) throw new PlanHasChildrenError(id, children)
  if (tasks > 0) throw hasTasks(id, tasks)
  const ids = (await runner.read(statements.raw('ids of plans below', IDS, [id]))).map(([below]) =>
    String(below),
  )
  const deletions = engine.capabilities.referencesPerRow
    ? flatDeletion(statements, id, ids)
    : wholeDeletion(statements, id, ids)
  // In one batch with the deletion, so that row and trail locks are taken in the same order as in
  // every other write.
  const outcomes = await writeAll(runner, [
    ...(await deletionsOfGuards(session, runner, ids)),
    ...(await deletionsOfSteps(statements, runner, id)),
    ...deletions,
    { kind: 'append', chain: entryOf(trail, id, { plans, tree }) },
  ]).catch((error) => {
    const named = error instanceof ConstraintViolationError && error.constraint === 'foreign key'
    throw named ? refersMeanwhile(id, error) : error
  })
  const removed = outcomes.map((outcome) => (outcome.kind === 'executed' ? outcome.count : 0))
  const [below = 0, top = 0] = engine.capabilities.referencesPerRow
    ? removed.slice(-3, -1)
    : [0, ...removed.slice(-2, -1)]
  if (top === 0) throw refersMeanwhile(id)
  // Each deleted plan has an entry, so no plan may be deleted that was not read.
  if (below + top !== ids.length) {
    throw new TransactionConflictError(
      `plans below ${JSON.stringify(id)} came or went while it was being deleted; nothing was deleted`,
    )
  }
  const others = ids.filter((other) => other !== id).toSorted()
  for (let start = 0; start < others.length; start += ENTRIES_AT_ONCE) {
    await new Promise((resolve) => setImmediate(resolve))
    const step = others.slice(start, start + ENTRIES_AT_ONCE)
    await writeAll(
      runner,
      step.map((other) => ({ kind: 'append' as const, chain: entryOf(trail, other, { deletedWith: id }) })),
    )
  }
  return ids.length
}

function entryOf(trail: AuditTrail, planId: string, details: JsonObject): ChainAppend {
  const subject = { action: 'plan:delete', subjectType: 'plan', subjectId: planId, planId } as const
  return trail.entry({ ...subject, riskLevel: 'medium', details })
}

/** Steps of plans go with them: without the plan they say nothing. */
async function deletionsOfSteps(
  statements: StatementCache,
  runner: Pick<Runner, 'read'>,
  id: string,
): Promise<readonly WriteOperation[]> {
  const rows = await runner.read(statements.raw('steps of plans below', STEP_IDS, [id]))
  if (rows.length === 0) return []
  const keys = rows.map(([step]) => String(step))
  const affects = { shape: planStepDefinition.shape, op: 'deleted' as const, keys }
  return [{ kind: 'execute', query: statements.raw('delete steps', STEP_DELETION, [id]), affects }]
}

function wholeDeletion(
  statements: StatementCache,
  id: string,
  ids: readonly string[],
): readonly WriteOperation[] {
  return [{ kind: 'execute', query: statements.raw('delete plans', DELETION, [id]), affects: deleted(ids) }]
}

function deleted(keys: readonly string[]) {
  return { shape: planDefinition.shape, op: 'deleted' as const, keys }
}

function flatDeletion(
  statements: StatementCache,
  id: string,
  ids: readonly string[],
): readonly WriteOperation[] {
  const chunks = Array.from({ length: Math.ceil(ids.length / FLATTENED_AT_ONCE) }, (_, index) =>
    padded(ids.slice(index * FLATTENED_AT_ONCE, (index + 1) * FLATTENED_AT_ONCE)),
  )
  return [
    ...chunks.map((chunk) => ({
      kind: 'execute' as const,
      query: statements.raw(
        `flatten ${chunk.length} plans`,
        `update plans set parent_plan_id = null, root_plan_id = ? where plan_id in (${chunk.map(() => '?').join(', ')})`,
        [id, ...chunk],
      ),
    })),
    { kind: 'execute', query: statements.raw('delete flat plans', FLAT_DELETION, [id, id]) },
    {
      kind: 'execute',
      query: statements.raw('delete the top', TOP_DELETION, [id, id, id, id, id]),
      selfReferring: true,
      affects: deleted(ids),
    },
  ]
}

function refersMeanwhile(id: string, cause?: unknown): ConstraintViolationError {
  return new ConstraintViolationError(
    'foreign key',
    `a plan or a task was made below plan ${JSON.stringify(id)} while it was being deleted; nothing was deleted. Try again`,
    { cause },
  )
}

function hasTasks(id: string, tasks: number): ConstraintViolationError {
  const them = tasks === 1 ? '1 task belongs' : `${tasks} tasks belong`
  return new ConstraintViolationError(
    'tasks of the plan',
    `${them} to plan ${JSON.stringify(id)} or to one below it; delete them, or take them off the plan first`,
  )
}
