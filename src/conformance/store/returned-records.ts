// P7: the record that a call returns is the record that is stored, value by value, whatever its
// input was made of.

import assert from 'node:assert/strict'
import { InvalidRecordError } from '../../errors.ts'
import { type ConformanceCase, openFresh } from '../support/case.ts'
import { only, rejection } from '../support/expect.ts'
import { newAction, newCost, newEntry, newMessage, newPlan, newProfile, newTask } from '../support/samples.ts'

/** JSON that is easily stored as something else. */
function oddJson() {
  const withoutPrototype: Record<string, unknown> = Object.assign(Object.create(null), { b: -0, a: [-0] })
  class Items extends Array {}
  let reads = 0
  return {
    zero: -0,
    nested: { list: [-0, [-0], { deep: -0 }], z: 1, a: 2 },
    withoutPrototype,
    items: Items.of(1, -0),
    named: Object.assign([1, 2], { extra: 'not JSON' }),
    get counted() {
      reads += 1
      return reads
    },
    [Symbol('hidden')]: 1,
    ...JSON.parse('{"__proto__": {"own": -0}, "constructor": 1}'),
    numbers: [1e308, -1e308, 5e-324, 1e21, 0.1 + 0.2, Number.MAX_SAFE_INTEGER, 12345678.125, 1e-7],
    text: 'é e\u0301 \u2028 😀 \\ " / \u007f',
    '10': 'ten',
    '9': 'nine',
    '': 'empty key',
  } as never
}

export const returnedRecordCases: readonly ConformanceCase[] = [
  {
    id: 'N2',
    name: 'P7: what is returned equals what is read, for every record and every odd form of JSON',
    async run(harness) {
      const store = await openFresh(harness)
      const metadata = oddJson()
      const { tasks, plans, messages, costRecords, actions, audit, automationProfiles } = store
      let task = await tasks.create(newTask({ metadata, maxRetries: -0 }))
      assert.deepEqual(await tasks.get(task.id), task)
      assert.ok(Object.is(task.maxRetries, 0) && Object.is(task.metadata.zero, 0))
      task = await tasks.update(task.id, { metadata: oddJson(), maxRetries: -0 }, task)
      assert.deepEqual(await tasks.get(task.id), task)
      task = await tasks.save({ ...task, metadata: oddJson() })
      assert.deepEqual(await tasks.get(task.id), task)
      const cost = await costRecords.append(newCost({ metadata, cacheReadTokens: -0, latencyMs: -0 }))
      assert.deepEqual(await costRecords.get(cost.id), cost)
      const parts = [
        { kind: 'data', data: oddJson() },
        { kind: 'file', name: 'a', mediaType: undefined, ref: '' },
      ] as never
      const message = await messages.append(newMessage({ parts, metadata: { tokensUsed: -0 } }))
      assert.deepEqual(await messages.get(message.id), message)
      let plan = await plans.create(
        newPlan({
          metadata,
          arguments: [
            { name: 'zero', value: -0 },
            { name: 'odd', value: oddJson() },
          ],
          validationSummary: oddJson(),
        }),
      )
      assert.deepEqual(await plans.get(plan.planId), plan)
      plan = await plans.update(plan.planId, { metadata: oddJson(), validationSummary: oddJson() }, plan)
      assert.deepEqual(await plans.get(plan.planId), plan)
      plan = await plans.start(plan.planId, await plans.use(plan.planId, plan))
      plan = await plans.fail(plan.planId, { message: 'x', details: oddJson() }, plan)
      assert.deepEqual(await plans.get(plan.planId), plan)
      const action = await actions.create(newAction({ metadata }))
      assert.deepEqual(await actions.get(action.name), action)
      for (const details of [oddJson(), -0, [-0], null, 'text'] as never[]) {
        const entry = await audit.append(newEntry({ details }))
        assert.deepEqual(await audit.get(entry.id), entry)
      }
      assert.equal((await audit.verify()).ok, true)
      const profile = newProfile({ editCode: -0, guards: { maxCostUsd: -0, maxTokens: -0 } })
      const known = await automationProfiles.create(profile)
      assert.deepEqual(await automationProfiles.get(known.name), known)
    },
  },
  {
    id: 'N2b',
    name: 'P7: what JSON does not have is refused, not stored as something else',
    async run(harness) {
      const store = await openFresh(harness)
      const holes = [1, 2, 3]
      delete holes[1]
      const values: readonly unknown[] = [
        undefined,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        1n,
        () => 1,
        Symbol('s'),
        new Date(),
        new Map(),
        new (class Own {})(),
        { toJSON: () => 1 },
        holes,
        '\ud800',
        { '\udfff': 1 },
        Buffer.from('x'),
      ]
      for (const value of values) {
        const metadata = { value } as never
        await rejection(
          InvalidRecordError,
          () => store.tasks.create(newTask({ metadata })),
          String(typeof value),
        )
        await rejection(InvalidRecordError, () => store.costRecords.append(newCost({ metadata })))
        await rejection(InvalidRecordError, () => store.audit.append(newEntry({ details: metadata })))
      }
    },
  },
  {
    id: 'N2c',
    name: 'P7: changing an input, or a record that was returned, changes nothing that is stored',
    async run(harness) {
      const store = await openFresh(harness)
      const metadata = { list: [1] }
      const task = await store.tasks.create(newTask({ metadata }))
      const costs = await store.costRecords.appendMany([newCost({ metadata })])
      metadata.list.push(2)
      assert.deepEqual(task.metadata, { list: [1] })
      assert.deepEqual(only(costs).metadata, { list: [1] })
      assert.deepEqual(await store.tasks.get(task.id), task)
    },
  },
  {
    id: 'N3',
    name: 'R9: the bound of money in a profile is exact, in the profile and on the plan, or refused',
    async run(harness) {
      const store = await openFresh(harness)
      const { automationProfiles, plans } = store
      const given = [
        [0.1 + 0.2, 0.3],
        [1e-10, 0],
        [12.5, 12.5],
        [0, 0],
        ['0.000000001', 1e-9],
        ['9007199254.5', 9007199254.5],
      ] as const
      for (const [index, [maxCostUsd, kept]] of given.entries()) {
        const name = `local/bounded-${index}`
        const { profile } = await automationProfiles.create(newProfile({ name, guards: { maxCostUsd } }))
        assert.equal(profile?.guards.maxCostUsd, kept)
        assert.deepEqual((await automationProfiles.get(name))?.profile, profile)
        const plan = await plans.create(newPlan({ automationProfile: name }))
        assert.deepEqual(plan.effectiveProfile, profile)
      }
      for (const maxCostUsd of [
        '123456789.123456789',
        '0.0000000001',
        -1,
        Number.NaN,
        1e10,
        '1e3',
        '',
        'x',
      ]) {
        const profile = newProfile({ guards: { maxCostUsd } })
        await rejection(InvalidRecordError, () => automationProfiles.create(profile), String(maxCostUsd))
      }
    },
  },
]
