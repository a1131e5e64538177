// Reservations: what callers pass and get, and the decision for a group of them in one transaction.

import { z } from 'zod'
import { BudgetExceededError, type PersistenceError } from '../../errors.ts'
import { formatMoney, parseMoney } from '../../values/money.ts'
import { durationRule } from '../model/duration.ts'
import type { RecordCodec } from '../model/record-codec.ts'
import { currencyRule, idRule, moneyRule, nameRule } from '../model/rules.ts'
import type { RecordSession, Runner } from '../repository/session.ts'
import { writeAll } from '../repository/session.ts'
import { readTaskLinks } from '../repository/task-links.ts'
import { type Call, counts, readBudgets, readPlansAbove } from './call.ts'
import type { BudgetFields } from './definition.ts'
import { adviceOf, PlanGuards } from './guards.ts'
import { insertHolds, type NewHold, removeExpired } from './holds.ts'
import { limitOf } from './levels.ts'
import { keepPeriods, periodOf, shownPeriod } from './periods.ts'
import { type BudgetInPeriod, type BudgetState, readNow, readStates } from './states.ts'

/** What a call is expected to cost, and what it is for. */
export interface NewReservation {
  readonly agentId: string
  /** If omitted and a `taskId` is given: the project of that task. */
  readonly project?: string | null | undefined
  /** If omitted and a `taskId` is given: the plan of that task. */
  readonly planId?: string | null | undefined
  readonly taskId?: string | null | undefined
  readonly model?: string | null | undefined
  /** Money, in units of `currency`. */
  readonly estimate: string | number
  /** `USD` by default. Budgets in other currencies do not apply. */
  readonly currency?: string | undefined
  /**
   * How long the estimate is held: `90s`, `10m` (the default), `2h`, or milliseconds; at most 7
   * days.
   */
  readonly ttl?: string | number | undefined
}

export interface Reservation {
  /** For `release`, and for the `reservationId` of the cost that settles it. */
  readonly id: string
  readonly estimate: string
  readonly currency: string
  /** The names of the budgets that hold the estimate; empty if none applies. */
  readonly budgets: readonly string[]
  /** By the database's clock; nothing is held from then on. */
  readonly expiresAt: Date
}

const optionalId = idRule.nullable().optional()
const optionalName = nameRule.nullable().optional()

export const reservationRule = z.strictObject({
  agentId: nameRule,
  project: optionalName,
  planId: optionalId,
  taskId: optionalId,
  model: optionalName,
  estimate: moneyRule,
  currency: currencyRule.default('USD'),
  ttl: durationRule.default(600_000),
})

/** A checked reservation that is to be decided. */
export interface Ask {
  readonly id: string
  readonly call: Call
  /** In billionths. */
  readonly amount: bigint
  /** In milliseconds. */
  readonly ttl: number
  /** The plan and the project were left out, so those of the task count. */
  readonly fromTask: { readonly planId: boolean; readonly project: boolean }
}

export type Decision =
  | { readonly kind: 'held'; readonly reservation: Reservation }
  | { readonly kind: 'refused'; readonly error: PersistenceError }

/** What became of a group of reservations. */
export interface Decided {
  /** In the order of the calls. */
  readonly decisions: readonly Decision[]
  /** The names of budgets that were made for guards of frozen profiles. */
  readonly made: readonly string[]
}

/** What a reservation asks for, with every default filled in. */
export function askOf(id: string, given: z.output<typeof reservationRule>): Ask {
  const { agentId, project, planId, taskId = null, model = null, estimate, currency, ttl } = given
  return {
    id,
    call: { agentId, project: project ?? null, planId: planId ?? null, taskId, model, currency },
    amount: parseMoney(String(estimate)) as bigint,
    ttl,
    fromTask: {
      planId: taskId !== null && planId === undefined,
      project: taskId !== null && project === undefined,
    },
  }
}

/**
 * Decides reservations in their order, and stores what they hold, inside a transaction. The budgets
 * that apply are locked by name, so that of two transactions the second sees what the first holds;
 * then the totals of their periods are read, after every lock that is needed.
 */
export async function decide(
  session: RecordSession,
  runner: Runner,
  codec: RecordCodec<BudgetFields>,
  asks: readonly Ask[],
): Promise<Decided> {
  const calls = await callsOf(session, runner, asks)
  const above = await readPlansAbove(session, runner, calls)
  const guards = await PlanGuards.of(session, runner, codec, calls, above)
  const rows = await readBudgets(session, runner, codec, calls, above, true)
  const budgets = rows.map((budget) => guards.acting(budget))
  const now = await readNow(session, runner)
  const applying = budgets
    .filter((budget) => calls.some((call) => counts(budget, call, above)))
    .map((budget): BudgetInPeriod => ({ budget, period: periodOf(budget, now) }))
  await keepPeriods(
    session,
    runner,
    applying.map(({ period }) => period),
  )
  const before = await readStates(session, runner, applying, now)
  const states = new Map(applying.map(({ budget }, index) => [budget.name, before[index] as BudgetState]))
  const holds: NewHold[] = []
  const decisions = asks.map((ask, index): Decision => {
    const call = calls[index] as Call
    const refusal = guards.refusal(call)
    if (refusal) return { kind: 'refused', error: refusal }
    const concerned = applying.filter(({ budget }) => counts(budget, call, above))
    const tightest = concerned
      .filter(({ budget }) => refuses(budget, states.get(budget.name), ask.amount))
      .sort((a, b) => compare(left(a, states), left(b, states)))[0]
    if (tightest) return { kind: 'refused', error: exceeded(tightest, states, ask) }
    const expiresAt = new Date(now.getTime() + ask.ttl)
    for (const { budget } of concerned) {
      const state = states.get(budget.name) as BudgetState
      states.set(budget.name, { ...state, held: state.held + ask.amount })
      holds.push({
        ...{ reservation: ask.id, budget: budget.name, amount: ask.amount },
        ...{ currency: call.currency, createdAt: now, expiresAt },
      })
    }
    const { id, amount } = ask
    const names = concerned.map(({ budget }) => budget.name)
    return {
      kind: 'held',
      reservation: {
        ...{ id, estimate: formatMoney(amount), currency: call.currency },
        ...{ budgets: names, expiresAt },
      },
    }
  })
  const expired = applying.flatMap(({ budget: { name } }) => (states.get(name)?.hasExpired ? [name] : []))
  await writeAll(runner, [...removeExpired(session, expired, now), ...insertHolds(session, holds)])
  return { decisions, made: guards.made }
}

/** What the asks are for, with the plans and projects of their tasks. */
async function callsOf(
  session: RecordSession,
  runner: Runner,
  asks: readonly Ask[],
): Promise<readonly Call[]> {
  const tasks = asks.flatMap(({ call: { taskId }, fromTask }) =>
    taskId !== null && (fromTask.planId || fromTask.project) ? [taskId] : [],
  )
  const links = await readTaskLinks(session, runner, [...new Set(tasks)])
  return asks.map(({ call, fromTask }) => {
    const found = call.taskId === null ? undefined : links.get(call.taskId)
    return {
      ...call,
      planId: fromTask.planId ? (found?.planId ?? null) : call.planId,
      project: fromTask.project ? (found?.project ?? null) : call.project,
    }
  })
}

function refuses(budget: BudgetInPeriod['budget'], state: BudgetState | undefined, amount: bigint): boolean {
  if (budget.whenExceeded !== 'refuse' || !state) return false
  return state.spent + state.held + amount > limitOf(budget)
}

function left({ budget }: BudgetInPeriod, states: ReadonlyMap<string, BudgetState>): bigint {
  const state = states.get(budget.name)
  return limitOf(budget) - (state?.spent ?? 0n) - (state?.held ?? 0n)
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function exceeded(
  { budget, period }: BudgetInPeriod,
  states: ReadonlyMap<string, BudgetState>,
  ask: Ask,
): BudgetExceededError {
  const state = states.get(budget.name)
  return new BudgetExceededError(
    {
      budget: budget.name,
      limit: budget.limit,
      currency: budget.currency,
      spent: formatMoney(state?.spent ?? 0n),
      held: formatMoney(state?.held ?? 0n),
      asked: formatMoney(ask.amount),
      period: shownPeriod(budget, period),
    },
    adviceOf(budget),
  )
}
