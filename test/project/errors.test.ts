// The closed set of errors: codes, classes, advice and documentation cannot disagree.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import * as errors from '../../src/errors.ts'
import * as index from '../../src/index.ts'

const cause = new Error('of the driver')

/** One of each class, with everything it can be given. */
const samples: Readonly<Record<errors.ErrorCode, errors.PersistenceError>> = {
  CONNECTION_FAILED: new errors.PersistenceConnectionError('no way in', { cause }),
  MIGRATION_FAILED: new errors.MigrationError('not laid out as expected', { cause, details: ['a', 'b'] }),
  INVALID_RECORD: new errors.InvalidRecordError('task', [
    { path: ['title'], code: 'blank', message: 'must not be blank' },
    { path: ['criteria', 0, 'met'], code: 'type', message: 'must be true or false' },
    { path: [], code: 'rule', message: 'must be an object' },
  ]),
  LEASE_LOST: new errors.LeaseLostError('t-1', 'c-1'),
  INVALID_TRANSITION: new errors.InvalidTransitionError('task "t"', 'created', 'completed', ['assigned']),
  RECORD_NOT_FOUND: new errors.RecordNotFoundError('tasks', 't'),
  DUPLICATE_RECORD: new errors.DuplicateRecordError('tasks', 't', { cause }),
  VERSION_CONFLICT: new errors.VersionConflictError('tasks', 't', 1, 2),
  CONSTRAINT_VIOLATION: new errors.ConstraintViolationError('foreign key', 'refers to nothing', { cause }),
  CORRUPT_RECORD: new errors.CorruptRecordError('tasks', 't', 'status'),
  REVERSION_LIMIT: new errors.ReversionLimitError('p', 3),
  PLAN_ENDED: new errors.PlanEndedError('p', 'cancelled'),
  PLAN_HAS_CHILDREN: new errors.PlanHasChildrenError('p', 2),
  BUDGET_EXCEEDED: new errors.BudgetExceededError({
    budget: 'daily',
    limit: '1',
    currency: 'USD',
    spent: '0.9',
    held: '0.05',
    asked: '0.1',
    period: { begin: new Date(0), end: new Date(86_400_000) },
  }),
  DECISION_SUPERSEDED: new errors.DecisionSupersededError('a', 'b'),
  SELF_APPROVAL: new errors.SelfApprovalError('a'),
  GATE_CLOSED: new errors.GateClosedError('a', { step: 'createTool', threshold: 1, confidence: null }),
  PREFLIGHT_FAILED: new errors.PreflightError('a', 'use', [{ rule: 'action', message: 'there is none' }]),
  TOOL_DENIED: new errors.ToolDeniedError('a', 'shell'),
  NOT_REQUESTER: new errors.NotRequesterError('a'),
  MIXED_CURRENCY: new errors.MixedCurrencyError(['EUR', 'USD']),
  TRANSACTION_CONFLICT: new errors.TransactionConflictError('lost', { cause }),
  TRANSFER_FAILED: new errors.TransferError('the file was cut off', {
    cause,
    line: 7,
    transferred: { stored: 5, unchanged: 1, failed: 0 },
  }),
  CHANGES_GONE: new errors.ChangesGoneError(),
  TIMEOUT: new errors.TimeoutError('no answer', { cause }),
  QUERY_FAILED: new errors.QueryError('refused', { cause }),
}

const classes = Object.entries(errors).filter(
  ([name, value]) =>
    typeof value === 'function' && /^[A-Z].*Error$/.test(name) && name !== 'PersistenceError',
)
const documentation = readFileSync(fileURLToPath(new URL('../../docs/errors.md', import.meta.url)), 'utf8')

test('each code has one class, and each class one code', () => {
  expect(Object.keys(samples).sort()).toEqual(Object.keys(errors.errorCodes).sort())
  expect(classes.map(([name]) => name).sort()).toEqual(
    Object.values(samples)
      .map((sample) => sample.constructor.name)
      .sort(),
  )
})

describe.each(Object.entries(samples))('%s', (code, error) => {
  test('is a PersistenceError and an Error, with its code, its name and the advice of the table', () => {
    expect(error).toBeInstanceOf(errors.PersistenceError)
    expect(error).toBeInstanceOf(Error)
    expect(error.code).toBe(code)
    expect(error.name).toBe(error.constructor.name)
    expect(error.retryable).toBe(errors.errorCodes[code as errors.ErrorCode].retryable)
    expect(error.stack).toContain(`${error.name}: `)
  })

  test('has a sentence for a message, without a full stop at the end', () => {
    expect(error.message.length).toBeGreaterThan(3)
    expect(error.message).not.toMatch(/[.\n]$/)
    expect(error.message).not.toMatch(/undefined|\[object|NaN/)
  })

  test('keeps a cause that was given, and has none otherwise', () => {
    if (error.cause === undefined) expect(Object.hasOwn(error, 'cause')).toBe(false)
    else expect(error.cause).toBe(cause)
  })

  test('is documented and exported', () => {
    expect(documentation).toContain(`| \`${code}\` | \`${error.name}\` | ${error.retryable ? 'yes' : 'no'} |`)
    expect(Object.keys(index)).toContain(error.name)
  })
})

test('the advice of a connection or query error can be given for the case at hand', () => {
  expect(new errors.PersistenceConnectionError('x', { retryable: false }).retryable).toBe(false)
  expect(new errors.QueryError('x', { retryable: true }).retryable).toBe(true)
})

test('the root cannot be made by itself: every error has a class that says what it is', () => {
  expect(Object.getPrototypeOf(errors.QueryError)).toBe(errors.PersistenceError)
  for (const [, value] of classes) expect(Object.getPrototypeOf(value)).toBe(errors.PersistenceError)
})

test('what the classes carry', () => {
  expect(samples.MIGRATION_FAILED).toMatchObject({ details: ['a', 'b'] })
  expect(new errors.MigrationError('x').details).toEqual([])
  expect(samples.INVALID_RECORD.message).toBe(
    'task: title: must not be blank; criteria.0.met: must be true or false; must be an object',
  )
  expect(samples.INVALID_TRANSITION).toMatchObject({
    from: 'created',
    to: 'completed',
    allowed: ['assigned'],
  })
  expect(new errors.InvalidTransitionError('x', 'a', 'b', []).message).toContain('it is final')
  expect(samples.RECORD_NOT_FOUND).toMatchObject({ table: 'tasks', id: 't' })
  expect(samples.DUPLICATE_RECORD).toMatchObject({ table: 'tasks', id: 't' })
  expect(samples.VERSION_CONFLICT).toMatchObject({ expected: 1, actual: 2 })
  expect(samples.CONSTRAINT_VIOLATION).toMatchObject({ constraint: 'foreign key' })
  expect(samples.CORRUPT_RECORD).toMatchObject({ table: 'tasks', id: 't', column: 'status' })
  expect(samples.REVERSION_LIMIT).toMatchObject({ limit: 3 })
  expect(samples.PLAN_HAS_CHILDREN).toMatchObject({ count: 2 })
  expect(samples.MIXED_CURRENCY).toMatchObject({ currencies: ['EUR', 'USD'] })
})

test.each([
  { id: 'plain', shown: '"plain"' },
  { id: 'with "quotes" and\nlines', shown: '"with \\"quotes\\" and\\nlines"' },
  { id: '\u001b[31mred', shown: '"\\u001b[31mred"' },
  { id: '\u0000', shown: '"\\u0000"' },
  { id: 'x'.repeat(300), shown: `"${'x'.repeat(255)}…"` },
])('an id in a message cannot break a line or a terminal: $shown', ({ id, shown }) => {
  expect(errors.quoteId(id)).toBe(shown)
  expect(new errors.RecordNotFoundError('tasks', id).message).toBe(`no row of tasks has the id ${shown}`)
})

test('a message tells of twenty things that are wrong, and how many more there are; the list has all', () => {
  const issues = Array.from({ length: 5000 }, (_, index) => ({
    path: ['list', index],
    code: 'type',
    message: 'is wrong',
  }))
  const { message, issues: all } = new errors.InvalidRecordError('task', issues)
  expect(message).toMatch(/^task: list\.0: is wrong; .*list\.19: is wrong; and 4980 more$/)
  expect(all).toEqual(issues)
})
