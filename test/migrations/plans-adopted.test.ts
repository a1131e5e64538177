// What every kind of value in an ancestor's plans becomes, and what is kept of it: one row a case, the stored value and the
// finding of it side by side.

import { describe, expect, test } from 'vitest'
import { sound, soundness, withDatabase } from '../fixtures/database-content.ts'
import { type AncestorOptions, makeAncestor } from '../fixtures/legacy.ts'
import { planId } from '../fixtures/legacy-rows.ts'
import { migrateFile, withBackend } from '../fixtures/migrated.ts'
import { scratchFile } from '../fixtures/scratch.ts'

interface Finding {
  readonly row_id: string
  readonly column_name: string
  readonly problem: string
  readonly original_value: unknown
}
type Plan = Readonly<Record<string, unknown>>

/** Adopts a database in which the statements were run, and gives a plan (the second, a child, unless told) with its findings. */
async function adopted(statements: readonly string[], index = 1, options: AncestorOptions = { plans: 20 }) {
  const path = makeAncestor(scratchFile(), {
    ...options,
    afterwards: ['PRAGMA foreign_keys = off', 'PRAGMA ignore_check_constraints = on', ...statements],
  })
  await migrateFile(path)
  expect(soundness(path)).toEqual(sound)
  return withDatabase(path, (handle) => ({
    path,
    plan: handle.prepare('SELECT * FROM plans WHERE plan_id = ?').get(planId(index)) as Plan,
    findings: handle
      .prepare(
        "SELECT row_id, column_name, problem, original_value FROM purser_findings WHERE row_id = ? OR table_name <> 'plans' ORDER BY id",
      )
      .all(planId(index)) as Finding[],
    all: (sql: string) =>
      withDatabase(path, (again) => again.prepare(sql).all()) as Record<string, unknown>[],
  }))
}

const quote = (value: string | null) => (value === null ? 'NULL' : `'${value.replaceAll("'", "''")}'`)
const set = (column: string, value: string | null) =>
  `UPDATE v3_plans SET ${column} = ${quote(value)} WHERE plan_id = '${planId(1)}'`

describe('a profile', () => {
  const readable: readonly (readonly [string | null, string, string])[] = [
    [null, 'balanced', 'global'],
    ['', 'balanced', 'global'],
    [' \t\n\u00a0', 'balanced', 'global'],
    ['balanced', 'balanced', 'global'],
    ['  nightly-only ', 'nightly-only', 'global'],
    ['"made-up/careful"', 'made-up/careful', 'global'],
    ['"quoted \\"twice\\""', 'quoted "twice"', 'global'],
    ['{"profile_name": "bold", "provenance": "plan"}', 'bold', 'plan'],
    ['{"provenance":"action","profile_name":"b\\u00f6ld","extra":{"deep":[1]}}', 'böld', 'action'],
    ['{"profile_name": "bold", "provenance": "project"}', 'bold', 'project'],
    ['{"profile_name": "balanced", "provenance": "global"}', 'balanced', 'global'],
    ['x'.repeat(255), 'x'.repeat(255), 'global'],
    ['NaN', 'NaN', 'global'],
    ['航海 ⚓', '航海 ⚓', 'global'],
  ]
  test.each(readable)('%j is %s from %s', async (text, name, provenance) => {
    const { plan, findings } = await adopted([set('automation_profile', text)])
    expect([plan.automation_profile_name, plan.automation_profile_provenance]).toEqual([name, provenance])
    expect(plan.effective_profile_snapshot).toBe('{}')
    expect(findings).toEqual([])
  })

  const unreadable: readonly string[] = [
    'null',
    '42',
    'true',
    '[]',
    '""',
    '" "',
    '{}',
    '{"profile_name": "bold"',
    '{"profile_name": "bold"}',
    '{"provenance": "plan"}',
    '{"profile_name": "", "provenance": "plan"}',
    '{"profile_name": 3, "provenance": "plan"}',
    '{"profile_name": "bold", "provenance": "nowhere"}',
    '{"profile_name": "bold", "provenance": null}',
    '"bold',
    '[bold',
    ' {bold',
    'two\nlines',
    'bell\u0007',
    'x'.repeat(256),
    '['.repeat(20_000),
    '['.repeat(20_000) + ']'.repeat(20_000),
    `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`,
  ]
  test.each(unreadable.map((text) => [text.slice(0, 60), text] as const))(
    '%j cannot be read, and is kept whole',
    async (_, text) => {
      const { plan, findings } = await adopted([set('automation_profile', text)])
      expect([plan.automation_profile_name, plan.automation_profile_provenance]).toEqual([
        'balanced',
        'global',
      ])
      expect(findings).toEqual([
        {
          row_id: planId(1),
          column_name: 'automation_profile_name',
          problem: 'profile-unreadable',
          original_value: text,
        },
      ])
    },
  )
})

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

describe('the time of completion', () => {
  const at = '2024-02-01T10:00:00+00:00'
  test.each([
    [at, at, []],
    [at, '2024-02-01T18:00:00+08:00', []],
    [at, null, []],
    [null, null, []],
    [at, '2024-02-01T10:00:01+00:00', ['2024-02-01T10:00:01+00:00']],
    [null, at, [at]],
    [null, 'never', ['never']],
  ])('applied at %s, completed at %s', async (appliedAt, completedAt, kept) => {
    const { findings } = await adopted([set('applied_at', appliedAt), set('completed_at', completedAt)])
    expect(findings).toEqual(
      kept.map((original_value) => ({
        row_id: planId(1),
        column_name: 'completed_at',
        problem: 'completed-at-differs',
        original_value,
      })),
    )
  })
})

describe('a name', () => {
  test('is the name of a root, and stands in the metadata of a child', async () => {
    const { all } = await adopted([])
    expect(all(`SELECT name, metadata FROM plans WHERE plan_id IN ('${planId(0)}', '${planId(1)}')`)).toEqual(
      [
        { name: 'made-up/plan-0', metadata: '{}' },
        { name: null, metadata: '{"legacyName":"made-up/plan-1"}' },
      ],
    )
  })

  test('that several roots have stays with the first; the later ones get a suffix that nobody has', async () => {
    const rename = (index: number, name: string, created: string) =>
      `UPDATE v3_plans SET namespaced_name = '${name}', created_at = '${created}' WHERE plan_id = '${planId(index)}'`
    const { all } = await adopted(
      [
        rename(0, 'made-up/twin', '2024-03-01T00:00:00+00:00'),
        // The same moment as the next, so its id decides.
        rename(10, 'made-up/twin', '2024-01-01T08:00:00+08:00'),
        rename(20, 'made-up/twin', '2024-01-01T00:00:00+00:00'),
        rename(30, 'made-up/twin-3', '2024-05-01T00:00:00+00:00'),
        // A child may have any name.
        rename(31, 'made-up/twin', '2020-01-01T00:00:00+00:00'),
      ],
      0,
      { plans: 40 },
    )
    expect(
      all("SELECT plan_id, name FROM plans WHERE name LIKE 'made-up/twin%' ORDER BY plan_id").map((row) => [
        row.plan_id,
        row.name,
      ]),
    ).toEqual([
      [planId(0), `made-up/twin-${planId(0)}`],
      [planId(10), 'made-up/twin'],
      [planId(20), 'made-up/twin-2'],
      [planId(30), 'made-up/twin-3'],
    ])
    expect(
      all(
        "SELECT row_id, column_name, original_value FROM purser_findings WHERE problem = 'name-repeated' ORDER BY row_id",
      ),
    ).toEqual([
      { row_id: planId(0), column_name: 'name', original_value: 'made-up/twin' },
      { row_id: planId(20), column_name: 'name', original_value: 'made-up/twin' },
    ])
  })
})

test('rows of the child tables are lists in their order, and what is wrong with one is found', async () => {
  const id = planId(1)
  const { plan, findings, path, all } = await adopted([
    'DELETE FROM plan_projects',
    'DELETE FROM plan_arguments',
    'DELETE FROM plan_invariants',
    `INSERT INTO plan_projects VALUES ('${id}', 'z-first', 'main', 1), ('${id}', 'a-second', 'main', 0), ('${id}', 'third', ' ', 0), ('${id}', 'fourth', NULL, 0)`,
    `INSERT INTO plan_arguments VALUES ('${id}', 'late', '{ "a" : [1.50, null] }', 7), ('${id}', 'b', '"x"', 3), ('${id}', 'a', '{', 3)`,
    `INSERT INTO plan_invariants VALUES (8, '${id}', 'second', 'nobody', 2), (9, '${id}', 'first', 'project', 1)`,
    "INSERT INTO plan_projects VALUES ('gone', 'p', NULL, 1)",
    "INSERT INTO plan_invariants VALUES (10, 'gone', 'text', 'plan', 0)",
  ])
  expect(JSON.parse(String(plan.projects))).toEqual([
    { name: 'z-first', alias: 'main', readOnly: true },
    { name: 'a-second', alias: null, readOnly: false },
    { name: 'third', alias: null, readOnly: false },
    { name: 'fourth', alias: null, readOnly: false },
  ])
  expect(JSON.parse(String(plan.arguments))).toEqual([
    { name: 'a', value: null },
    { name: 'b', value: 'x' },
    { name: 'late', value: { a: [1.5, null] } },
  ])
  expect(JSON.parse(String(plan.invariants))).toEqual([
    { text: 'first', source: 'project' },
    { text: 'second', source: 'global' },
  ])
  expect(
    findings.map(({ column_name, problem, original_value }) => [column_name, problem, original_value]).sort(),
  ).toEqual([
    ['arguments', 'json-unreadable', '{'],
    ['invariants', 'word-unknown', 'nobody'],
    ['projects', 'alias-repeated', ' '],
    ['projects', 'alias-repeated', 'main'],
  ])
  const missing = all(
    "SELECT column_name, original_value FROM purser_findings WHERE row_id = 'gone' ORDER BY id",
  )
  expect(missing.map((row) => [row.column_name, JSON.parse(String(row.original_value))])).toEqual([
    ['projects', { plan_id: 'gone', project_name: 'p', alias: null, read_only: 1 }],
    ['invariants', { id: 10, plan_id: 'gone', invariant_text: 'text', source: 'plan', position: 0 }],
  ])
  await withBackend(path, async (store) => {
    expect((await store.plans.get(id))?.arguments).toEqual([
      { name: 'a', value: null },
      { name: 'b', value: 'x' },
      { name: 'late', value: { a: [1.5, null] } },
    ])
  })
})

test('actions lose the parts of their name, and keep the rest', async () => {
  const { findings, all } = await adopted([
    "UPDATE actions SET state = 'retired', created_at = 'once', definition_of_done = 'done' WHERE namespaced_name = 'made-up/action-1'",
  ])
  expect(all("SELECT * FROM actions WHERE name = 'made-up/action-1'")).toEqual([
    expect.objectContaining({
      state: 'available',
      created_at: epoch,
      definition_of_done: 'done',
      version: 1,
    }),
  ])
  expect(findings).toEqual([
    {
      row_id: 'made-up/action-1',
      column_name: 'created_at',
      problem: 'time-unreadable',
      original_value: 'once',
    },
    { row_id: 'made-up/action-1', column_name: 'state', problem: 'word-unknown', original_value: 'retired' },
  ])
})

test('what nobody knows of an adopted plan is not made up', async () => {
  const { plan } = await adopted([set('processing_state', 'cancelled')])
  expect(plan).toMatchObject({
    state: 'cancelled',
    cancelled_at: null,
    cancel_reason: null,
    effective_profile_snapshot: '{}',
    last_checkpoint_id: null,
    reversion_count: 0,
    last_completed_step: -1,
    version: 1,
  })
})
