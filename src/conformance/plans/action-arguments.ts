// P17: the arguments that an action defines, its tags, and actions of which only one plan is made.

import assert from 'node:assert/strict'
import { InvalidRecordError } from '../../errors.ts'
import type { NewAction, Plan } from '../../index.ts'
import { type ConformanceCase, openFresh } from '../support/case.ts'
import { codesOf, only, rejection, tally } from '../support/expect.ts'
import { newAction, newPlan, takenOver } from '../support/samples.ts'

const definitions: NonNullable<NewAction['arguments']> = [
  { name: 'target', type: 'string', required: true, min: 2, max: 5, pattern: '[a-z]+', position: 2 },
  { name: 'depth', type: 'integer', default: 3, min: 0, max: 9, position: 0 },
  { name: 'share', type: 'number', min: 0, max: 1, position: 1 },
  { name: 'dry', type: 'boolean', default: false },
  { name: 'files', type: 'list', min: 1, max: 2 },
]

const valuesOf = ({ arguments: given }: Plan) => given.map(({ name, value }) => [name, value])

export const actionArgumentCases: readonly ConformanceCase[] = [
  {
    id: 'P17f',
    name: 'arguments of a plan are completed by defaults, in the order of their positions',
    async run(harness) {
      const store = await openFresh(harness)
      const { name: actionName } = await store.actions.create(newAction({ arguments: definitions }))
      const bare = { actionName, arguments: [{ name: 'target', value: 'web' }] }
      const plan = await store.plans.create(newPlan(bare))
      const completed = [
        ['depth', 3],
        ['target', 'web'],
        ['dry', false],
      ]
      assert.deepEqual(valuesOf(plan), completed)
      assert.deepEqual(await store.plans.get(plan.planId), plan)
      const full = [
        { name: 'files', value: ['a.ts', { any: 'JSON' }] },
        { name: 'share', value: 0.5 },
        { name: 'target', value: 'api' },
        { name: 'depth', value: 0 },
        { name: 'dry', value: true },
      ]
      const [other] = await store.plans.createMany([newPlan({ actionName, arguments: full })])
      assert.ok(other)
      assert.deepEqual(
        other.arguments.map(({ name }) => name),
        ['depth', 'share', 'target', 'dry', 'files'],
      )
      const changed = await store.plans.update(plan.planId, { arguments: bare.arguments }, plan)
      assert.deepEqual(valuesOf(changed), completed)
      // Nothing is defined by an action without arguments, or by a name without an action.
      const free = [{ name: 'anything', value: null }]
      await store.actions.create(newAction({ name: 'local/free' }))
      for (const name of ['local/free', 'label']) {
        const made = await store.plans.create(newPlan({ actionName: name, arguments: free }))
        assert.deepEqual(made.arguments, free)
      }
    },
  },
  {
    id: 'P17g',
    name: 'everything that is wrong with the arguments is said at once, and never the values',
    async run(harness) {
      const store = await openFresh(harness)
      const { name: actionName } = await store.actions.create(newAction({ arguments: definitions }))
      const wrong = [
        { name: 'target', value: 'TOO LONG A TEXT' },
        { name: 'depth', value: 2.5 },
        { name: 'share', value: 1.01 },
        { name: 'dry', value: 'yes' },
        { name: 'files', value: [] },
        { name: 'colour', value: 'vermilion' },
      ]
      const calls = [
        () => store.plans.create(newPlan({ actionName, arguments: wrong })),
        () => store.plans.createMany([newPlan(), newPlan({ actionName, arguments: wrong })]),
      ]
      for (const call of calls) {
        const { issues, message } = await rejection(InvalidRecordError, call)
        assert.deepEqual(issues.map(({ path }) => path[1]).toSorted(), [0, 1, 2, 3, 4, 5])
        assert.doesNotMatch(message, /TOO LONG|2\.5|1\.01|vermilion/)
      }
      const { issues } = await rejection(InvalidRecordError, () =>
        store.plans.create(newPlan({ actionName, arguments: [{ name: 'dry', value: 0 }] })),
      )
      assert.deepEqual(issues.map(({ code }) => code).toSorted(), ['argument', 'missing_argument'])
      assert.equal(await store.plans.count(), 0)
      const plan = await store.plans.create(
        newPlan({ actionName, arguments: [{ name: 'target', value: 'ab' }] }),
      )
      await rejection(InvalidRecordError, () => store.plans.update(plan.planId, { arguments: [] }, plan))
      assert.deepEqual(await store.plans.get(plan.planId), plan)
      // What was elsewhere is taken over as it was.
      const old = await store.plans.create(newPlan({ actionName, arguments: wrong }), takenOver())
      assert.deepEqual(old.arguments, wrong)
      const { length } = 'target'
      const emoji = [{ name: 'target', value: '😀'.repeat(length) }]
      await rejection(InvalidRecordError, () => store.plans.create(newPlan({ actionName, arguments: emoji })))
    },
  },
  {
    id: 'P17h',
    name: 'a definition of an argument that contradicts itself is refused, field by field',
    async run(harness) {
      const store = await openFresh(harness)
      const wrong: readonly (readonly [object, string])[] = [
        [{ type: 'text' }, 'type'],
        [{ type: 'boolean', min: 1 }, 'min'],
        [{ type: 'string', min: -1 }, 'min'],
        [{ type: 'list', max: 1.5 }, 'max'],
        [{ type: 'number', min: 2, max: 1 }, 'max'],
        [{ type: 'integer', pattern: 'x' }, 'pattern'],
        [{ type: 'string', pattern: '(' }, 'pattern'],
        [{ type: 'integer', default: 'x' }, 'default'],
        [{ type: 'integer', default: 10, max: 9 }, 'default'],
        [{ type: 'string', default: 'A', pattern: '[a-z]' }, 'default'],
        [{ type: 'string', default: 'a', required: true }, 'default'],
        [{ type: 'string', position: -1 }, 'position'],
        [{ type: 'string', colour: 'red' }, ''],
      ]
      for (const [definition, field] of wrong) {
        const input = newAction({ arguments: [{ name: 'x', ...definition } as never] })
        const about = JSON.stringify(definition)
        const { issues } = await rejection(InvalidRecordError, () => store.actions.create(input), about)
        assert.deepEqual(
          only(issues).path.slice(0, 3),
          ['arguments', 0, ...(field === '' ? [] : [field])],
          about,
        )
      }
      const repeated = [
        { name: 'x', type: 'string' as const, position: 0 },
        { name: 'x', type: 'string' as const },
      ]
      await rejection(InvalidRecordError, () => store.actions.create(newAction({ arguments: repeated })))
      const placed = repeated.map((one, index) => ({ ...one, name: `x${index}`, position: 0 }))
      await rejection(InvalidRecordError, () => store.actions.create(newAction({ arguments: placed })))
      assert.equal(await store.actions.count(), 0)
    },
  },
  {
    id: 'P17i',
    name: 'an action that is not reusable is archived with the first plan that is made from it',
    async run(harness) {
      const store = await openFresh(harness)
      const once = await store.actions.create(newAction({ reusable: false }))
      const input = () => newPlan({ actionName: once.name })
      await rejection(InvalidRecordError, () => store.plans.createMany([input(), input()]))
      assert.equal(await store.plans.count(), 0)
      const plan = await store.as('ada').plans.create(input())
      const archived = await store.actions.get(once.name)
      assert.deepEqual([archived?.state, archived?.version], ['archived', 2])
      const { items } = await store.audit.query({ subjectType: 'action', actor: 'ada' })
      assert.deepEqual(only(items).details, { fields: ['state'], version: 2, usedUp: true })
      await rejection(InvalidRecordError, () => store.plans.create(input()))
      assert.deepEqual((await store.plans.list()).items, [plan])
      const again = await store.actions.update(once.name, { state: 'available' }, { version: 2 })
      const made = await Promise.allSettled(Array.from({ length: 8 }, () => store.plans.create(input())))
      assert.deepEqual(tally(codesOf(made)), { stored: 1, INVALID_RECORD: 7 })
      assert.equal((await store.actions.get(once.name))?.version, again.version + 1)
      // Taking over what was made elsewhere uses nothing up.
      const last = await store.actions.get(once.name)
      assert.ok(last)
      await store.actions.update(once.name, { state: 'available' }, last)
      await store.plans.create(input(), takenOver())
      assert.equal((await store.actions.get(once.name))?.state, 'available')
    },
  },
  {
    id: 'P17j',
    name: 'actions are found by tag and by who made them, the actor of the store by default',
    async run(harness) {
      const store = await openFresh(harness)
      const one = await store.as('ada').actions.create(newAction({ tags: ['ci', 'build'] }))
      const two = await store.as('bob').actions.create(newAction({ name: 'local/two', tags: ['ci'] }))
      const three = await store.actions.create(newAction({ name: 'local/three', createdBy: 'cleo' }))
      assert.deepEqual([one.createdBy, two.createdBy, three.createdBy], ['ada', 'bob', 'cleo'])
      assert.deepEqual((await store.actions.list({ tag: 'ci' })).items, [one, two])
      assert.deepEqual((await store.actions.list({ tag: 'build', createdBy: 'ada' })).items, [one])
      assert.deepEqual((await store.actions.list({ tag: 'c' })).items, [])
      assert.equal(await store.actions.count({ tag: 'ci', state: 'available' }), 2)
      await rejection(InvalidRecordError, () => store.actions.list({ tag: '' }))
      await rejection(InvalidRecordError, () => store.actions.create(newAction({ tags: ['a', 'a'] })))
      await rejection(InvalidRecordError, () =>
        store.actions.update(one.name, { createdBy: 'bob' } as never, one),
      )
    },
  },
]
