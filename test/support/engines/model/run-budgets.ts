// Budgets by a plain model: lists of costs and of holds, added up anew for each question. Runs
// operations on a store and on the model side by side, and compares every answer.

import { expect } from 'vitest'
import { PersistenceError, type Store, type Transaction } from '../../../../src/index.ts'
import type { BudgetOperation, Call, ModelBudget } from './budget-operations.ts'

type Books = Store | Transaction

interface Hold {
  readonly reservation: string
  readonly budget: string
  readonly amount: bigint
}

interface Kept {
  readonly budgets: ReadonlyMap<string, ModelBudget & { readonly version: number }>
  readonly holds: readonly Hold[]
  readonly costs: readonly { readonly call: Call; readonly cost: bigint | null }[]
}

class OnPurpose extends Error {}

export class BudgetModel {
  kept: Kept = { budgets: new Map(), holds: [], costs: [] }
  /** Of the store, also of those that were undone; the last one first. */
  reservations: readonly string[] = []
}

/** @throws AssertionError at the first answer that differs */
export async function runBudgets(
  books: Books,
  model: BudgetModel,
  steps: readonly BudgetOperation[],
): Promise<void> {
  for (const step of steps) await runOne(books, model, step)
}

async function runOne(books: Books, model: BudgetModel, step: BudgetOperation): Promise<void> {
  switch (step.do) {
    case 'transaction':
      return runTransaction(books, model, step.steps, step.fails)
    case 'together': {
      const answers = await Promise.all(step.steps.map((one) => answerOf(() => reserve(books, one))))
      step.steps.forEach((one, index) => {
        compareReservation(model, one, answers[index])
      })
      return
    }
    case 'reserve':
      compareReservation(model, step, await answerOf(() => reserve(books, step)))
      return
    default:
      expect(await answerOf(() => perform(books, model, step)), JSON.stringify(step)).toEqual(
        apply(model, step),
      )
  }
}

async function runTransaction(
  books: Books,
  model: BudgetModel,
  steps: readonly BudgetOperation[],
  fails: boolean,
): Promise<void> {
  const before = model.kept
  try {
    await books.transaction(async (tx) => {
      await runBudgets(tx, model, steps)
      if (fails) throw new OnPurpose()
    })
    expect(fails).toBe(false)
  } catch (error) {
    if (!(error instanceof OnPurpose)) throw error
    model.kept = before
  }
}

type Answer = { readonly value: unknown } | { readonly error: string; readonly exceeded?: object }

async function answerOf(call: () => Promise<unknown>): Promise<Answer> {
  try {
    return { value: await call() }
  } catch (error) {
    if (!(error instanceof PersistenceError)) throw error
    const { budget, limit, spent, held, asked } = error as unknown as Record<string, string>
    return error.code === 'BUDGET_EXCEEDED'
      ? { error: error.code, exceeded: { budget, limit, spent, held, asked } }
      : { error: error.code }
  }
}

function reserve({ budgets }: Books, { call, estimate }: Extract<BudgetOperation, { do: 'reserve' }>) {
  return budgets.reserve({ ...call, estimate, ttl: '1h' })
}

type Plain = Exclude<BudgetOperation, { do: 'transaction' | 'together' | 'reserve' }>

/** What the store answers, as far as the model knows it. */
async function perform(books: Books, model: BudgetModel, step: Plain): Promise<unknown> {
  const { budgets, costRecords } = books
  switch (step.do) {
    case 'create':
      return (await budgets.create({ ...step.budget, period: 'total', warnAt: 0.5 })).version
    case 'update': {
      const version = model.kept.budgets.get(step.name)?.version ?? 1
      return (await budgets.update(step.name, step.change, { version })).version
    }
    case 'delete':
      return budgets.delete(step.name)
    case 'release':
      return budgets.release(reservationAt(model, step.which))
    case 'cost': {
      const { cost } = await costRecords.append({
        ...{ ...step.call, provider: 'acme', inputTokens: 1, outputTokens: 1, cost: step.cost },
        reservationId: step.settles === null ? null : reservationAt(model, step.settles),
      })
      return cost
    }
    case 'status':
      return (await budgets.status()).map(({ budget, spent, held, remaining, level, unpriced }) => ({
        ...{ name: budget.name, version: budget.version, spent, held, remaining, level, unpriced },
      }))
    default:
      return step satisfies never
  }
}

function apply(model: BudgetModel, step: Plain): Answer {
  const { budgets, holds, costs } = model.kept
  switch (step.do) {
    case 'create': {
      if (budgets.has(step.budget.name)) return { error: 'DUPLICATE_RECORD' }
      const made = { ...step.budget, version: 1 }
      model.kept = { ...model.kept, budgets: new Map(budgets).set(made.name, made) }
      return { value: 1 }
    }
    case 'update': {
      const current = budgets.get(step.name)
      if (current === undefined) return { error: 'RECORD_NOT_FOUND' }
      const next = { ...current, ...step.change, version: current.version + 1 }
      model.kept = { ...model.kept, budgets: new Map(budgets).set(next.name, next) }
      return { value: next.version }
    }
    case 'delete': {
      const left = new Map(budgets)
      const gone = left.delete(step.name)
      model.kept = { ...model.kept, budgets: left, holds: holds.filter(({ budget }) => budget !== step.name) }
      return { value: gone }
    }
    case 'release':
      return { value: endHolds(model, reservationAt(model, step.which)) }
    case 'cost': {
      const cost = step.cost === null ? null : toBillionths(step.cost)
      model.kept = { ...model.kept, costs: [...costs, { call: step.call, cost }] }
      if (step.settles !== null) endHolds(model, reservationAt(model, step.settles))
      return { value: step.cost }
    }
    case 'status':
      return { value: byName(model).map((budget) => statusOf(model, budget)) }
    default:
      return step satisfies never
  }
}

function compareReservation(
  model: BudgetModel,
  { call, estimate }: Extract<BudgetOperation, { do: 'reserve' }>,
  answer: Answer | undefined,
): void {
  const amount = toBillionths(estimate)
  const concerned = byName(model).filter((budget) => budget.active && counts(budget, call))
  const left = (budget: ModelBudget) =>
    toBillionths(budget.limit) - spentOf(model, budget) - heldIn(model, budget)
  const [tightest] = concerned
    .filter((budget) => budget.whenExceeded === 'refuse' && amount > left(budget))
    .toSorted((a, b) => (left(a) < left(b) ? -1 : left(a) > left(b) ? 1 : 0))
  if (tightest) {
    expect(answer, `${JSON.stringify(call)} ${estimate}`).toEqual({
      error: 'BUDGET_EXCEEDED',
      exceeded: {
        ...{ budget: tightest.name, limit: tightest.limit, asked: estimate },
        spent: fromBillionths(spentOf(model, tightest)),
        held: fromBillionths(heldIn(model, tightest)),
      },
    })
    return
  }
  const { id } = (answer as { value: { id: string } }).value
  const names = concerned.map(({ name }) => name)
  expect(answer, `${JSON.stringify(call)} ${estimate}`).toMatchObject({ value: { estimate, budgets: names } })
  const holds = names.map((budget) => ({ reservation: id, budget, amount }))
  model.kept = { ...model.kept, holds: [...model.kept.holds, ...holds] }
  model.reservations = [id, ...model.reservations]
}

function statusOf(model: BudgetModel, budget: ModelBudget & { readonly version: number }) {
  const [limit, spent, held] = [toBillionths(budget.limit), spentOf(model, budget), heldIn(model, budget)]
  const left = limit - spent - held
  return {
    ...{ name: budget.name, version: budget.version },
    ...{ spent: fromBillionths(spent), held: fromBillionths(held) },
    remaining: fromBillionths(left > 0n ? left : 0n),
    level: spent > limit ? 'exceeded' : spent > 0n && spent * 2n >= limit ? 'warned' : 'within',
    unpriced: model.kept.costs.filter(({ call, cost }) => cost === null && counts(budget, call)).length,
  }
}

function endHolds(model: BudgetModel, reservation: string): boolean {
  const left = model.kept.holds.filter((hold) => hold.reservation !== reservation)
  const some = left.length < model.kept.holds.length
  model.kept = { ...model.kept, holds: left }
  return some
}

function reservationAt({ reservations }: BudgetModel, which: number): string {
  return reservations[which] ?? 'none'
}

function byName({ kept }: BudgetModel) {
  return [...kept.budgets.values()].toSorted((a, b) =>
    Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)),
  )
}

function counts({ scope, target, currency }: ModelBudget, call: Call): boolean {
  if (currency !== call.currency) return false
  if (scope === 'everything') return true
  return (scope === 'agent' ? call.agentId : call[scope]) === target
}

function spentOf({ kept }: BudgetModel, budget: ModelBudget): bigint {
  return kept.costs.reduce((sum, { call, cost }) => (counts(budget, call) ? sum + (cost ?? 0n) : sum), 0n)
}

function heldIn({ kept }: BudgetModel, { name }: ModelBudget): bigint {
  return kept.holds.reduce((sum, { budget, amount }) => (budget === name ? sum + amount : sum), 0n)
}

function toBillionths(text: string): bigint {
  const [whole = '0', fraction = ''] = text.split('.')
  return BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'))
}

function fromBillionths(value: bigint): string {
  const fraction = String(value % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '')
  return `${value / 1_000_000_000n}${fraction === '' ? '' : `.${fraction}`}`
}
