// What a database refuses a row for, in the same words whichever it is. Which code of an engine means which is its errors.ts's business.

import { ConstraintViolationError, QueryError } from '../errors.ts'

export interface Refusal {
  readonly constraint: string
  readonly message: string
}

export const refusals = {
  foreignKey: {
    constraint: 'foreign key',
    message: 'the row refers to one that does not exist, or others refer to it; check the ids it names',
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

/** Of several hosts none accepts writes: one of them will, once it has been made the one to write to. */
export function noHostWrites(cause: unknown): QueryError {
  return new QueryError(
    'every host that answers is read-only; nothing was written. Repeat it once one of them accepts writes',
    { cause, retryable: true },
  )
}
