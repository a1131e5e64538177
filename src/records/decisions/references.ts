// What a new decision refers to: a parent and influences that are live, and plans that the plan
// spawned. Read while the tree is locked.

import {
  ConstraintViolationError,
  DecisionSupersededError,
  InvalidRecordError,
  quoteId,
} from '../../errors.ts'
import type { RecordSession, Runner } from '../repository/session.ts'
import { padded } from '../repository/statements.ts'
import type { Decision } from './definition.ts'

const CHUNK = 256

/**
 * @throws ConstraintViolationError (something is not there), DecisionSupersededError,
 * InvalidRecordError (a second root)
 */
export async function assertFits(
  session: RecordSession,
  runner: Pick<Runner, 'read'>,
  decision: Decision,
  rootPlanId: string,
): Promise<void> {
  const { planId, parentDecisionId, influences, spawnedPlanIds } = decision
  if (parentDecisionId === null) await assertOnlyRoot(session, runner, planId)
  const wanted = [...new Set([...(parentDecisionId === null ? [] : [parentDecisionId]), ...influences])]
  const found = new Map<
    string,
    { readonly planId: string; readonly rootPlanId: string; readonly by: string | null }
  >()
  for (const [id, plan, root, by] of await rowsOf(
    session,
    runner,
    'decision_id, plan_id, root_plan_id, superseded_by',
    ['decisions', 'decision_id'],
    wanted,
  )) {
    found.set(String(id), {
      planId: String(plan),
      rootPlanId: String(root),
      by: by === null || by === undefined ? null : String(by),
    })
  }
  for (const id of wanted) {
    const other = found.get(id)
    const field = id === parentDecisionId ? 'parentDecisionId' : 'influences'
    const isThere = field === 'parentDecisionId' ? other?.planId === planId : other?.rootPlanId === rootPlanId
    if (other === undefined || !isThere) {
      const where = field === 'parentDecisionId' ? 'of this plan' : 'in the tree of this plan'
      throw missing(field, `there is no decision ${quoteId(id)} ${where}`)
    }
    if (other.by !== null) throw new DecisionSupersededError(id, other.by)
  }
  const children = new Set(
    (await rowsOf(session, runner, 'plan_id, parent_plan_id', ['plans', 'plan_id'], spawnedPlanIds))
      .filter(([, parent]) => parent === planId)
      .map(([id]) => String(id)),
  )
  const stranger = spawnedPlanIds.find((id) => !children.has(id))
  if (stranger !== undefined) throw missing('spawnedPlanIds', `the plan has no child ${quoteId(stranger)}`)
}

/** @throws InvalidRecordError if the plan has a root that is live */
async function assertOnlyRoot(
  { statements }: RecordSession,
  runner: Pick<Runner, 'read'>,
  planId: string,
): Promise<void> {
  const sql =
    "select decision_id from decisions where plan_id = ? and type = 'prompt_definition' and superseded_by is null"
  const [row] = await runner.read(statements.raw(sql, sql, [planId]))
  if (row === undefined) return
  const message = `the plan has a root already, ${quoteId(String(row[0]))}: correct that one, or record this under it with another type`
  throw new InvalidRecordError('decision', [{ path: ['type'], code: 'rule', message }])
}

async function rowsOf(
  { statements }: RecordSession,
  runner: Pick<Runner, 'read'>,
  columns: string,
  [table, key]: readonly [string, string],
  ids: readonly string[],
) {
  const rows = []
  for (let start = 0; start < ids.length; start += CHUNK) {
    const some = padded(ids.slice(start, start + CHUNK))
    const sql = `select ${columns} from ${table} where ${key} in (${some.map(() => '?').join(', ')})`
    rows.push(...(await runner.read(statements.raw(sql, sql, some))))
  }
  return rows
}

function missing(field: string, message: string): ConstraintViolationError {
  return new ConstraintViolationError('foreign key', `${message}; check the id, and the tenant`, {
    fields: [field],
  })
}
