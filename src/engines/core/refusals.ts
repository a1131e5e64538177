// What a database refuses a row for, in the same words whichever it is. Which code of an engine means which is its errors.ts's business.

import { ConstraintViolationError, type PersistenceError, QueryError, quoteId } from '../../errors.ts'
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

/** @param refusal one of those above, or the engine's own code where it is none of them */
export function refused(refusal: Refusal | string, cause: unknown): ConstraintViolationError {
  const { constraint, message } =
    typeof refusal === 'string' ? { constraint: refusal, message: 'the database refused the row' } : refusal
  return new ConstraintViolationError(constraint, message, { cause })
}

/** What became of one write that was refused for itself. */
export function failedWrite(error: PersistenceError, operation: WriteOperation): WriteOutcome {
  return { kind: 'failed', error: namingReferences(error, operation) }
}

/** An error of a broken reference, with the fields of the write that name something: an engine tells at most a name of a constraint. */
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
    // A row may name itself.
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

/** Of several hosts none accepts writes: one of them will, once it has been made the one to write to. */
export function noHostWrites(cause: unknown): QueryError {
  return new QueryError(
    'every host that answers is read-only; nothing was written. Repeat it once one of them accepts writes',
    { cause, retryable: true },
  )
}
