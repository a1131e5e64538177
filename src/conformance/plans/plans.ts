// P1–P4, P13: creating, reading and updating plans. Moves are in plan-moves.ts, trees in
// plan-trees.ts and plan-depth.ts, profiles in plan-profiles.ts.

import assert from 'node:assert/strict'
import { ConstraintViolationError, DuplicateRecordError, InvalidRecordError } from '../../errors.ts'
import { builtInProfiles, type NewPlan, type PlanPatch, type TakenOverPlan } from '../../index.ts'
import { type ConformanceCase, openAt, openFresh } from '../support/case.ts'
import { codesOf, only, rejection, tally } from '../support/expect.ts'
import { fullPlan, newPlan, takenOver, ulid } from '../support/samples.ts'

const defaults = {
  parentPlanId: null,
  definitionOfDone: null,
  phase: 'action',
  state: 'queued',
  attempt: 1,
  automationProfile: { name: 'balanced', provenance: 'global' },
  actors: { strategy: null, execution: null, review: null, apply: null, estimation: null, invariant: null },
  projects: [],
  arguments: [],
  invariants: [],
  changesetId: null,
  decisionRootId: null,
  lastCheckpointId: null,
  sandboxRefs: [],
  validationSummary: null,
  executionEnvironment: null,
  executionEnvPriority: null,
  error: null,
  reversionCount: 0,
  lastCompletedStep: -1,
  cancelReason: null,
  metadata: {},
  strategizeStartedAt: null,
  strategizeCompletedAt: null,
  executeStartedAt: null,
  executeCompletedAt: null,
  applyStartedAt: null,
  appliedAt: null,
  cancelledAt: null,
  version: 1,
  unreadable: [],
}

/** For every field that an update may change, another value than that of `fullPlan`. */
const changes: Required<Omit<PlanPatch, 'actors'>> = {
  name: 'local/renamed',
  description: 'Something else',
  definitionOfDone: 'Somebody has it',
  projects: [{ name: 'docs', alias: 'd', readOnly: true }],
  arguments: [{ name: 'only', value: [null] }],
  invariants: [{ text: 'Nothing burns', source: 'plan' }],
  changesetId: 'changeset-2',
  decisionRootId: 'decision-2',
  lastCheckpointId: 'checkpoint-2',
  sandboxRefs: ['sandbox-c'],
  validationSummary: { passed: 4 },
  executionEnvironment: 'host',
  executionEnvPriority: 'fallback',
  lastCompletedStep: 6,
  metadata: { other: true },
}

const nested = (levels: number): unknown => (levels === 0 ? 'end' : [nested(levels - 1)])

export const planCases: readonly ConformanceCase[] = [
  {
    id: 'P1',
    name: 'a root is its own root, before and after storage, and every other field has its default',
    async run(harness) {
      const store = await openFresh(harness)
      const before = Date.now()
      const input = newPlan()
      const root = await store.plans.create(input)
      const { planId, rootPlanId, createdAt, updatedAt, effectiveProfile, ...rest } = root
      assert.match(planId, /^[0-9A-HJKMNP-TV-Z]{26}$/)
      assert.equal(rootPlanId, planId)
      assert.deepEqual(rest, { ...input, ...defaults })
      assert.deepEqual(effectiveProfile, builtInProfiles.get('balanced'))
      assert.equal(createdAt.getTime(), updatedAt.getTime())
      assert.ok(createdAt.getTime() >= before && createdAt.getTime() <= Date.now())
      assert.deepEqual(await store.plans.get(planId), root)
      assert.equal(await store.plans.get(ulid(404)), null)
      const named = await store.plans.create(newPlan({ planId: ulid(1), rootPlanId: ulid(1) }))
      assert.deepEqual([named.planId, named.rootPlanId], [ulid(1), ulid(1)])
      const error = await rejection(InvalidRecordError, () =>
        store.plans.create(newPlan({ planId: ulid(2), rootPlanId: ulid(1) })),
      )
      assert.deepEqual(only(error.issues).path, ['rootPlanId'])
      assert.equal(await store.plans.count(), 2)
    },
  },
  {
    id: 'P2',
    name: 'a child takes its parent’s root at any depth; another root is refused, and so is an unknown parent',
    async run(harness) {
      const store = await openFresh(harness)
      const root = await store.plans.create(newPlan())
      const other = await store.plans.create(newPlan())
      let parent = root
      for (let level = 2; level <= 6; level += 1) {
        parent = await store.plans.create(newPlan({ parentPlanId: parent.planId }))
        assert.equal(parent.rootPlanId, root.planId)
        assert.deepEqual(await store.plans.get(parent.planId), parent)
      }
      const { planId: parentPlanId } = parent
      const agreeing = await store.plans.create(newPlan({ parentPlanId, rootPlanId: root.planId }))
      assert.equal(agreeing.rootPlanId, root.planId)
      for (const rootPlanId of [parentPlanId, other.planId, ulid(404)]) {
        const error = await rejection(InvalidRecordError, () =>
          store.plans.create(newPlan({ parentPlanId, rootPlanId })),
        )
        assert.deepEqual(only(error.issues).path, ['rootPlanId'])
      }
      const orphan = () => store.plans.create(newPlan({ parentPlanId: ulid(404) }))
      assert.equal((await rejection(ConstraintViolationError, orphan)).constraint, 'foreign key')
      const own = () => store.plans.create(newPlan({ planId: ulid(5), parentPlanId: ulid(5) }))
      await rejection(ConstraintViolationError, own)
      assert.equal(await store.plans.count(), 8)
      const moves: readonly unknown[] = [{ parentPlanId: other.planId }, { rootPlanId: other.planId }]
      for (const patch of moves) {
        await rejection(InvalidRecordError, () =>
          store.plans.update(parentPlanId, patch as PlanPatch, { version: 1 }),
        )
      }
      assert.deepEqual(await store.plans.get(parentPlanId), parent)
    },
  },
  {
    id: 'P2b',
    name: 'createMany stores all or none; a plan may be the parent of later ones, not of earlier ones',
    async run(harness) {
      const store = await openFresh(harness)
      const made = await store.plans.createMany([
        newPlan({ planId: ulid(1) }),
        newPlan({ planId: ulid(2), parentPlanId: ulid(1) }),
        newPlan({ planId: ulid(3), parentPlanId: ulid(2) }),
      ])
      assert.deepEqual(
        made.map((plan) => plan.rootPlanId),
        [ulid(1), ulid(1), ulid(1)],
      )
      for (const plan of made) assert.deepEqual(await store.plans.get(plan.planId), plan)
      assert.deepEqual(await store.plans.createMany([]), [])
      const before = await store.audit.head()
      const fresh = newPlan({ planId: ulid(10) })
      const batches: readonly (readonly [new (...args: never[]) => Error, readonly NewPlan[]])[] = [
        [DuplicateRecordError, [fresh, newPlan({ planId: ulid(2) })]],
        [DuplicateRecordError, [fresh, newPlan({ planId: ulid(10) })]],
        [DuplicateRecordError, [fresh, newPlan({ name: made[0]?.name ?? null })]],
        [DuplicateRecordError, [fresh, newPlan({ name: fresh.name ?? null })]],
        [
          DuplicateRecordError,
          [newPlan({ planId: ulid(10), name: made[0]?.name ?? null }), newPlan({ parentPlanId: ulid(10) })],
        ],
        [InvalidRecordError, [fresh, newPlan({ description: undefined })]],
        [InvalidRecordError, [fresh, newPlan({ automationProfile: 'unknown' })]],
        [
          ConstraintViolationError,
          [fresh, newPlan({ parentPlanId: ulid(12) }), newPlan({ planId: ulid(12) })],
        ],
      ]
      for (const [errorClass, batch] of batches) {
        await rejection(errorClass as typeof DuplicateRecordError, () => store.plans.createMany(batch))
      }
      assert.equal(await store.plans.count(), 3)
      assert.deepEqual(await store.audit.head(), before)
    },
  },
  {
    id: 'P3',
    name: 'every field by create and by an update of that field alone comes back as it was given',
    async run(harness) {
      const store = await openFresh(harness)
      const input = fullPlan()
      const full = await store.plans.create(input, takenOver())
      const { automationProfile: _, ...given } = input
      const read = await store.plans.get(full.planId)
      assert.deepEqual(read, full)
      assert.deepEqual({ ...full, ...given }, full)
      assert.deepEqual(full.effectiveProfile, builtInProfiles.get('cautious'))
      let plan = full
      for (const [field, value] of Object.entries(changes)) {
        const updated = await store.plans.update(plan.planId, { [field]: value }, plan)
        const { updatedAt } = updated
        assert.deepEqual(updated, { ...plan, [field]: value, version: plan.version + 1, updatedAt }, field)
        assert.deepEqual(await store.plans.get(plan.planId), updated, field)
        assert.ok(updatedAt.getTime() >= plan.updatedAt.getTime())
        plan = updated
      }
      for (const role of Object.keys(full.actors)) {
        for (const name of ['somebody', null]) {
          const updated = await store.plans.update(plan.planId, { actors: { [role]: name } }, plan)
          assert.deepEqual(updated.actors, { ...plan.actors, [role]: name }, role)
          assert.deepEqual(await store.plans.get(plan.planId), updated, role)
          plan = updated
        }
      }
      const silent = await store.plans.update(plan.planId, { name: undefined, actors: {} }, plan)
      assert.deepEqual(silent, { ...plan, version: plan.version + 1, updatedAt: silent.updatedAt })
    },
  },
  {
    id: 'P3b',
    name: 'of a patch’s actors those that are undefined stay as they are',
    async run(harness) {
      const store = await openFresh(harness)
      const full = await store.plans.create(fullPlan(), takenOver())
      const patch = { actors: { strategy: undefined, review: 'another' } }
      const updated = await store.plans.update(full.planId, patch, full)
      assert.deepEqual(updated.actors, { ...full.actors, review: 'another' })
      assert.deepEqual(await store.plans.get(full.planId), updated)
    },
  },
  {
    id: 'P4',
    name: 'phases and states that do not go together are refused, and so is what breaks a rule',
    async run(harness) {
      const store = await openFresh(harness)
      const states = ['queued', 'processing', 'complete', 'errored', 'cancelled', 'applied', 'constrained']
      const none: Readonly<Record<string, readonly string[]>> = {
        action: ['processing', 'complete', 'errored', 'applied', 'constrained'],
        strategize: ['applied', 'constrained'],
        execute: ['applied', 'constrained'],
        apply: ['complete'],
      }
      for (const [phase, missing] of Object.entries(none)) {
        for (const state of states) {
          const create = () =>
            store.plans.create(newPlan({ phase, state } as Partial<TakenOverPlan>), takenOver())
          if (missing.includes(state)) await rejection(InvalidRecordError, create, `${phase}/${state}`)
          else assert.deepEqual((await create()).state, state)
        }
      }
      const stored = await store.plans.count()
      const wrong: readonly object[] = [
        { phase: 'review' },
        { state: 'done' },
        { actionName: ' ' },
        { description: undefined },
        { attempt: 0 },
        { reversionCount: 4 },
        { reversionCount: -1 },
        { lastCompletedStep: -2 },
        { actors: { strategy: '' } },
        { actors: { boss: 'ann' } },
        { actors: null },
        { projects: [{ name: 'a' }, { name: 'a' }] },
        {
          projects: [
            { name: 'a', alias: 'x' },
            { name: 'b', alias: 'x' },
          ],
        },
        { projects: [{ name: 'a', colour: 'red' }] },
        {
          arguments: [
            { name: 'a', value: 1 },
            { name: 'a', value: 2 },
          ],
        },
        { arguments: [{ name: 'a', value: nested(65) }] },
        { metadata: { deep: nested(64) } },
        { validationSummary: [] },
        { error: { message: 5 } },
        { error: { message: 'x', details: nested(2) } },
        { sandboxRefs: [' '] },
        { executionEnvironment: 'cloud' },
        { planId: 'not-a-ulid' },
        { effectiveProfile: builtInProfiles.get('manual') },
        { appliedAt: new Date() },
        { createdAt: new Date() },
        { version: 2 },
        { unreadable: ['name'] },
        { colour: 'red' },
      ]
      for (const invalid of wrong) {
        const input = { ...newPlan(), ...invalid } as NewPlan
        const error = await rejection(
          InvalidRecordError,
          () => store.plans.create(input),
          JSON.stringify(invalid).slice(0, 80),
        )
        assert.ok(error.issues.length > 0)
      }
      for (const invalid of [null, [], 'plan', 5, undefined]) {
        await rejection(InvalidRecordError, () => store.plans.create(invalid as unknown as NewPlan))
      }
      assert.equal(await store.plans.count(), stored)
      const deep = { name: 'deep', value: nested(64) } as { name: string; value: never }
      const held = await store.plans.create(
        newPlan({ arguments: [deep], metadata: { deep: nested(63) as never } }),
      )
      assert.deepEqual(await store.plans.get(held.planId), held)
    },
  },
  {
    id: 'P13',
    name: 'names of roots are unique, also of two concurrent creates and by an update; children have none',
    async run(harness) {
      const store = await openFresh(harness)
      const first = await store.plans.create(newPlan({ name: 'local/same' }))
      const error = await rejection(DuplicateRecordError, () =>
        store.plans.create(newPlan({ name: 'local/same' })),
      )
      assert.deepEqual([error.table, error.id], ['plans', 'local/same'])
      const idTaken = await rejection(DuplicateRecordError, () =>
        store.plans.create(newPlan({ planId: first.planId })),
      )
      assert.equal(idTaken.id, first.planId)
      const names = ['local/Same', 'local/same2', 'other/same', 'ä.b-c_d/x.1']
      const others = await Promise.all(names.map((name) => store.plans.create(newPlan({ name }))))
      const [other] = others
      assert.ok(other)
      const rename = () => store.plans.update(other.planId, { name: 'local/same' }, other)
      assert.equal((await rejection(DuplicateRecordError, rename)).id, 'local/same')
      assert.deepEqual(await store.plans.get(other.planId), other)
      const head = await store.audit.head()
      assert.equal(head?.sequence, 5)
      for (let round = 0; round < 5; round += 1) {
        const twins = [0, 1].map(() => store.plans.create(newPlan({ name: `local/twin-${round}` })))
        assert.deepEqual(tally(codesOf(await Promise.allSettled(twins))), { stored: 1, DUPLICATE_RECORD: 1 })
      }
      for (const name of [
        null,
        '',
        'plain',
        'a/b/c',
        '/a',
        'a/',
        'a /b',
        '-a/b',
        'a/b*',
        `a/${'x'.repeat(255)}`,
      ]) {
        await rejection(InvalidRecordError, () => store.plans.create(newPlan({ name })), String(name))
      }
      const parentPlanId = first.planId
      await rejection(InvalidRecordError, () => store.plans.create(newPlan({ parentPlanId, name: 'a/b' })))
      const children = [newPlan({ parentPlanId }), newPlan({ parentPlanId })]
      assert.equal((await store.plans.createMany(children)).length, 2)
      await rejection(InvalidRecordError, () =>
        store.plans.update(parentPlanId, { name: null }, { version: 1 }),
      )
      const child = only((await store.plans.children(parentPlanId, { limit: 1 })).items)
      await rejection(InvalidRecordError, () => store.plans.update(child.planId, { name: 'a/b' }, child))
    },
  },
  {
    id: 'P13b',
    name: 'of concurrent creates of one name in two stores exactly one is stored',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const stores = [await openAt(harness, place), await openAt(harness, place)] as const
      for (let round = 0; round < 5; round += 1) {
        const twins = stores.map((store) => store.plans.create(newPlan({ name: `local/twin-${round}` })))
        assert.deepEqual(tally(codesOf(await Promise.allSettled(twins))), { stored: 1, DUPLICATE_RECORD: 1 })
      }
      assert.equal((await stores[1].audit.verify()).checked, 5)
    },
  },
]
