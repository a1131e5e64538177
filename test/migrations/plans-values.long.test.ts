// What every kind of value in an ancestor's plans becomes: one row a case, the stored value and the
// finding of it side by side.

import { describe, expect, test } from 'vitest'
import { adopted, type Plan, set } from '../support/adopted-plan.ts'
import { planId } from '../support/legacy-rows.ts'
import { withBackend } from '../support/migrated.ts'

interface ValueCase {
  readonly column: string
  readonly value: string
  readonly becomes: Plan
  readonly finding?: readonly [column: string, problem: string]
}

const epoch = '1970-01-01T00:00:00.000Z'
const values: Readonly<Record<string, ValueCase>> = {
  'a time to the second': {
    column: 'created_at',
    value: '2023-08-25T07:23:41+00:00',
    becomes: { created_at: '2023-08-25T07:23:41.000Z' },
  },
  'a time to the microsecond': {
    column: 'applied_at',
    value: '2023-08-25T07:23:41.999999+00:00',
    becomes: { applied_at: '2023-08-25T07:23:41.999Z' },
  },
  'a time in another zone': {
    column: 'updated_at',
    value: '2024-02-29T23:30:00-05:30',
    becomes: { updated_at: '2024-03-01T05:00:00.000Z' },
  },
  'the last day of a short month': {
    column: 'strategize_completed_at',
    value: '2024-04-30T23:59:59+00:00',
    becomes: { strategize_completed_at: '2024-04-30T23:59:59.000Z' },
  },
  'a day that no month has': {
    column: 'updated_at',
    value: '2023-02-29T00:00:00+00:00',
    becomes: { updated_at: epoch },
    finding: ['updated_at', 'time-unreadable'],
  },
  'an hour that no day has': {
    column: 'apply_started_at',
    value: '2023-02-28T24:00:00+00:00',
    becomes: { apply_started_at: null },
    finding: ['apply_started_at', 'time-unreadable'],
  },
  'a year too early': {
    column: 'created_at',
    value: '0999-01-01T00:00:00+00:00',
    becomes: { created_at: epoch },
    finding: ['created_at', 'time-unreadable'],
  },
  'a time without an offset': {
    column: 'execute_started_at',
    value: '2024-02-01 10:00:00.5',
    becomes: { execute_started_at: '2024-02-01T10:00:00.500Z' },
    finding: ['execute_started_at', 'time-without-offset'],
  },
  'a list that is none': {
    column: 'sandbox_refs_json',
    value: '{not json',
    becomes: { sandbox_refs: '[]' },
    finding: ['sandbox_refs', 'json-unreadable'],
  },
  'a list of other things': {
    column: 'sandbox_refs_json',
    value: '["a", 1]',
    becomes: { sandbox_refs: '[]' },
    finding: ['sandbox_refs', 'json-wrong-shape'],
  },
  'a list with a blank': {
    column: 'sandbox_refs_json',
    value: '["a", " \\t"]',
    becomes: { sandbox_refs: '[]' },
    finding: ['sandbox_refs', 'json-wrong-shape'],
  },
  'a list as it was written': {
    column: 'sandbox_refs_json',
    value: ' ["a \\u00e9" ,"b"] ',
    becomes: { sandbox_refs: ' ["a \\u00e9" ,"b"] ' },
  },
  'a summary as it was written': {
    column: 'validation_summary_json',
    value: '{"score": 1.50, "n": 12345678901234567890}',
    becomes: { validation_summary: '{"score": 1.50, "n": 12345678901234567890}' },
  },
  'a summary that is a list': {
    column: 'validation_summary_json',
    value: '[1,2]',
    becomes: { validation_summary: null },
    finding: ['validation_summary', 'json-wrong-shape'],
  },
  'a summary cut off': {
    column: 'validation_summary_json',
    value: '[1,2',
    becomes: { validation_summary: null },
    finding: ['validation_summary', 'json-unreadable'],
  },
  'details without a message': {
    column: 'error_details_json',
    value: '{"code": 7}',
    becomes: { error_details: '{"code": 7}', error_message: '' },
  },
  'details that are a text': {
    column: 'error_details_json',
    value: '"just text"',
    becomes: { error_details: null, error_message: null },
    finding: ['error_details', 'json-wrong-shape'],
  },
  'an unknown environment': {
    column: 'execution_environment',
    value: 'moon',
    becomes: { execution_environment: null },
    finding: ['execution_environment', 'word-unknown'],
  },
  'an unknown priority': {
    column: 'execution_env_priority',
    value: 'Override',
    becomes: { execution_env_priority: null },
    finding: ['execution_env_priority', 'word-unknown'],
  },
  'an unknown phase': {
    column: 'phase',
    value: 'dreaming',
    becomes: { phase: 'action' },
    finding: ['phase', 'word-unknown'],
  },
  'an unknown state': {
    column: 'processing_state',
    value: 'asleep',
    becomes: { state: 'errored' },
    finding: ['state', 'word-unknown'],
  },
  'no attempt at all': {
    column: 'attempt',
    value: '0',
    becomes: { attempt: 1 },
    finding: ['attempt', 'number-invalid'],
  },
  'half an attempt': {
    column: 'attempt',
    value: '1.5',
    becomes: { attempt: 1 },
    finding: ['attempt', 'number-invalid'],
  },
  'an attempt in words': {
    column: 'attempt',
    value: 'third',
    becomes: { attempt: 1 },
    finding: ['attempt', 'number-invalid'],
  },
}

describe.each(Object.entries(values))('%s', (_, { column, value, becomes, finding }) => {
  test('becomes what its meaning is, and is kept where it had to be replaced', async () => {
    const { plan, findings, path } = await adopted([set(column, value)])
    expect(plan).toMatchObject(becomes)
    expect(findings).toEqual(
      finding
        ? [{ row_id: planId(1), column_name: finding[0], problem: finding[1], original_value: value }]
        : [],
    )
    await withBackend(path, async (store) => {
      expect(await store.plans.get(planId(1))).toMatchObject({ planId: planId(1), version: 1 })
    })
  })
})
