// What money is spent on or reserved for, and which budgets that concerns.

import type { Row, WireValue } from '../../engines/contract/engine.ts'
import type { RecordCodec } from '../model/record-codec.ts'
import type { RecordSession, Runner } from '../repository/session.ts'
import { padded } from '../repository/statements.ts'
import { type Budget, type BudgetFields, budgetDefinition } from './definition.ts'

/** Everything about a model call that a budget may count by. */
export interface Call {
  readonly agentId: string
  readonly project: string | null
  readonly model: string | null
  readonly planId: string | null
  readonly taskId: string | null
  readonly currency: string
}

/** For each plan, the plans above it. A plan that is not there has none. */
export type PlansAbove = ReadonlyMap<string, ReadonlySet<string>>

/** The plan ids of calls, and all plans above them. */
export async function readPlansAbove(
  session: RecordSession,
  runner: Pick<Runner, 'read'>,
  calls: readonly Pick<Call, 'planId'>[],
): Promise<PlansAbove> {
  const plans = [...new Set(calls.flatMap(({ planId }) => planId ?? []))]
  const above = new Map<string, Set<string>>()
  for (const ids of chunks(plans)) {
    const sql = `with recursive above (origin, id) as (select plan_id, parent_plan_id from plans where plan_id in (${slots(ids)}) union select above.origin, plans.parent_plan_id from above join plans on plans.plan_id = above.id) select origin, id from above where id is not null`
    const query = session.statements.raw(`plans above ${ids.length}`, sql, ids)
    for (const [origin, id] of await runner.read(query)) {
      const key = String(origin)
      const known = above.get(key) ?? new Set()
      above.set(key, known.add(String(id)))
    }
  }
  return above
}

/** Whether a budget counts a call. Whether it is active is another question. */
export function counts(budget: Budget, call: Call, above: PlansAbove): boolean {
  const { scope, target } = budget
  if (budget.currency !== call.currency) return false
  switch (scope) {
    case 'everything':
      return true
    case 'project':
      return call.project === target
    case 'agent':
      return call.agentId === target
    case 'model':
      return call.model === target
    case 'task':
      return call.taskId === target
    case 'plan':
      return (
        call.planId !== null &&
        (call.planId === target || (above.get(call.planId)?.has(target ?? '') ?? false))
      )
    default:
      return scope satisfies never
  }
}

/**
 * The active budgets that count at least one of the calls, by name.
 * @param lock keeps other transactions from locking or changing them until this one ends
 */
export async function readBudgets(
  session: RecordSession,
  runner: Pick<Runner, 'read'>,
  codec: RecordCodec<BudgetFields>,
  calls: readonly Call[],
  above: PlansAbove,
  lock: boolean,
): Promise<readonly Budget[]> {
  const plans = new Set(calls.flatMap(({ planId }) => planId ?? []))
  const targets: readonly (readonly [string, readonly string[]])[] = [
    ['project', distinct(calls.map(({ project }) => project))],
    ['agent', distinct(calls.map(({ agentId }) => agentId))],
    ['model', distinct(calls.map(({ model }) => model))],
    ['task', distinct(calls.map(({ taskId }) => taskId))],
    ['plan', distinct([...plans, ...[...plans].flatMap((id) => [...(above.get(id) ?? [])])])],
  ]
  const values: WireValue[] = [session.engine.codec.encode.boolean(true)]
  const conditions = targets.flatMap(([scope, wanted]) => {
    if (wanted.length === 0) return []
    const list = padded(wanted)
    values.push(...list)
    return [`scope = '${scope}' and target in (${slots(list)})`]
  })
  const scopes = ["scope = 'everything'", ...conditions].map((condition) => `(${condition})`).join(' or ')
  const columns = budgetDefinition.shape.columns.join(', ')
  const sql = `select ${columns} from budgets where active = ? and (${scopes}) order by name ${lock ? session.engine.locking.rows : ''}`
  const rows = await runner.read(session.statements.raw(sql, sql, values))
  return rows.map((row: Row) => codec.decode(row))
}

/** The most values of one list. */
const CHUNK = 256

function chunks(ids: readonly string[]): readonly (readonly string[])[] {
  const found: (readonly string[])[] = []
  for (let start = 0; start < ids.length; start += CHUNK) found.push(padded(ids.slice(start, start + CHUNK)))
  return found
}

function distinct(values: readonly (string | null)[]): readonly string[] {
  return [...new Set(values.flatMap((value) => value ?? []))]
}

function slots(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ')
}
