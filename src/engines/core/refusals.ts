// The reasons why a database rejects a row, in the same words for every engine. Each engine's
// errors.ts maps its error codes to these.

import { ConstraintViolationError, type PersistenceError, QueryError, quoteId } from '../../errors.ts'
import { formatMoney, MAX_MONEY } from '../../values/money.ts'
import type { WriteOperation, WriteOutcome } from '../contract/engine.ts'

export interface Refusal {
  readonly constraint: string
  readonly message: string
}

export const refusals = {
  foreignKey: {
    constraint: 'foreign key',
    message: 'a row would name one that is not there, or is named by others; nothing was written',
  },
  notNull: { constraint: 'not null', message: 'a column that must have a value has none' },
  check: { constraint: 'check', message: 'a column holds a value that the table does not allow' },
  range: { constraint: 'range', message: 'a number is outside of what its column holds' },
  unique: { constraint: 'unique', message: 'a value that must be unique is there already' },
  primaryKey: { constraint: 'primary key', message: 'a row with this key is there already' },
  trigger: { constraint: 'trigger', message: 'the database refuses this change' },
} as const satisfies Readonly<Record<string, Refusal>>

/** @param refusal one of the reasons above, or the engine's own code if it is none of them */
export function refused(refusal: Refusal | string, cause: unknown): ConstraintViolationError {
  const { constraint, message } =
    typeof refusal === 'string' ? { constraint: refusal, message: 'the database refused the row' } : refusal
  return new ConstraintViolationError(constraint, message, { cause })
}

/** The outcome of a write that was itself rejected. */
export function failedWrite(error: PersistenceError, operation: WriteOperation): WriteOutcome {
  return { kind: 'failed', error: namingTotals(namingReferences(error, operation), operation) }
}

/**
 * The error for a number out of range, if the row is added to running totals. A value of the row
 * itself that 64 bits do not hold takes them beyond that, too.
 */
function namingTotals(error: PersistenceError, operation: WriteOperation): PersistenceError {
  if (!(error instanceof ConstraintViolationError) || error.constraint !== refusals.range.constraint)
    return error
  if (operation.kind !== 'insert' || operation.shape.totals === undefined) return error
  const { table } = operation.shape
  const most = formatMoney(MAX_MONEY)
  const message = `${table}: with this record a running total of cost or of tokens would pass what 64 bits hold (a cost of ${most}); nothing was written. Pruning does not help, as totals keep what was pruned: record it in another store, or tenant`
  return new ConstraintViolationError(error.constraint, message, { cause: error.cause })
}

/**
 * The error for a broken reference, with the reference fields of the write: an engine reports at
 * most a constraint name.
 */
function namingReferences(error: PersistenceError, operation: WriteOperation): PersistenceError {
  if (!(error instanceof ConstraintViolationError) || error.constraint !== refusals.foreignKey.constraint)
    return error
  if (operation.kind !== 'insert' && operation.kind !== 'compareAndSet') return error
  const { shape } = operation
  const [columns, values, key] =
    operation.kind === 'insert'
      ? [shape.columns, operation.row, operation.row[shape.columns.indexOf(shape.key)]]
      : [operation.columns, operation.values, operation.key]
  const named = shape.references.flatMap(({ column, field, table }) => {
    const value = values[columns.indexOf(column)] ?? null
    // A row may refer to itself.
    return value === null || value === key ? [] : [{ field, value: quoteId(String(value)), table }]
  })
  if (named.length === 0) return error
  const tables = [...new Set(named.map(({ table }) => table))].join(' or ')
  const names = named.map(({ field, value }) => `${shape.table}.${field} ${value}`).join(' or ')
  const message = `${names} names no row of ${tables}: check the id, and the tenant`
  return new ConstraintViolationError(error.constraint, message, {
    cause: error.cause,
    fields: named.map(({ field }) => field),
  })
}

/** None of several hosts accepts writes. One of them will, once it has been promoted. */
export function noHostWrites(cause: unknown): QueryError {
  return new QueryError(
    'every host that answers is read-only; nothing was written. Repeat it once one of them accepts writes',
    { cause, retryable: true },
  )
}
