// Runs operations on plans on a store and on the model side by side, and compares every answer:
// values, orders, codes of errors.

import { expect } from 'vitest'
import { inPlace } from '../../../../src/conformance/plans/plan-moves.ts'
import {
  PersistenceError,
  type Plan,
  type PlanMove,
  type Store,
  type Transaction,
} from '../../../../src/index.ts'
import type { Base } from './operations.ts'
import {
  hasEnded,
  isBeginning,
  known,
  type ModelPlan,
  type PlanAnswer,
  type PlanModel,
} from './plan-model.ts'
import type { PlanOperation } from './plan-operations.ts'
import { asOf } from './run.ts'

type Books = Store | Transaction
type Single = Exclude<PlanOperation, { do: 'transaction' | 'race' }>

class OnPurpose extends Error {}

/** @throws AssertionError at the first answer that differs */
export async function runPlansSideBySide(
  books: Books,
  model: PlanModel,
  steps: readonly PlanOperation[],
): Promise<void> {
  for (const operation of steps) {
    if (operation.do === 'transaction') await transaction(books, model, operation)
    else if (operation.do === 'race') await race(books, model, operation)
    else {
      const before = model.snapshot()
      const answer = await perform(() => call(books, model, operation))
      const expected = apply(model, operation, answer)
      if ('error' in expected) model.restore(before)
      expect(answer, JSON.stringify(operation)).toEqual(expected)
    }
  }
}

async function transaction(
  books: Books,
  model: PlanModel,
  { steps, fails }: Extract<PlanOperation, { do: 'transaction' }>,
): Promise<void> {
  const before = model.snapshot()
  try {
    await books.transaction(async (tx) => {
      await runPlansSideBySide(tx, model, steps)
      if (fails) throw new OnPurpose()
    })
    expect(fails).toBe(false)
  } catch (error) {
    if (!(error instanceof OnPurpose)) throw error
    model.restore(before)
  }
}

/**
 * Of several callers with one version the first wins, and the others lose; or all are refused
 * alike.
 */
async function race(
  books: Books,
  model: PlanModel,
  operation: Extract<PlanOperation, { do: 'race' }>,
): Promise<void> {
  const { id, move, callers } = operation
  const version = versionOf(model, id, 'current')
  const calls = Array.from({ length: callers }, () => perform(() => makeMove(books, id, move, version)))
  const answers = await Promise.all(calls)
  const first = model.move(id, move, version)
  const lost: PlanAnswer = 'error' in first ? first : { error: 'VERSION_CONFLICT' }
  const won = answers.filter((answer) => 'value' in answer)
  expect(won, JSON.stringify(operation)).toHaveLength('error' in first ? 0 : 1)
  for (const answer of answers) expect(answer).toEqual('value' in answer ? first : lost)
}

async function perform(action: () => Promise<unknown>): Promise<PlanAnswer> {
  try {
    return { value: await action() }
  } catch (error) {
    if (error instanceof PersistenceError) return { error: error.code }
    throw error
  }
}

function versionOf(model: PlanModel, id: string, base: Base): number {
  const version = model.plans.get(id)?.version ?? 1
  if (base === 'stale') return Math.max(1, version - 1)
  return base === 'ahead' ? version + 1 : version
}

function inputOf(operation: Extract<PlanOperation, { do: 'create' }>) {
  const { id, parent, name, place, reversionCount } = operation
  const where = parent === null ? { name } : { parentPlanId: parent }
  // A profile whose gates let every move pass: the model knows states, not gates.
  const plan = { actionName: 'label', description: 'd', automationProfile: 'ci' }
  return { planId: id, ...where, ...inPlace(place), reversionCount, ...plan }
}

async function makeMove(books: Books, id: string, move: PlanMove, version: number): Promise<ModelPlan> {
  const { plans } = books
  const base = { version }
  switch (move) {
    case 'fail':
      return known(await plans.fail(id, { message: 'failed' }, base))
    case 'redo':
    case 'revert':
      return known(await plans[move](id, 'wrong', base))
    case 'cancel':
      return known(await plans.cancel(id, 'over', base))
    default:
      return known(await plans[move](id, base))
  }
}

async function call(books: Books, model: PlanModel, operation: Single): Promise<unknown> {
  const { plans, audit } = books
  switch (operation.do) {
    case 'create':
      return known(await plans.create(inputOf(operation), asOf(operation)))
    case 'createMany':
      return (await plans.createMany(operation.plans.map(inputOf), asOf(operation))).map(known)
    case 'update': {
      const version = versionOf(model, operation.id, operation.base)
      return known(await plans.update(operation.id, operation.patch, { version }))
    }
    case 'move':
      return makeMove(books, operation.id, operation.move, versionOf(model, operation.id, operation.base))
    case 'cancelTree': {
      const version = versionOf(model, operation.id, operation.base)
      return known(await plans.cancel(operation.id, 'over', { version, tree: true }))
    }
    case 'delete':
      return plans.delete(operation.id, { tree: operation.tree })
    case 'list': {
      const { items } = await plans.list(operation.filter)
      expect(await plans.count(operation.filter)).toBe(items.length)
      return items.map(known)
    }
    case 'tree': {
      const tree = await plans.tree(operation.id)
      return [...(tree?.nodes.values() ?? [])].map(({ plan, level }) => [plan.planId, level])
    }
    case 'ancestors':
      return (await plans.ancestors(operation.id)).map((plan: Plan) => plan.planId)
    case 'children':
      return (await plans.children(operation.id)).items.map(known)
    case 'trail': {
      const told: string[] = []
      for await (const { action, planId } of audit.each()) told.push(`${action} ${planId}`)
      const { ok, checked } = await audit.verify()
      return { told: told.toReversed(), ok, checked }
    }
    default:
      return operation satisfies never
  }
}

/** What the model says, with the times of creation that the store's answer has. */
function apply(model: PlanModel, operation: Single, answer: PlanAnswer): PlanAnswer {
  const given = 'value' in answer ? answer.value : undefined
  switch (operation.do) {
    case 'create':
      return model.create(operation, timeOf(given))
    case 'createMany':
      return createMany(model, operation, given)
    case 'update':
      return model.update(operation.id, operation.patch, versionOf(model, operation.id, operation.base))
    case 'move':
      return model.move(operation.id, operation.move, versionOf(model, operation.id, operation.base))
    case 'cancelTree':
      return model.cancelTree(operation.id, versionOf(model, operation.id, operation.base))
    case 'delete':
      return model.delete(operation.id, operation.tree)
    case 'list':
      return { value: model.list(operation.filter) }
    case 'tree':
      return { value: model.tree(operation.id) }
    case 'ancestors':
      return { value: model.ancestors(operation.id) }
    case 'children':
      return { value: model.list({ parentPlanId: operation.id }) }
    case 'trail':
      return { value: { told: model.trail, ok: true, checked: model.trail.length } }
    default:
      return operation satisfies never
  }
}

/**
 * All or none. What one plan by itself has wrong, or an id that the call repeats, comes before what
 * is stored already.
 */
function createMany(
  model: PlanModel,
  { plans, takenOver }: Extract<PlanOperation, { do: 'createMany' }>,
  given: unknown,
): PlanAnswer {
  const made = Array.isArray(given) ? given : []
  const before = model.snapshot()
  const early = new Set<string>()
  for (const plan of plans) {
    const { id, parent } = plan
    if (!takenOver && !isBeginning(plan)) return { error: 'INVALID_RECORD' }
    if (parent !== null && !before.plans.has(parent) && !early.has(parent))
      return { error: 'CONSTRAINT_VIOLATION' }
    if (parent === id) return { error: 'INVALID_RECORD' }
    if (early.has(id)) return { error: 'DUPLICATE_RECORD' }
    early.add(id)
  }
  const places = new Map([
    ...[...before.plans].map(([id, { place }]) => [id, place] as const),
    ...plans.map(({ id, place }) => [id, place] as const),
  ])
  // The parents of all of them are looked at before any is stored.
  for (const { parent, place } of plans)
    if (parent !== null && hasEnded(places.get(parent) ?? '') && !hasEnded(place))
      return { error: 'PLAN_ENDED' }
  const values: unknown[] = []
  for (const [index, plan] of plans.entries()) {
    const answer = model.create({ ...plan, takenOver }, timeOf(made[index]))
    // The places above have decided who is below an ended plan: this one's parent is in the call,
    // too, and repeats an ended plan.
    if ('error' in answer) return answer.error === 'PLAN_ENDED' ? { error: 'DUPLICATE_RECORD' } : answer
    values.push(answer.value)
  }
  return { value: values }
}

function timeOf(given: unknown): number {
  return (given as ModelPlan | undefined)?.createdAt ?? 0
}
