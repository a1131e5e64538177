// What a server answers when it refuses, as the errors that the library itself throws. Codes that
// only a server has are RequestFailedErrors.

import * as errors from '../errors.ts'
import type { Problem } from '../server/answers/problem.ts'
import type { ServerCode } from '../server/answers/problem-codes.ts'

/**
 * The server refused the request itself, or failed: no valid token, a role that may not do this,
 * too many requests, too large a body. What is wrong with records is the library's own error.
 */
export class RequestFailedError extends Error {
  /** UNAUTHENTICATED, FORBIDDEN, RATE_LIMITED and others of docs/server.md. */
  readonly code: ServerCode
  /** The status of the answer. */
  readonly status: number
  /** True if the same request may succeed later unchanged. */
  readonly retryable: boolean
  readonly issues: readonly errors.Issue[]

  constructor({
    code,
    status,
    retryable,
    detail,
    issues,
  }: Pick<Problem, 'status' | 'retryable' | 'detail' | 'issues'> & { readonly code: ServerCode }) {
    super(detail)
    this.name = 'RequestFailedError'
    this.code = code
    this.status = status
    this.retryable = retryable
    this.issues = issues ?? []
  }
}

type ErrorClass = new (...given: never[]) => errors.PersistenceError

const classes: Readonly<Record<errors.ErrorCode, ErrorClass>> = {
  CONNECTION_FAILED: errors.PersistenceConnectionError,
  MIGRATION_FAILED: errors.MigrationError,
  INVALID_RECORD: errors.InvalidRecordError,
  INVALID_TRANSITION: errors.InvalidTransitionError,
  RECORD_NOT_FOUND: errors.RecordNotFoundError,
  DUPLICATE_RECORD: errors.DuplicateRecordError,
  VERSION_CONFLICT: errors.VersionConflictError,
  CONSTRAINT_VIOLATION: errors.ConstraintViolationError,
  CORRUPT_RECORD: errors.CorruptRecordError,
  REVERSION_LIMIT: errors.ReversionLimitError,
  PLAN_ENDED: errors.PlanEndedError,
  PLAN_HAS_CHILDREN: errors.PlanHasChildrenError,
  DECISION_SUPERSEDED: errors.DecisionSupersededError,
  SELF_APPROVAL: errors.SelfApprovalError,
  NOT_REQUESTER: errors.NotRequesterError,
  GATE_CLOSED: errors.GateClosedError,
  PREFLIGHT_FAILED: errors.PreflightError,
  TOOL_DENIED: errors.ToolDeniedError,
  MIXED_CURRENCY: errors.MixedCurrencyError,
  BUDGET_EXCEEDED: errors.BudgetExceededError,
  LEASE_LOST: errors.LeaseLostError,
  TRANSACTION_CONFLICT: errors.TransactionConflictError,
  CHANGES_GONE: errors.ChangesGoneError,
  TRANSFER_FAILED: errors.TransferError,
  TIMEOUT: errors.TimeoutError,
  QUERY_FAILED: errors.QueryError,
}

/** Members of every problem, which are no members of the error. */
const ofProblem: ReadonlySet<string> = new Set(['type', 'title', 'status', 'detail', 'code', 'retryable'])

/** What the answer of a server with this status and body means. */
export function failureOf(status: number, text: string): Error {
  const problem = problemIn(text)
  if (problem === undefined) {
    const message = `the server answered with ${status} and no reason: something between it and this program may have answered in its place; look whether the URL is that of a server of Purser`
    return new errors.PersistenceConnectionError(message, { retryable: status >= 500 })
  }
  const { code, issues } = problem
  if (Object.hasOwn(classes, code)) return libraryError(problem, code as errors.ErrorCode)
  // A request is refused as a whole for what the library would refuse in an argument.
  if (code === 'INVALID_REQUEST' && issues !== undefined) return libraryError(problem, 'INVALID_RECORD')
  return new RequestFailedError({ ...problem, code: code as ServerCode })
}

/**
 * An error of the library with the message and the members of the answer. Its constructor would put
 * together another message, so only that of the base class runs.
 */
function libraryError(problem: Problem, code: errors.ErrorCode): errors.PersistenceError {
  const { detail, retryable } = problem
  const members = Object.entries(problem).filter(([name]) => !ofProblem.has(name))
  const error: errors.PersistenceError = Reflect.construct(
    errors.PersistenceError,
    [code, detail, { retryable }],
    classes[code],
  )
  return Object.assign(error, defaults[code], Object.fromEntries(members), datesOf(problem))
}

/** What a server never tells. */
const defaults: Partial<Readonly<Record<errors.ErrorCode, object>>> = {
  MIGRATION_FAILED: { details: [] },
  TRANSFER_FAILED: { transferred: { stored: 0, unchanged: 0, failed: 0 } },
}

/** Members that are times: the period of a budget. */
function datesOf({ period }: Problem): object {
  if (typeof period !== 'object' || period === null) return {}
  const times = Object.entries(period).map(([name, time]) => [
    name,
    typeof time === 'string' ? new Date(time) : time,
  ])
  return { period: Object.fromEntries(times) }
}

function problemIn(text: string): Problem | undefined {
  try {
    const problem: unknown = JSON.parse(text)
    const { code, detail } = problem as Partial<Problem>
    return typeof code === 'string' && typeof detail === 'string' ? (problem as Problem) : undefined
  } catch {
    return undefined
  }
}
