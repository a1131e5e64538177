// The closed set of errors that Purser throws. Each has a stable `code`, says whether repeating the
// call can help (`retryable`), and keeps the driver's error as `cause`. Messages say what is wrong
// and what to do next; they never contain record content, statement parameters or passwords.
// Those of plans are in values/plan-errors.ts.

import { type Issue, PersistenceError, quoteId } from './values/base-error.ts'

export { type Issue, PersistenceError, quoteId } from './values/base-error.ts'
export { type ErrorCode, errorCodes } from './values/error-codes.ts'
export * from './values/plan-errors.ts'

/**
 * The database cannot be opened or reached, the configuration is invalid, or the store is not
 * connected.
 */
export class PersistenceConnectionError extends PersistenceError {
  constructor(message: string, options?: { cause?: unknown; retryable?: boolean }) {
    super('CONNECTION_FAILED', message, options)
  }
}

/** The schema could not be migrated, or does not fit this build. The database keeps its version. */
export class MigrationError extends PersistenceError {
  /**
   * One line per reason: differences of a layout, ids of a cycle, what a down migration would lose.
   */
  readonly details: readonly string[]
  constructor(message: string, options?: { cause?: unknown; details?: readonly string[] }) {
    super('MIGRATION_FAILED', message, options)
    this.details = options?.details ?? []
  }
}

/** The most problems in a message; the list has all of them. */
const NAMED_ISSUES = 20

/**
 * An input violates a rule. `issues` has every violation, the message the first ones; content of
 * the input is never repeated.
 */
export class InvalidRecordError extends PersistenceError {
  readonly issues: readonly Issue[]
  constructor(subject: string, issues: readonly Issue[]) {
    super('INVALID_RECORD', describeIssues(subject, issues))
    this.issues = issues
  }
}

/**
 * The move is not allowed from the record's current state. `allowed` lists the states it may move
 * to.
 */
export class InvalidTransitionError extends PersistenceError {
  readonly from: string
  readonly to: string
  readonly allowed: readonly string[]
  constructor(subject: string, from: string, to: string, allowed: readonly string[]) {
    const may = allowed.length === 0 ? 'it is final' : `allowed from there: ${allowed.join(', ')}`
    super('INVALID_TRANSITION', `${subject} cannot go from ${from} to ${to}; ${may}`)
    this.from = from
    this.to = to
    this.allowed = allowed
  }
}

export class RecordNotFoundError extends PersistenceError {
  readonly table: string
  readonly id: string
  constructor(table: string, id: string) {
    super('RECORD_NOT_FOUND', `no row of ${table} has the id ${quoteId(id)}`)
    this.table = table
    this.id = id
  }
}

export class DuplicateRecordError extends PersistenceError {
  readonly table: string
  readonly id: string
  /**
   * Names of the fields that differ from the existing record, if a repeated call was compared with
   * it.
   */
  readonly fields: readonly string[]
  /** @param options `column` is what is taken, if it is not the id: `id` is its value then */
  constructor(
    table: string,
    id: string,
    options: { cause?: unknown; column?: string; fields?: readonly string[] } = {},
  ) {
    const { column = 'id', fields = [] } = options
    const differing = fields.length === 0 ? '' : `, which differs in ${fields.join(', ')}`
    super(
      'DUPLICATE_RECORD',
      `${table} already has a row with the ${column} ${quoteId(id)}${differing}; nothing was written`,
      options,
    )
    this.table = table
    this.id = id
    this.fields = fields
  }
}

/**
 * The record is at version `actual`; the change was based on `expected`. Read the record again
 * before deciding.
 */
export class VersionConflictError extends PersistenceError {
  readonly expected: number
  readonly actual: number
  constructor(table: string, id: string, expected: number, actual: number) {
    super(
      'VERSION_CONFLICT',
      `${quoteId(id)} in ${table} is at version ${actual}, the change was based on ${expected}; read it again`,
    )
    this.expected = expected
    this.actual = actual
  }
}

/**
 * Changes after the position were trimmed, or the database was put back to an earlier state. What
 * is built on the feed has to be built anew: take `changes.head()`, read the lists, and follow from
 * there.
 */
export class ChangesGoneError extends PersistenceError {
  constructor() {
    super(
      'CHANGES_GONE',
      'the changes after this position are gone: they were older than the store keeps them, or the database was put back to an earlier state. Take a position from head, read the lists anew, and follow from there',
    )
  }
}

/** The database refused the row. `constraint` names the rule, if the engine reports it. */
export class ConstraintViolationError extends PersistenceError {
  readonly constraint: string
  /**
   * With `foreign key`: the fields that refer to something nonexistent; if there are several, at
   * least one of them does.
   */
  readonly fields: readonly string[]
  constructor(
    constraint: string,
    message: string,
    options: { cause?: unknown; fields?: readonly string[] } = {},
  ) {
    super('CONSTRAINT_VIOLATION', message, options)
    this.constraint = constraint
    this.fields = options.fields ?? []
  }
}

/** A key column (id, enum, time) of a stored row cannot be read. The row is left unchanged. */
export class CorruptRecordError extends PersistenceError {
  readonly table: string
  readonly id: string
  readonly column: string
  constructor(table: string, id: string, column: string) {
    super(
      'CORRUPT_RECORD',
      `the row ${quoteId(id)} of ${table} cannot be read: its column ${column} holds no valid value; the row was left as it is`,
    )
    this.table = table
    this.id = id
    this.column = column
  }
}

/**
 * Who asked for an approval may not decide it: another actor has to (`store.as(…)`), unless the
 * configuration says otherwise (`selfApproval`).
 */
export class SelfApprovalError extends PersistenceError {
  readonly id: string
  constructor(id: string) {
    super(
      'SELF_APPROVAL',
      `the approval ${quoteId(id)} was asked for by the same actor; another one has to decide it, or the configuration has to say selfApproval: true`,
    )
    this.id = id
  }
}

/** Only who asked for an approval may withdraw it; another actor may reject it. */
export class NotRequesterError extends PersistenceError {
  readonly id: string
  constructor(id: string) {
    super(
      'NOT_REQUESTER',
      `the approval ${quoteId(id)} was asked for by another actor, and only that one may withdraw it; reject it instead`,
    )
    this.id = id
  }
}

/** A total would add amounts in several currencies. Filter by one, or group by `currency`. */
export class MixedCurrencyError extends PersistenceError {
  readonly currencies: readonly string[]
  constructor(currencies: readonly string[]) {
    super(
      'MIXED_CURRENCY',
      `the records are in ${currencies.join(' and ')}; filter by one currency, or group by currency`,
    )
    this.currencies = currencies
  }
}

/**
 * A reservation asks for more than a budget has left. Of several such budgets, this is the one with
 * the least left. Nothing is held.
 */
export class BudgetExceededError extends PersistenceError {
  /** The name of the budget. */
  declare readonly budget: string
  /** What may be spent in the period, as a decimal string, like every amount here. */
  declare readonly limit: string
  /** Of the amounts; `tokens` for a guard of a frozen profile that limits tokens. */
  declare readonly currency: string
  /** The sum of the costs of the period. */
  declare readonly spent: string
  /** What live reservations hold. */
  declare readonly held: string
  /** The estimate of the refused reservation. */
  declare readonly asked: string
  /** From `begin`, included, to `end`, excluded; both null for a budget of all time. */
  declare readonly period: { readonly begin: Date | null; readonly end: Date | null }
  constructor(
    exceeded: Omit<BudgetExceededError, keyof PersistenceError>,
    advice = 'wait until reservations end or the next period begins, ask for less, or raise its limit',
  ) {
    super(
      'BUDGET_EXCEEDED',
      `the budget ${quoteId(exceeded.budget)} has less left than was asked for: ${describeBudget(exceeded)}; ${advice}`,
    )
    Object.assign(this, exceeded)
  }
}

/** `limit 25 USD in total, spent 20.5 USD, held 4 USD, asked 0.6 USD`; of tokens none are asked. */
function describeBudget(exceeded: Omit<BudgetExceededError, keyof PersistenceError>): string {
  const { limit, spent, held, asked, currency, period } = exceeded
  const { begin, end } = period
  const range = begin && end ? `from ${begin.toISOString()} to ${end.toISOString()}` : 'in total'
  const amounts = { spent, ...(currency === 'tokens' ? {} : { held, asked }) }
  const named = Object.entries(amounts).map(([name, amount]) => `, ${name} ${amount} ${currency}`)
  return `limit ${limit} ${currency} ${range}${named.join('')}`
}

/**
 * The task is not in progress under this claim: its lease has expired, it was taken back, claimed
 * by another worker, moved or deleted by a person, or it was completed, failed or released. Nothing
 * was changed. Stop working on it.
 */
export class LeaseLostError extends PersistenceError {
  /** The task. */
  readonly id: string
  /** The claim that was given. */
  readonly claimId: string
  constructor(id: string, claimId: string) {
    super(
      'LEASE_LOST',
      `the task ${quoteId(id)} is not in progress under the claim that was given, or its lease has expired; nothing was changed, stop working on it`,
    )
    this.id = id
    this.claimId = claimId
  }
}

/**
 * The transaction conflicted with a concurrent one and was rolled back completely; retrying the
 * same work may succeed.
 */
export class TransactionConflictError extends PersistenceError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('TRANSACTION_CONFLICT', message, options)
  }
}

/** What a transfer has done with records so far. */
export interface Transferred {
  readonly stored: number
  /** Records that already existed, equal in every field. */
  readonly unchanged: number
  readonly failed: number
}

/**
 * A transfer of records failed before its end. Records that `transferred` counts as stored remain
 * stored; after the cause is fixed, the same call resumes from there.
 */
export class TransferError extends PersistenceError {
  /** The line of the file at fault, from 1; undefined if it is not a single line. */
  readonly line: number | undefined
  /** The progress so far. */
  readonly transferred: Transferred
  constructor(
    message: string,
    options: {
      readonly line?: number | undefined
      readonly transferred?: Transferred | undefined
      readonly cause?: unknown
    } = {},
  ) {
    super('TRANSFER_FAILED', message, options)
    this.line = options.line
    this.transferred = options.transferred ?? { stored: 0, unchanged: 0, failed: 0 }
  }
}

export class TimeoutError extends PersistenceError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('TIMEOUT', message, options)
  }
}

/**
 * Anything else: a full disk, a damaged file, a statement that the database refuses, misuse of a
 * transaction.
 */
export class QueryError extends PersistenceError {
  constructor(message: string, options?: { cause?: unknown; retryable?: boolean }) {
    super('QUERY_FAILED', message, options)
  }
}

/** `path: message`, the form of issues in messages and on a terminal. */
export function describeIssue(issue: Issue): string {
  return issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`
}

/** What is wrong with a subject, in one sentence of bounded length. */
export function describeIssues(subject: string, issues: readonly Issue[]): string {
  const named = issues.slice(0, NAMED_ISSUES).map(describeIssue).join('; ')
  const more = issues.length - NAMED_ISSUES
  return `${subject}: ${named}${more > 0 ? `; and ${more} more` : ''}`
}
