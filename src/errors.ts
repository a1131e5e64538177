// The closed set of errors that Purser throws. Each has a stable `code`, says whether repeating the
// call can help (`retryable`), and keeps the driver's error as `cause`. Messages say what is wrong
// and what to do next; they never contain record content, statement parameters or passwords.

/** One problem with an input: its path, a stable code, and a sentence. */
export interface Issue {
  /** Keys and indexes from the input's root, for example `['acceptanceCriteria', 0, 'met']`. */
  readonly path: readonly (string | number)[]
  readonly code: string
  readonly message: string
}

/** Every code with its retry advice. The documentation's table is checked against this one. */
export const errorCodes = {
  CONNECTION_FAILED: {
    retryable: true,
    summary: 'The database cannot be reached or opened, or the store is not open.',
  },
  MIGRATION_FAILED: { retryable: false, summary: 'The schema cannot be brought to the wanted version.' },
  INVALID_RECORD: {
    retryable: false,
    summary: 'An input breaks a rule of its record; every issue is listed.',
  },
  INVALID_TRANSITION: {
    retryable: false,
    summary: 'The record is not in a state from which this step is allowed.',
  },
  RECORD_NOT_FOUND: { retryable: false, summary: 'The record to change does not exist.' },
  DUPLICATE_RECORD: { retryable: false, summary: 'A record with this id exists.' },
  VERSION_CONFLICT: {
    retryable: false,
    summary: 'The record has changed since it was read: read it again, then decide.',
  },
  CONSTRAINT_VIOLATION: {
    retryable: false,
    summary: 'The database refused the row, usually a reference to a missing one.',
  },
  CORRUPT_RECORD: { retryable: false, summary: 'A key column of a stored row cannot be read.' },
  REVERSION_LIMIT: { retryable: false, summary: 'A plan has been reverted as often as it may be.' },
  PLAN_HAS_CHILDREN: { retryable: false, summary: 'A plan with children is deleted only as a tree.' },
  MIXED_CURRENCY: { retryable: false, summary: 'A total over more than one currency was asked for.' },
  TRANSACTION_CONFLICT: {
    retryable: true,
    summary: 'The transaction lost against another one and was rolled back.',
  },
  TRANSFER_FAILED: {
    retryable: false,
    summary:
      'A file of records cannot be read to its end, or does not hold what it says; what was stored stays.',
  },
  TIMEOUT: { retryable: true, summary: 'The database did not answer, or did not free a lock, in time.' },
  QUERY_FAILED: { retryable: false, summary: 'Anything else the database or the driver refused.' },
} as const satisfies Record<string, { retryable: boolean; summary: string }>

export type ErrorCode = keyof typeof errorCodes

/**
 * The base class of every error that Purser throws; `instanceof PersistenceError` distinguishes
 * them from all others.
 */
export abstract class PersistenceError extends Error {
  readonly code: ErrorCode
  /** True if the same call may succeed later unchanged. */
  readonly retryable: boolean

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown; retryable?: boolean }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.retryable = options?.retryable ?? errorCodes[code].retryable
  }
}

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
const TOLD_ISSUES = 20

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

export class PlanHasChildrenError extends PersistenceError {
  readonly count: number
  constructor(id: string, count: number) {
    super(
      'PLAN_HAS_CHILDREN',
      `plan ${quoteId(id)} has ${count} children; delete the tree with { tree: true }`,
    )
    this.count = count
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
  const told = issues.slice(0, TOLD_ISSUES).map(describeIssue).join('; ')
  const more = issues.length - TOLD_ISSUES
  return `${subject}: ${told}${more > 0 ? `; and ${more} more` : ''}`
}

/** An id in quotes, truncated if longer than an id may be, with control characters made visible. */
export function quoteId(id: string): string {
  const shown = id.length > 255 ? `${id.slice(0, 255)}…` : id
  return JSON.stringify(shown)
}
