// Budgets of frozen profiles: `guards.maxCostUsd` of a plan's profile acts as a budget of the plan
// with its tree. It is a row like every budget's, made by the first reservation that it concerns,
// so it holds, warns and is shown like them. What the profile says counts, not the row: no caller
// can change it, and it goes with the plan.

import type { WriteOperation } from '../../engines/contract/engine.ts'
import {
  BudgetExceededError,
  CorruptRecordError,
  InvalidRecordError,
  type PersistenceError,
} from '../../errors.ts'
import { formatMoney, moneyFromNumber } from '../../values/money.ts'
import { AuditTrail } from '../audit-entries/trail.ts'
import type { RecordCodec } from '../model/record-codec.ts'
import { planDefinition } from '../plans/definition.ts'
import { type Guards, readGuards, tokensOfTree } from '../plans/frozen-guards.ts'
import { type RecordSession, type Runner, writeAll } from '../repository/session.ts'
import { padded } from '../repository/statements.ts'
import type { Call, PlansAbove } from './call.ts'
import { type Budget, type BudgetFields, budgetDefinition } from './definition.ts'

const PREFIX = 'guard:'
/** The most names of one query. */
const CHUNK = 256

/** The name of the budget of a plan's guard. */
export function guardName(planId: string): string {
  return `${PREFIX}${planId}`
}

/** @throws InvalidRecordError for the name of a guard's budget, which no caller makes or changes */
export function assertNoGuard(name: string): void {
  if (!name.startsWith(PREFIX)) return
  const message = `begins with ${PREFIX}, as the budgets of frozen profiles do; these are made with a reservation, go with their plan, and cannot be changed`
  throw new InvalidRecordError('budget', [{ path: ['name'], code: 'guard', message }])
}

/** What the frozen profiles say about plans, in one transaction. */
export class PlanGuards {
  readonly #guards: ReadonlyMap<string, Guards | 'unreadable'>
  readonly #above: PlansAbove
  readonly #tokens = new Map<string, bigint>()
  /** The budgets that were made. */
  readonly made: readonly string[]

  private constructor(
    guards: ReadonlyMap<string, Guards | 'unreadable'>,
    above: PlansAbove,
    made: readonly string[],
  ) {
    this.#guards = guards
    this.#above = above
    this.made = made
  }

  /** Reads the guards that concern calls, and makes the budgets that are not there yet. */
  static async of(
    session: RecordSession,
    runner: Runner,
    codec: RecordCodec<BudgetFields>,
    calls: readonly Call[],
    above: PlansAbove,
  ): Promise<PlanGuards> {
    const plans = new Set(calls.flatMap(({ planId }) => (planId === null ? [] : concerned(planId, above))))
    if (plans.size === 0) return new PlanGuards(new Map(), above, [])
    const guards = await readGuards(session, runner, plans)
    const inUse = new Set(
      calls
        .filter(({ currency }) => currency === 'USD')
        .flatMap(({ planId }) => (planId === null ? [] : concerned(planId, above))),
    )
    const budgets = [...inUse].flatMap((planId) => budgetOfGuard(session, planId, guards.get(planId)) ?? [])
    const found = new PlanGuards(guards, above, await make(session, runner, codec, budgets))
    for (const [planId, guard] of guards) {
      if (guard === 'unreadable' || guard.maxTokens === null) continue
      found.#tokens.set(planId, await tokensOfTree(session, runner, planId))
    }
    return found
  }

  /** A budget as it acts: one of a guard has the limit of the profile, whatever its row says. */
  acting(budget: Budget): Budget {
    if (budget.scope !== 'plan' || budget.target === null || budget.name !== guardName(budget.target))
      return budget
    const guard = this.#guards.get(budget.target)
    if (guard === undefined || guard === 'unreadable') return budget
    return guard.maxCostUsd === null
      ? { ...budget, whenExceeded: 'warn' }
      : { ...budget, ...actsAs(guard.maxCostUsd) }
  }

  /** Why nothing may be reserved for a plan, whatever it costs. */
  refusal({ planId }: Call): PersistenceError | undefined {
    if (planId === null) return undefined
    for (const id of concerned(planId, this.#above)) {
      const guard = this.#guards.get(id)
      if (guard === 'unreadable') {
        return new CorruptRecordError('plans', id, planDefinition.columnOf('effectiveProfile').name)
      }
      const used = this.#tokens.get(id)
      if (used === undefined || guard === undefined || guard.maxTokens === null) continue
      if (used >= guard.maxTokens) return tokensUsedUp(id, guard.maxTokens, used)
    }
    return undefined
  }
}

/** Deletes the budgets of the guards of plans that are deleted, with their audit entries. */
export async function deletionsOfGuards(
  session: RecordSession,
  runner: Pick<Runner, 'read'>,
  planIds: readonly string[],
): Promise<readonly WriteOperation[]> {
  const { shape } = budgetDefinition
  const trail = new AuditTrail(session)
  const names = await existing(session, runner, planIds.map(guardName))
  return [...names].map((name) => ({
    kind: 'delete',
    shape,
    key: name,
    auditEntry: trail.entry({
      action: 'budget:delete',
      subjectType: 'budget',
      subjectId: name,
      details: null,
    }),
  }))
}

/** The plan and the plans above it. */
function concerned(planId: string, above: PlansAbove): readonly string[] {
  return [planId, ...(above.get(planId) ?? [])]
}

/** What is fixed about the budget of a guard. */
function actsAs(maxCostUsd: number) {
  const amount = moneyFromNumber(maxCostUsd)
  const limit = formatMoney(typeof amount === 'bigint' ? amount : 0n)
  return { period: 'total', limit, currency: 'USD', whenExceeded: 'refuse', active: true } as const
}

/** The budget that a guard acts as, whether or not a reservation has made its row. */
export function budgetOfGuard(
  session: RecordSession,
  planId: string,
  guard: Guards | 'unreadable' | undefined,
): Budget | undefined {
  if (guard === undefined || guard === 'unreadable' || guard.maxCostUsd === null) return undefined
  const now = session.now()
  return {
    ...{ name: guardName(planId), scope: 'plan', target: planId, timeZone: 'UTC', warnAt: 0.8 },
    ...actsAs(guard.maxCostUsd),
    ...{ createdAt: now, updatedAt: now, version: 1, unreadable: [] },
  }
}

/** @returns the names of those that were not there */
async function make(
  session: RecordSession,
  runner: Runner,
  codec: RecordCodec<BudgetFields>,
  budgets: readonly Budget[],
): Promise<readonly string[]> {
  if (budgets.length === 0) return []
  const there = await existing(
    session,
    runner,
    budgets.map(({ name }) => name),
  )
  const missing = budgets.filter(({ name }) => !there.has(name)).sort((a, b) => (a.name < b.name ? -1 : 1))
  if (missing.length === 0) return []
  const trail = new AuditTrail(session)
  const outcomes = await writeAll(
    runner,
    missing.map((budget) => ({
      kind: 'insert',
      shape: budgetDefinition.shape,
      row: codec.encode({ ...budget }),
      auditEntry: trail.entry({
        ...{ action: 'budget:create', subjectType: 'budget', subjectId: budget.name },
        ...{ planId: budget.target, details: { version: 1, guard: 'maxCostUsd' } },
      }),
    })),
  )
  // Another transaction may have made one meanwhile: then it is there.
  return missing.flatMap(({ name }, index) => (outcomes[index]?.kind === 'stored' ? [name] : []))
}

async function existing(
  { statements }: RecordSession,
  runner: Pick<Runner, 'read'>,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  for (let start = 0; start < names.length; start += CHUNK) {
    const wanted = padded(names.slice(start, start + CHUNK))
    const sql = `select name from budgets where name in (${wanted.map(() => '?').join(', ')})`
    for (const [name] of await runner.read(statements.raw(sql, sql, wanted))) found.add(String(name))
  }
  return found
}

function tokensUsedUp(planId: string, limit: number, used: bigint): BudgetExceededError {
  return new BudgetExceededError(
    {
      budget: guardName(planId),
      limit: String(limit),
      currency: 'tokens',
      spent: String(used),
      held: '0',
      asked: '0',
      period: { begin: null, end: null },
    },
    guardAdvice(planId),
  )
}

/** What to do when a guard refuses: its limit is frozen. */
function guardAdvice(planId: string): string {
  return `it is a guard of the frozen profile of plan ${JSON.stringify(planId)}, whose limits stay as they are; go on in another plan, or without it`
}

/** What to do when a budget refuses; undefined for what holds for budgets in general. */
export function adviceOf({ name, target }: Budget): string | undefined {
  return target !== null && name === guardName(target) ? guardAdvice(target) : undefined
}
