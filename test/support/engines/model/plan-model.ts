// The model of plans: what a store has to answer, on a plain map and a list of what was done. It
// shares no code with the library; the times that the store makes are taken from its answers.

import type { ErrorCode, Plan, PlanFilter, PlanMove } from '../../../../src/index.ts'
import type { PlanOperation } from './plan-operations.ts'

/** What the model knows of a plan. */
export interface ModelPlan {
  readonly planId: string
  readonly parentPlanId: string | null
  readonly rootPlanId: string
  readonly name: string | null
  readonly description: string
  readonly place: string
  readonly version: number
  readonly attempt: number
  readonly reversionCount: number
  readonly error: string | null
  readonly cancelReason: string | null
  readonly createdAt: number
}

/** An answer: a value, or the code of an error. */
export type PlanAnswer = { readonly value: unknown } | { readonly error: ErrorCode }

/** Where each move leads. */
const leads: Readonly<Record<PlanMove, Readonly<Record<string, string>>>> = {
  use: { 'action/queued': 'strategize/queued' },
  start: {
    'strategize/queued': 'strategize/processing',
    'execute/queued': 'execute/processing',
    'apply/queued': 'apply/processing',
  },
  complete: {
    'strategize/processing': 'strategize/complete',
    'execute/processing': 'execute/complete',
    'apply/processing': 'apply/applied',
  },
  advance: { 'strategize/complete': 'execute/queued', 'execute/complete': 'apply/queued' },
  constrain: { 'apply/processing': 'apply/constrained' },
  fail: {
    'strategize/processing': 'strategize/errored',
    'execute/processing': 'execute/errored',
    'apply/processing': 'apply/errored',
  },
  retry: {
    'strategize/errored': 'strategize/queued',
    'execute/errored': 'execute/queued',
    'apply/errored': 'apply/queued',
  },
  redo: { 'strategize/complete': 'strategize/queued' },
  revert: {
    'execute/queued': 'strategize/queued',
    'apply/processing': 'strategize/queued',
    'execute/processing': 'strategize/queued',
    'execute/complete': 'strategize/queued',
    'execute/errored': 'strategize/queued',
    'apply/queued': 'strategize/queued',
    'apply/constrained': 'strategize/queued',
    'apply/errored': 'strategize/queued',
  },
  cancel: {},
}

/** Whether a phase and state is one that no move leads out of. */
export function hasEnded(place: string): boolean {
  return place.endsWith('/applied') || place.endsWith('/cancelled')
}

export class PlanModel {
  plans: ReadonlyMap<string, ModelPlan> = new Map()
  /** What was done: `plan:use 01J…`. */
  trail: readonly string[] = []

  snapshot(): Pick<PlanModel, 'plans' | 'trail'> {
    return { plans: this.plans, trail: this.trail }
  }

  restore(snapshot: Pick<PlanModel, 'plans' | 'trail'>): void {
    Object.assign(this, snapshot)
  }

  create(operation: Extract<PlanOperation, { do: 'create' }>, createdAt: number): PlanAnswer {
    const { id, parent, name, place, reversionCount } = operation
    if (!operation.takenOver && !isBeginning(operation)) return { error: 'INVALID_RECORD' }
    const above = parent === null ? undefined : this.plans.get(parent)
    if (parent !== null && !above) return { error: 'CONSTRAINT_VIOLATION' }
    if (parent === id) return { error: 'INVALID_RECORD' }
    if (above && hasEnded(above.place) && !hasEnded(place)) return { error: 'PLAN_ENDED' }
    const own = parent === null ? name : null
    if (this.plans.has(id) || this.#hasName(own)) return { error: 'DUPLICATE_RECORD' }
    const plan: ModelPlan = {
      planId: id,
      parentPlanId: parent,
      rootPlanId: above?.rootPlanId ?? id,
      name: own,
      description: 'd',
      place,
      version: 1,
      attempt: 1,
      reversionCount,
      error: null,
      cancelReason: null,
      createdAt,
    }
    this.#put(plan)
    this.#note('create', id)
    return { value: plan }
  }

  update(id: string, patch: { name?: string; description?: string }, version: number): PlanAnswer {
    const plan = this.plans.get(id)
    if (!plan) return { error: 'RECORD_NOT_FOUND' }
    if (plan.version !== version) return { error: 'VERSION_CONFLICT' }
    if (patch.name !== undefined && plan.parentPlanId !== null) return { error: 'INVALID_RECORD' }
    if (patch.name !== undefined && patch.name !== plan.name && this.#hasName(patch.name))
      return { error: 'DUPLICATE_RECORD' }
    const changed = { ...plan, ...patch, version: version + 1 }
    this.#put(changed)
    this.#note('update', id)
    return { value: changed }
  }

  move(id: string, move: PlanMove, version: number): PlanAnswer {
    const plan = this.plans.get(id)
    if (!plan) return { error: 'RECORD_NOT_FOUND' }
    if (plan.version !== version) return { error: 'VERSION_CONFLICT' }
    const to = target(plan, move)
    if (to === undefined) return { error: 'INVALID_TRANSITION' }
    if (move === 'revert' && plan.reversionCount === 3) return { error: 'REVERSION_LIMIT' }
    const moved = {
      ...plan,
      place: to,
      version: version + 1,
      attempt: plan.attempt + (move === 'retry' ? 1 : 0),
      reversionCount: plan.reversionCount + (move === 'revert' ? 1 : 0),
      error: move === 'fail' ? 'failed' : move === 'retry' || move === 'revert' ? null : plan.error,
      cancelReason: move === 'cancel' ? 'over' : plan.cancelReason,
    }
    this.#put(moved)
    this.#note(move, id)
    if (move === 'revert') this.#cancelBelow(id, 'wrong')
    return { value: moved }
  }

  #cancelBelow(id: string, reason: string): void {
    for (const [below] of this.tree(id).slice(1)) {
      const plan = this.plans.get(below)
      if (!plan || isFinal(plan)) continue
      this.move(below, 'cancel', plan.version)
      this.#put({ ...(this.plans.get(below) as ModelPlan), cancelReason: reason })
    }
  }

  cancelTree(id: string, version: number): PlanAnswer {
    const cancelled = this.move(id, 'cancel', version)
    if ('error' in cancelled) return cancelled
    this.#cancelBelow(id, 'over')
    return cancelled
  }

  delete(id: string, tree: boolean): PlanAnswer {
    if (!this.plans.has(id)) return { value: false }
    const gone = new Set(this.tree(id).map(([below]) => below))
    if (gone.size > 1 && !tree) return { error: 'PLAN_HAS_CHILDREN' }
    this.plans = new Map([...this.plans].filter(([planId]) => !gone.has(planId)))
    gone.delete(id)
    for (const each of [id, ...[...gone].sort()]) this.#note('delete', each)
    return { value: true }
  }

  list(filter: PlanFilter): readonly ModelPlan[] {
    const { name, phase, state, ...equal } = filter
    const pattern = name?.replaceAll('*', '.*').replaceAll('?', '.')
    return [...this.plans.values()]
      .filter((plan) => phase === undefined || plan.place.startsWith(`${String(phase)}/`))
      .filter((plan) => state === undefined || plan.place.endsWith(`/${String(state)}`))
      .filter((plan) => pattern === undefined || new RegExp(`^${pattern}$`).test(plan.name ?? '\n'))
      .filter((plan) =>
        Object.entries(equal).every(
          ([field, value]) => value === undefined || plan[field as 'planId'] === value,
        ),
      )
      .sort(byCreation)
  }

  /** Ids with their levels, each plan before what is below it. */
  tree(id: string): readonly (readonly [id: string, level: number])[] {
    const visit = (planId: string, level: number): (readonly [string, number])[] => [
      [planId, level],
      ...this.list({ parentPlanId: planId }).flatMap((child) => visit(child.planId, level + 1)),
    ]
    return this.plans.has(id) ? visit(id, 1) : []
  }

  ancestors(id: string): readonly string[] {
    const parent = this.plans.get(id)?.parentPlanId ?? null
    return parent === null ? [] : [parent, ...this.ancestors(parent)]
  }

  #put(plan: ModelPlan): void {
    this.plans = new Map(this.plans).set(plan.planId, plan)
  }

  #note(verb: string, id: string): void {
    this.trail = [...this.trail, `plan:${verb} ${id}`]
  }

  #hasName(name: string | null): boolean {
    return name !== null && [...this.plans.values()].some((plan) => plan.name === name)
  }
}

/** Where plans begin that are not taken over. */
export function isBeginning({ place, reversionCount }: Pick<ModelPlan, 'place' | 'reversionCount'>): boolean {
  return place === 'action/queued' && reversionCount === 0
}

/** A plan of the store as the model knows it. */
export function known(plan: Plan): ModelPlan {
  const { planId, parentPlanId, rootPlanId, name, description, version, attempt, reversionCount } = plan
  return {
    ...{ planId, parentPlanId, rootPlanId, name, description, version, attempt, reversionCount },
    place: `${plan.phase}/${plan.state}`,
    error: plan.error?.message ?? null,
    cancelReason: plan.cancelReason,
    createdAt: plan.createdAt.getTime(),
  }
}

function target(plan: ModelPlan, move: PlanMove): string | undefined {
  if (move !== 'cancel') return leads[move][plan.place]
  return isFinal(plan) ? undefined : `${plan.place.split('/')[0]}/cancelled`
}

function isFinal({ place }: ModelPlan): boolean {
  return place.endsWith('/applied') || place.endsWith('/cancelled')
}

function byCreation(a: ModelPlan, b: ModelPlan): number {
  return a.createdAt - b.createdAt || (a.planId < b.planId ? -1 : 1)
}
