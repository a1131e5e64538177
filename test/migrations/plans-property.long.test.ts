// Whatever the columns of an ancestor's plans, actions and child tables may hold, adoption takes it
// in, SQLite finds the file sound, the store reads it, and down gives every value back.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anything, json, time } from '../support/any-value.ts'
import { contentOf, sound, soundness, withDatabase } from '../support/database-content.ts'
import { insertAll, makeAncestor } from '../support/legacy.ts'
import { legacyPlan, planId, planProfiles } from '../support/legacy-rows.ts'
import { migrateFile } from '../support/migrated.ts'
import { propertyRuns } from '../support/property-runs.ts'
import { scratchFolder } from '../support/scratch.ts'

const tables = ['actions', 'v3_plans', 'plan_projects', 'plan_arguments', 'plan_invariants']
const PLANS = 12

const word = (...words: string[]) => fc.oneof(fc.constantFrom(...words), anything)
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null })
/** Names that meet each other, with and without a namespace. */
const name = fc.oneof(
  fc.constantFrom('a/b', 'a/b-2', 'a', 'a/b/c', ''),
  // Several roots named by the same bytes, and several by the text of those bytes, are refused
  // (docs/migrations.md): no bytes are ''.
  anything.filter((value) => !(Buffer.isBuffer(value) && value.length === 0)),
)
/**
 * A plan that is there, or is not; parents come before their children here, so that there is no
 * cycle.
 */
const someId = fc.oneof(fc.nat(PLANS - 1).map(planId), fc.constantFrom('01HGONE', 'x'))
const plan = fc.record({
  root_plan_id: optional(fc.oneof(someId, anything)),
  attempt: fc.oneof(fc.integer({ min: -2, max: 5 }), anything),
  namespaced_name: name,
  namespace: fc.oneof(fc.constantFrom('a', ''), anything),
  action_name: fc.oneof(fc.constantFrom('made-up/action-0', 'made-up/gone', 'bare'), anything),
  description: anything,
  definition_of_done: optional(anything),
  automation_profile: optional(
    fc.oneof(
      fc.constantFrom(...planProfiles.filter((text): text is Exclude<typeof text, null> => text !== null)),
      json,
      fc
        .record({ profile_name: fc.oneof(fc.string(), fc.integer()), provenance: word('plan', 'global') })
        .map((reference) => JSON.stringify(reference)),
    ),
  ),
  strategy_actor: optional(anything),
  changeset_id: optional(anything),
  sandbox_refs_json: optional(
    fc.oneof(
      json,
      fc.array(fc.string()).map((list) => JSON.stringify(list)),
      // Bytes that end like an empty list.
      fc.constant(Buffer.from([1, 0x5d])),
    ),
  ),
  validation_summary_json: optional(json),
  error_message: optional(anything),
  error_details_json: optional(fc.oneof(json, fc.constant('{"a": 1.0}'))),
  created_at: time,
  updated_at: time,
  strategize_started_at: optional(time),
  applied_at: optional(fc.oneof(time, fc.constant('2024-01-01T00:00:00+00:00'))),
  completed_at: optional(fc.oneof(time, fc.constant('2024-01-01T00:00:00+00:00'))),
  execution_environment: optional(word('host', 'container')),
  execution_env_priority: optional(word('fallback', 'override')),
})
const child = {
  plan_projects: fc.record({
    plan_id: someId,
    project_name: anything,
    alias: optional(word('same', ' ', '')),
    read_only: fc.oneof(fc.constantFrom(0, 1), anything),
  }),
  plan_arguments: fc.record({
    plan_id: someId,
    name: anything,
    value_json: json,
    position: fc.oneof(fc.nat(2), anything),
  }),
  plan_invariants: fc.record({
    plan_id: someId,
    invariant_text: anything,
    source: word('plan', 'global'),
    position: fc.oneof(fc.nat(2), anything),
  }),
}
const action = fc.record({
  namespace: word('made-up'),
  name: anything,
  state: word('available', 'archived'),
  description: anything,
  definition_of_done: optional(anything),
  created_at: time,
  updated_at: time,
})
const sample = fc.record({
  parents: fc.array(optional(fc.oneof(fc.nat(), fc.constant(-1))), { minLength: PLANS, maxLength: PLANS }),
  plans: fc.array(plan, { minLength: PLANS, maxLength: PLANS }),
  actions: fc.array(action, { maxLength: 3 }),
  plan_projects: fc.uniqueArray(child.plan_projects, {
    maxLength: 8,
    selector: (row) => `${row.plan_id} ${typeof row.project_name} ${String(row.project_name)}`,
  }),
  plan_arguments: fc.uniqueArray(child.plan_arguments, {
    maxLength: 8,
    selector: (row) => `${row.plan_id} ${typeof row.name} ${String(row.name)}`,
  }),
  plan_invariants: fc.array(child.plan_invariants, { maxLength: 8 }),
})

test('every row that the ancestor of plans could hold survives up and down', {
  timeout: 240_000,
}, async () => {
  const folder = scratchFolder()
  let run = 0
  await fc.assert(
    fc.asyncProperty(sample, async (rows) => {
      run += 1
      const path = makeAncestor(`${folder}/${run}.db`, {
        plans: 1,
        afterwards: ['PRAGMA foreign_keys = off', ...tables.map((table) => `DELETE FROM ${table}`)],
      })
      withDatabase(path, (handle) => fill(handle, rows), false)
      const before = contentOf(path, tables)
      const open = soundness(path).brokenReferences as unknown[]
      await migrateFile(path)
      expect(soundness(path)).toEqual(sound)
      await migrateFile(path, { to: 1 })
      expect(contentOf(path, tables).tables).toEqual(before.tables)
      expect(soundness(path).brokenReferences).toHaveLength(open.length)
    }),
    { numRuns: propertyRuns(20), interruptAfterTimeLimit: propertyRuns(90_000) },
  )
})

type Sample = typeof sample extends fc.Arbitrary<infer S> ? S : never

function fill(handle: Parameters<typeof insertAll>[0], rows: Sample): void {
  handle.pragma('foreign_keys = off')
  // Values of several types would meet as one in a column of text: the second is left out, as its
  // key is taken.
  const insert = (table: string, list: readonly Record<string, unknown>[]) => {
    for (const row of list) {
      try {
        insertAll(handle, table, [row as Parameters<typeof insertAll>[2][number]])
      } catch (error) {
        if (
          !(error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_CONSTRAINT'))
        )
          throw error
      }
    }
  }
  insert(
    'actions',
    rows.actions.map((row, index) => ({ namespaced_name: `made-up/action-${index}`, ...row })),
  )
  insert(
    'v3_plans',
    rows.plans.map((row, index) => {
      const parent = rows.parents[index] ?? null
      return {
        ...legacyPlan(index),
        ...row,
        parent_plan_id:
          parent === null || (index === 0 && parent >= 0)
            ? null
            : parent < 0
              ? '01HGONE'
              : planId(parent % index),
      }
    }),
  )
  insert('plan_projects', rows.plan_projects)
  insert('plan_arguments', rows.plan_arguments)
  insert('plan_invariants', rows.plan_invariants)
}
