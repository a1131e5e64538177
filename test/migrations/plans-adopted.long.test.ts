// What becomes of names, times of completion, child rows and actions of an ancestor's plans, and
// what is kept of them.

import { describe, expect, test } from 'vitest'
import { adopted, set } from '../support/adopted-plan.ts'
import { planId } from '../support/legacy-rows.ts'
import { withBackend } from '../support/migrated.ts'

const epoch = '1970-01-01T00:00:00.000Z'

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
        // Neither the next number nor its own id is free for this one.
        rename(40, 'made-up/twin', '2024-06-01T00:00:00+00:00'),
        rename(50, 'made-up/twin-4', '2024-06-01T00:00:00+00:00'),
        rename(60, `made-up/twin-${planId(40)}`, '2024-06-01T00:00:00+00:00'),
        // A child may have any name.
        rename(31, 'made-up/twin', '2020-01-01T00:00:00+00:00'),
      ],
      0,
      { plans: 70 },
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
      [planId(40), `made-up/twin-${planId(40)}-4`],
      [planId(50), 'made-up/twin-4'],
      [planId(60), `made-up/twin-${planId(40)}`],
    ])
    expect(
      all(
        "SELECT row_id, column_name, original_value FROM purser_findings WHERE problem = 'name-repeated' ORDER BY row_id",
      ),
    ).toEqual([
      { row_id: planId(0), column_name: 'name', original_value: 'made-up/twin' },
      { row_id: planId(20), column_name: 'name', original_value: 'made-up/twin' },
      { row_id: planId(40), column_name: 'name', original_value: 'made-up/twin' },
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
