// The errors of plans: what their moves, trees and rules refuse.

import { PersistenceError, quoteId } from './base-error.ts'

export class ReversionLimitError extends PersistenceError {
  readonly limit: number
  constructor(id: string, limit: number) {
    super(
      'REVERSION_LIMIT',
      `plan ${quoteId(id)} was reverted ${limit} times, which is the most a plan may be`,
    )
    this.limit = limit
  }
}

/** A plan that is applied or cancelled gets no live plan below it. */
export class PlanEndedError extends PersistenceError {
  /** The plan that has ended. */
  readonly id: string
  /** applied or cancelled */
  readonly state: string
  constructor(id: string, state: string) {
    super('PLAN_ENDED', `plan ${quoteId(id)} is ${state}: make the plan below a live one, or as a root`)
    this.id = id
    this.state = state
  }
}

/** A plan is deleted before plans below it, or ended before live ones. */
export class PlanHasChildrenError extends PersistenceError {
  /** How many are directly below it; for an end, how many live ones. */
  readonly count: number
  constructor(id: string, count: number, what: 'delete' | 'end' = 'delete') {
    super(
      'PLAN_HAS_CHILDREN',
      what === 'delete'
        ? `plan ${quoteId(id)} has ${count} children; delete the tree with { tree: true }`
        : `plan ${quoteId(id)} has live plans directly below it (${count}); end them first, or the tree with { tree: true }`,
    )
    this.count = count
  }
}

/**
 * The frozen profile of the plan leaves the step to a human. Ask for it with `plans.proceed`, act
 * as `human:NAME`, or override the rule `gate`.
 */
export class GateClosedError extends PersistenceError {
  /** The step of the profile: `createTool`. */
  readonly step: string
  /** The threshold of the step; null if the plan captured no profile that can be read. */
  readonly threshold: number | null
  /** How sure the caller was; null if it did not say. */
  readonly confidence: number | null
  /** The pending or rejected approval for this plan, step and version, if there is one. */
  readonly approvalId: string | undefined
  constructor(
    id: string,
    gate: {
      readonly step: string
      readonly threshold: number | null
      readonly confidence: number | null
      readonly approvalId?: string | undefined
    },
  ) {
    const { step, threshold, confidence, approvalId } = gate
    const why =
      threshold === null
        ? 'it has no profile that can be read'
        : threshold === 1
          ? 'its profile leaves that to a human'
          : `the confidence has to be at least ${threshold}, ${confidence === null ? 'and none was given' : `it is ${confidence}`}`
    const how =
      approvalId === undefined
        ? 'ask for an approval with proceed, or let a human make the move'
        : `the approval ${quoteId(approvalId)} has to be decided first`
    super('GATE_CLOSED', `plan ${quoteId(id)} may not take the step ${step} by itself: ${why}; ${how}`)
    this.step = step
    this.threshold = threshold
    this.confidence = confidence
    this.approvalId = approvalId
  }
}

/** Something that has to be put right before a plan may move. */
export interface PreflightFinding {
  /** The name of the rule, by which it can be overridden. */
  readonly rule: string
  readonly message: string
}

/** A plan may not move yet. `findings` has everything that is wrong at once. */
export class PreflightError extends PersistenceError {
  /** The rules that are broken, each with what to do. */
  readonly findings: readonly PreflightFinding[]
  constructor(id: string, move: string, findings: readonly PreflightFinding[]) {
    const named = findings.map(({ rule, message }) => `${message} (${rule})`).join('; ')
    super('PREFLIGHT_FAILED', `plan ${quoteId(id)} cannot make the move ${move} yet: ${named}`)
    this.findings = findings.map(({ rule, message }) => ({ rule, message }))
  }
}

/** The frozen profile of a plan denies a tool that was recorded as allowed. Nothing was stored. */
export class ToolDeniedError extends PersistenceError {
  /** The tool, as recorded. */
  readonly tool: string
  constructor(id: string, tool: string) {
    super(
      'TOOL_DENIED',
      `the frozen profile of plan ${quoteId(id)} denies the tool ${quoteId(tool)}; ask plans.mayUse before it is used, and record what it denies as such`,
    )
    this.tool = tool
  }
}

/** The decision does not count any more: another one took its place. Refer to a live one. */
export class DecisionSupersededError extends PersistenceError {
  readonly id: string
  /** The decision that took its place. */
  readonly by: string
  constructor(id: string, by: string) {
    const what = `the decision ${quoteId(id)} was superseded by ${quoteId(by)}`
    super('DECISION_SUPERSEDED', `${what}; read the tree of the plan again, and refer to a live one`)
    this.id = id
    this.by = by
  }
}
