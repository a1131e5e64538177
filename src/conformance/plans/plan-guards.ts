// P10, P12, P15: changes of plans that the database itself refuses, the stored form of their
// profiles, and plans with unreadable stored values.

import assert from 'node:assert/strict'
import { CorruptRecordError, InvalidRecordError } from '../../errors.ts'
import { builtInProfiles } from '../../index.ts'
import { type ConformanceCase, feature, openAt } from '../support/case.ts'
import { rejection } from '../support/expect.ts'
import type { Cell, ConformanceHarness } from '../support/harness.ts'
import { fullPlan, newPlan, newProfile, takenOver, ulid } from '../support/samples.ts'

const cell = (column: string, id = ulid(7777)): Cell => ({ table: 'plans', id, column })

async function openWithPlan(harness: ConformanceHarness) {
  const place = harness.newPlace()
  const store = await openAt(harness, place)
  const plan = await store.plans.create(fullPlan(), takenOver())
  return { place, store, plan }
}

/** Columns of JSON with the field, a value of the wrong shape, and its substitute. */
const wrongShapes: readonly (readonly [field: string, column: string, value: string, empty: unknown])[] = [
  ['projects', 'projects', '["web"]', []],
  ['arguments', 'arguments', '{"zeta": 1}', []],
  ['invariants', 'invariants', '[{"text": "x", "source": "nobody"}]', []],
  ['sandboxRefs', 'sandbox_refs', '[5]', []],
  ['validationSummary', 'validation_summary', '[]', null],
  ['metadata', 'metadata', '"text"', {}],
]

export const planGuardCases: readonly ConformanceCase[] = [
  {
    id: 'P10',
    name: 'the database refuses no root, unknown words, no snapshot and a changed one, and the plan stays as it is',
    needs: ['sql'],
    async run(harness) {
      const { place, store, plan } = await openWithPlan(harness)
      const sql = feature(harness, 'sql')
      const changes = [
        'root_plan_id = NULL',
        "root_plan_id = 'nobody'",
        "parent_plan_id = 'nobody'",
        "state = 'done'",
        "state = 'Queued'",
        "state = ''",
        'state = NULL',
        "phase = 'review'",
        'phase = NULL',
        "automation_profile_provenance = 'nobody'",
        'automation_profile_provenance = NULL',
        "automation_profile_provenance = 'global'",
        "automation_profile_name = 'manual'",
        'effective_profile_snapshot = NULL',
        "effective_profile_snapshot = '{}'",
        "effective_profile_snapshot = concat(effective_profile_snapshot, ' ')",
        "execution_environment = 'cloud'",
        "execution_env_priority = 'never'",
        'action_name = NULL',
        'description = NULL',
        'created_at = NULL',
        'version = NULL',
      ]
      for (const change of changes) {
        await assert.rejects(
          sql(place, `UPDATE plans SET ${change} WHERE plan_id = ?`, [plan.planId]),
          change,
        )
        assert.deepEqual(await store.plans.get(plan.planId), plan, change)
      }
      // A statement that leaves the profile unchanged succeeds.
      await sql(place, 'UPDATE plans SET effective_profile_snapshot = effective_profile_snapshot')
      const columns =
        'plan_id, root_plan_id, name, action_name, description, phase, state, automation_profile_name, automation_profile_provenance, effective_profile_snapshot, created_at, updated_at'
      const insert = (more: Readonly<Record<string, string>>) => {
        const values = columns.split(', ').map((column) => more[column] ?? column)
        return sql(place, `INSERT INTO plans (${columns}) SELECT ${values.join(', ')} FROM plans`)
      }
      const own = { plan_id: `'${ulid(1)}'`, root_plan_id: `'${ulid(1)}'`, name: "'local/other'" }
      const refused: readonly Readonly<Record<string, string>>[] = [
        { ...own, root_plan_id: 'NULL' },
        { ...own, root_plan_id: "'nobody'" },
        { ...own, name: 'name' },
        { ...own, plan_id: 'plan_id' },
        { ...own, state: "'done'" },
        { ...own, phase: "'review'" },
        { ...own, automation_profile_provenance: "'nobody'" },
        { ...own, effective_profile_snapshot: 'NULL' },
      ]
      for (const row of refused) await assert.rejects(insert(row), JSON.stringify(row))
      await insert(own)
      assert.equal((await store.plans.get(ulid(1)))?.description, plan.description)
    },
  },
  {
    id: 'P15',
    name: 'the stored columns of a profile are exactly its name, its provenance and the whole snapshot',
    needs: ['cells'],
    async run(harness) {
      const { place, store, plan } = await openWithPlan(harness)
      const profile = await store.automationProfiles.create(newProfile())
      const own = await store.plans.create(newPlan({ automationProfile: 'local/careful' }))
      const child = await store.plans.create(newPlan({ parentPlanId: own.planId }))
      const { read } = feature(harness, 'cells')
      for (const [id, name, provenance, snapshot] of [
        [plan.planId, 'cautious', 'plan', builtInProfiles.get('cautious')],
        [own.planId, 'local/careful', 'plan', profile.profile],
        [child.planId, 'local/careful', 'plan', profile.profile],
      ] as const) {
        assert.equal(await read(place, cell('automation_profile_name', id)), name)
        assert.equal(await read(place, cell('automation_profile_provenance', id)), provenance)
        assert.equal(await read(place, cell('effective_profile_snapshot', id)), JSON.stringify(snapshot))
      }
    },
  },
  {
    id: 'P12',
    name: 'a snapshot that cannot be read: the plan is, without it; updates and moves leave its bytes',
    needs: ['cells', 'guards'],
    async run(harness) {
      const { place, store, plan } = await openWithPlan(harness)
      const { read, write } = feature(harness, 'cells')
      const { lift } = feature(harness, 'guards')
      const whole = (await read(place, cell('effective_profile_snapshot'))) ?? ''
      const broken = [
        'broken',
        '',
        'null',
        '[]',
        '"text"',
        whole.slice(0, -5),
        whole.replace('"editCode":0.7', '"editCode":1.7'),
        whole.replace('"editCode":0.7,', ''),
        whole.replace('"editCode"', '"edit_code"'),
        whole.replace('"1.0"', '"2.0"'),
      ]
      let current = plan
      for (const text of broken) {
        assert.notEqual(text, whole)
        await lift(place, 'plans', () => write(place, cell('effective_profile_snapshot'), text))
        const damaged = await store.plans.get(plan.planId)
        assert.deepEqual(
          damaged,
          { ...current, effectiveProfile: null, unreadable: ['effectiveProfile'] },
          text,
        )
        const updated = await store.plans.update(plan.planId, { description: 'Another' }, current)
        assert.deepEqual(updated.unreadable, ['effectiveProfile'])
        const retried = await store.plans.retry(plan.planId, updated)
        const started = await store.plans.start(plan.planId, retried)
        current = await store.plans.fail(plan.planId, { message: 'x' }, started)
        assert.equal(await read(place, cell('effective_profile_snapshot')), text)
        assert.deepEqual((await store.plans.list()).items, [current])
      }
      // The guard is active again: no statement changes it.
      await assert.rejects(write(place, cell('effective_profile_snapshot'), whole))
      await lift(place, 'plans', () => write(place, cell('effective_profile_snapshot'), '{}'))
      const never = await store.plans.get(plan.planId)
      assert.deepEqual([never?.effectiveProfile, never?.unreadable], [null, []])
      await lift(place, 'plans', () => write(place, cell('effective_profile_snapshot'), whole))
      assert.deepEqual((await store.plans.get(plan.planId))?.effectiveProfile, plan.effectiveProfile)
    },
  },
  {
    id: 'P12b',
    name: 'JSON of a wrong shape costs its field alone; a patch mends it, and lists go on',
    needs: ['cells'],
    async run(harness) {
      const { place, store, plan } = await openWithPlan(harness)
      const other = await store.plans.create(newPlan({ projects: [{ name: 'web' }] }))
      const { read, write } = feature(harness, 'cells')
      for (const [field, column, value, empty] of wrongShapes) {
        await write(place, cell(column), value)
        const bytes = await read(place, cell(column))
        const before = await store.plans.get(plan.planId)
        assert.deepEqual([before?.[field as 'projects'], before?.unreadable], [empty, [field]], field)
        assert.ok(before)
        const page = await store.plans.list({ project: 'web' })
        assert.ok(page.items.some((item) => item.planId === other.planId))
        assert.deepEqual(page.corrupt, [])
        const updated = await store.plans.update(plan.planId, { lastCompletedStep: 9 }, before)
        assert.deepEqual(updated.unreadable, [field])
        assert.equal(await read(place, cell(column)), bytes, field)
        const given = { [field]: plan[field as 'projects'] }
        const mended = await store.plans.update(plan.planId, given, updated)
        assert.deepEqual([mended.unreadable, mended[field as 'projects']], [[], plan[field as 'projects']])
        assert.deepEqual(await store.plans.get(plan.planId), mended)
      }
    },
  },
  {
    id: 'P12c',
    name: 'unreadable values of plans, actions and profiles: fields are empty and named, key columns make the row corrupt',
    needs: ['cells', 'looseCells', 'bytesAsText'],
    async run(harness) {
      const { place, store, plan } = await openWithPlan(harness)
      const { write } = feature(harness, 'cells')
      const bytes = new Uint8Array([1, 2])
      const text = feature(harness, 'bytesAsText')(bytes)
      for (const column of ['strategy_actor_name', 'review_actor_name'])
        await write(place, cell(column), bytes)
      await write(place, cell('error_details'), 'broken')
      await write(place, cell('description'), bytes)
      const damaged = await store.plans.get(plan.planId)
      assert.deepEqual(damaged, {
        ...plan,
        description: text ?? '',
        actors: { ...plan.actors, strategy: text, review: text },
        error: { message: plan.error?.message, details: null },
        unreadable: damaged?.unreadable,
      })
      const unreadable = text === null ? ['actors', 'description', 'error'] : ['error']
      assert.deepEqual(damaged?.unreadable.toSorted(), unreadable)
      const updated = await store.plans.update(plan.planId, { metadata: {} }, plan)
      assert.equal(updated.unreadable.length, unreadable.length)
      await write(place, cell('state'), 'odd')
      const error = await rejection(CorruptRecordError, () => store.plans.get(plan.planId))
      assert.deepEqual([error.table, error.column], ['plans', 'state'])

      await store.actions.create({ name: 'local/a', description: 'x', actors: { apply: 'ann' } })
      await store.actions.create({ name: 'local/b', description: 'x' })
      await write(place, { table: 'actions', id: 'local/a', column: 'metadata' }, '[]')
      assert.deepEqual((await store.actions.get('local/a'))?.unreadable, ['metadata'])
      // What a plan takes from its action must be readable; the rest may be broken.
      const made = await store.plans.create(newPlan({ actionName: 'local/a', description: undefined }))
      assert.deepEqual([made.description, made.actors.apply], ['x', 'ann'])
      await write(place, { table: 'actions', id: 'local/a', column: 'automation_profile_name' }, bytes)
      await rejection(InvalidRecordError, () => store.plans.create(newPlan({ actionName: 'local/a' })))
      await write(place, { table: 'actions', id: 'local/b', column: 'state' }, 'odd')
      await rejection(CorruptRecordError, () => store.plans.create(newPlan({ actionName: 'local/b' })))
      assert.deepEqual((await store.actions.list()).corrupt.length, 1)

      await store.automationProfiles.create(newProfile())
      await write(
        place,
        { table: 'automation_profiles', id: 'local/careful', column: 'definition' },
        '{"name":5}',
      )
      const known = await store.automationProfiles.get('local/careful')
      assert.deepEqual([known?.profile, known?.version], [null, 1])
      assert.equal((await store.automationProfiles.list()).at(-1)?.profile, null)
      await rejection(InvalidRecordError, () =>
        store.plans.create(newPlan({ automationProfile: 'local/careful' })),
      )
      await rejection(InvalidRecordError, () =>
        store.automationProfiles.update('local/careful', { editCode: 0 }, { version: 1 }),
      )
      assert.equal(await store.automationProfiles.delete('local/careful'), true)
    },
  },
]
