// P17: actions, the templates of plans: create, change, list, delete, and what a plan takes from
// them.

import assert from 'node:assert/strict'
import {
  ConstraintViolationError,
  DuplicateRecordError,
  InvalidRecordError,
  RecordNotFoundError,
  VersionConflictError,
} from '../../errors.ts'
import type { ActionPatch, NewAction } from '../../index.ts'
import { type ConformanceCase, openFresh } from '../support/case.ts'
import { codesOf, only, rejection, tally } from '../support/expect.ts'
import { newAction, newPlan, takenOver } from '../support/samples.ts'
import { fullAction } from '../support/template-samples.ts'

const nobody = {
  strategy: null,
  execution: null,
  review: null,
  apply: null,
  estimation: null,
  invariant: null,
}

const changes: Required<Omit<ActionPatch, 'actors'>> = {
  description: 'Something else',
  longDescription: null,
  arguments: [],
  invariants: [{ text: 'Another' }],
  reusable: true,
  readOnly: false,
  tags: [],
  definitionOfDone: null,
  state: 'available',
  automationProfile: 'ci',
  metadata: { other: true },
}

export const actionCases: readonly ConformanceCase[] = [
  {
    id: 'P17',
    name: 'an action comes back as it was given, and changes field by field under version control',
    async run(harness) {
      const store = await openFresh(harness)
      const least = await store.actions.create(newAction({ name: 'local/a-least' }))
      const { createdAt, updatedAt, ...rest } = least
      assert.deepEqual(rest, {
        ...newAction({ name: 'local/a-least' }),
        longDescription: null,
        definitionOfDone: null,
        state: 'available',
        automationProfile: null,
        actors: nobody,
        arguments: [],
        invariants: [],
        reusable: true,
        readOnly: false,
        tags: [],
        createdBy: 'system',
        metadata: {},
        version: 1,
        unreadable: [],
      })
      assert.equal(createdAt.getTime(), updatedAt.getTime())
      let action = await store.actions.create(fullAction())
      assert.deepEqual({ ...action, ...fullAction() }, action)
      assert.deepEqual(await store.actions.get(action.name), action)
      for (const [field, value] of Object.entries(changes)) {
        const updated = await store.actions.update(action.name, { [field]: value }, action)
        const { version, updatedAt: at } = updated
        assert.deepEqual(
          updated,
          { ...action, [field]: value, version: action.version + 1, updatedAt: at },
          field,
        )
        assert.equal(version, action.version + 1)
        assert.deepEqual(await store.actions.get(action.name), updated, field)
        action = updated
      }
      const renamed = await store.actions.update(action.name, { actors: { review: 'another' } }, action)
      assert.deepEqual(renamed.actors, { ...action.actors, review: 'another' })
      assert.deepEqual(await store.actions.get(action.name), renamed)
      assert.deepEqual((await store.actions.list()).items, [least, renamed])
      assert.deepEqual([...(await store.actions.getMany([action.name, 'x'])).keys()], [action.name])
    },
  },
  {
    id: 'P17b',
    name: 'what is no action, is there already, or has changed since is refused',
    async run(harness) {
      const store = await openFresh(harness)
      const made = await store.actions.create(newAction())
      await rejection(DuplicateRecordError, () => store.actions.create(newAction({ description: 'x' })))
      const wrong: readonly object[] = [
        { name: 'plain' },
        { name: '' },
        { description: null },
        { state: 'gone' },
        { automationProfile: 'nobody' },
        { automationProfile: '' },
        { actors: { boss: 'x' } },
        { actors: { strategy: ' ' } },
        { metadata: [] },
        { colour: 'red' },
      ]
      for (const invalid of wrong) {
        const about = JSON.stringify(invalid)
        const input = { ...newAction({ name: 'local/new' }), ...invalid } as NewAction
        await rejection(InvalidRecordError, () => store.actions.create(input), about)
        await rejection(InvalidRecordError, () => store.actions.update(made.name, invalid, made), about)
      }
      for (const patch of [{ name: 'local/x' }, { version: 2 }, { createdAt: new Date() }]) {
        await rejection(InvalidRecordError, () => store.actions.update(made.name, patch as never, made))
      }
      await rejection(RecordNotFoundError, () => store.actions.update('local/x', {}, { version: 1 }))
      await rejection(VersionConflictError, () => store.actions.update(made.name, {}, { version: 2 }))
      assert.deepEqual(await store.actions.get(made.name), made)
      const updates = Array.from({ length: 20 }, (_, index) =>
        store.actions.update(made.name, { description: `Text ${index}` }, made),
      )
      assert.deepEqual(tally(codesOf(await Promise.allSettled(updates))), { stored: 1, VERSION_CONFLICT: 19 })
      assert.equal(await store.actions.count(), 1)
    },
  },
  {
    id: 'P17c',
    name: 'a plan takes from its action what its caller left out, and no more',
    async run(harness) {
      const store = await openFresh(harness)
      const action = await store.actions.create(
        fullAction({ state: 'available', arguments: [], reusable: true }),
      )
      const { actors, description, definitionOfDone } = action
      const bare = { name: 'local/bare', actionName: action.name }
      const taken = await store.plans.create(bare)
      assert.deepEqual(
        [taken.description, taken.definitionOfDone, taken.actors, taken.automationProfile],
        [description, definitionOfDone, actors, { name: 'trusted', provenance: 'action' }],
      )
      assert.deepEqual(taken.metadata, {})
      assert.deepEqual(await store.plans.get(taken.planId), taken)
      const own = await store.plans.create({
        ...bare,
        name: 'local/own',
        description: 'Own words',
        definitionOfDone: null,
        automationProfile: 'manual',
        actors: { review: 'own reviewer', apply: null, estimation: undefined },
      })
      assert.deepEqual(own.actors, { ...actors, review: 'own reviewer', apply: null })
      assert.deepEqual(
        [own.description, own.definitionOfDone, own.automationProfile.name],
        ['Own words', null, 'manual'],
      )
      const child = await store.plans.create({ parentPlanId: own.planId, actionName: action.name })
      assert.equal(child.description, description)
      const silent = await store.plans.create({
        ...bare,
        name: 'local/silent',
        description: undefined,
        actors: {},
      })
      assert.deepEqual([silent.description, silent.actors], [description, actors])
      // Without such an action the name is a label, and no defaults apply.
      const label = { name: 'local/label', actionName: 'local/Build' }
      await rejection(InvalidRecordError, () => store.plans.create(label))
      const labelled = await store.plans.create({ ...label, description: 'Own words' })
      assert.deepEqual([labelled.definitionOfDone, labelled.actors], [null, nobody])
      await rejection(InvalidRecordError, () =>
        store.plans.create({ ...bare, name: 'local/null', actors: null as never }),
      )
      await store.actions.update(action.name, { description: 'Changed later' }, action)
      assert.deepEqual(await store.plans.get(taken.planId), taken)
    },
  },
  {
    id: 'P17d',
    name: 'an archived action makes no plans, also not in createMany; those that are there go on',
    async run(harness) {
      const store = await openFresh(harness)
      const action = await store.actions.create(newAction())
      const plan = await store.plans.create(newPlan({ actionName: action.name }))
      const archived = await store.actions.update(action.name, { state: 'archived' }, action)
      const input = newPlan({ actionName: action.name })
      const error = await rejection(InvalidRecordError, () => store.plans.create(input))
      assert.deepEqual(only(error.issues).path, ['actionName'])
      await rejection(InvalidRecordError, () => store.plans.createMany([newPlan(), input]))
      assert.equal((await store.plans.use(plan.planId, plan)).state, 'queued')
      assert.deepEqual((await store.actions.list({ state: 'archived' })).items, [archived])
      assert.equal(await store.actions.count({ state: 'available' }), 0)
      await store.actions.update(action.name, { state: 'available' }, archived)
      assert.equal((await store.plans.create(input)).actionName, action.name)
      assert.equal(await store.plans.count(), 2)
    },
  },
  {
    id: 'P17e',
    name: 'an action is deleted once no live plan uses it',
    async run(harness) {
      const store = await openFresh(harness)
      const { name } = await store.actions.create(newAction())
      await store.actions.create(newAction({ name: 'local/builder' }))
      const places = [
        { phase: 'apply', state: 'processing' },
        { phase: 'execute', state: 'errored' },
      ] as const
      let plans = await store.plans.createMany(
        places.map((place) => newPlan({ actionName: name, ...place })),
        takenOver(),
      )
      await store.plans.create(newPlan({ actionName: 'local/builder' }))
      const refused = async (count: number) => {
        const error = await rejection(ConstraintViolationError, () => store.actions.delete(name))
        assert.match(error.message, new RegExp(`\\b${count} live plan`))
        assert.equal((await store.actions.get(name))?.name, name)
      }
      await refused(2)
      const [applying, failed] = plans
      assert.ok(applying && failed)
      plans = [await store.plans.complete(applying.planId, applying)]
      await refused(1)
      await store.plans.cancel(failed.planId, null, failed)
      assert.equal(await store.actions.delete(name), true)
      assert.equal(await store.actions.delete(name), false)
      assert.equal(await store.actions.get(name), null)
      assert.deepEqual(await store.plans.get(applying.planId), plans[0])
      await rejection(InvalidRecordError, () => store.actions.delete(5 as never))
    },
  },
]
