// P14: lists of plans and their filters, including patterns of names and projects; and what belongs
// to plans: tasks and costs.

import assert from 'node:assert/strict'
import { InvalidRecordError, MixedCurrencyError } from '../../errors.ts'
import type { PlanFilter, Store, TakenOverPlan } from '../../index.ts'
import { type ConformanceCase, feature, openAt, openFresh } from '../support/case.ts'
import { collect, idsOf, only, rejection } from '../support/expect.ts'
import { newCost, newPlan, newTask, takenOver, ulid } from '../support/samples.ts'

const inputs: readonly Partial<TakenOverPlan>[] = [
  { name: 'local/release', actionName: 'local/build' },
  { name: 'local/release_2', phase: 'execute', state: 'processing', projects: [{ name: 'web' }] },
  {
    name: 'local/releaseX2',
    phase: 'execute',
    state: 'errored',
    projects: [{ name: 'Web' }, { name: 'api' }],
  },
  { name: 'Local/release', phase: 'apply', state: 'applied', projects: [{ name: 'web-2', alias: 'web' }] },
  {
    name: 'other/ré-lease',
    phase: 'apply',
    state: 'cancelled',
    projects: [{ name: 'api' }, { name: 'web' }],
  },
  { parentPlanId: ulid(1), projects: [{ name: 'we' }] },
  {
    parentPlanId: ulid(6),
    phase: 'strategize',
    state: 'queued',
    projects: [{ name: 'w%b' }, { name: 'w_b' }],
  },
  { name: 'lo.al/release', projects: [{ name: '{"name":"web"}' }, { name: 'x","name":"web' }] },
]

/** Filters, and the plans that they match: numbers of `inputs`, from 1. */
const filters: readonly (readonly [PlanFilter, readonly number[]])[] = [
  [{}, [1, 2, 3, 4, 5, 6, 7, 8]],
  [{ phase: 'execute' }, [2, 3]],
  [{ phase: ['execute', 'strategize'] }, [2, 3, 7]],
  [{ state: 'queued' }, [1, 6, 7, 8]],
  [{ state: ['errored', 'cancelled'], phase: 'apply' }, [5]],
  [{ actionName: 'local/build' }, [1]],
  [{ actionName: ['label', 'local/build'] }, [1, 2, 3, 4, 5, 6, 7, 8]],
  [{ actionName: 'Label' }, []],
  [{ rootPlanId: ulid(1) }, [1, 6, 7]],
  [{ rootPlanId: ulid(6) }, []],
  [{ parentPlanId: ulid(1) }, [6]],
  [{ parentPlanId: null }, [1, 2, 3, 4, 5, 8]],
  [{ parentPlanId: [null, ulid(6)], phase: ['action', 'strategize'] }, [1, 7, 8]],
  [{ name: 'local/release' }, [1]],
  [{ name: 'local/*' }, [1, 2, 3]],
  [{ name: 'local/release?2' }, [2, 3]],
  [{ name: 'local/release_2' }, [2]],
  [{ name: '?ocal/release' }, [1, 4]],
  [{ name: 'LOCAL/*' }, []],
  [{ name: '*/release' }, [1, 4, 8]],
  [{ name: '*é*' }, [5]],
  [{ name: '*/r?-lease' }, [5]],
  [{ name: 'local/%' }, []],
  [{ name: 'local/release%' }, []],
  [{ name: 'loc_l/release' }, []],
  [{ name: 'lo.al/*' }, [8]],
  [{ name: '[lL]ocal/*' }, []],
  [{ name: '[*' }, []],
  [{ name: 'local/[r]elease' }, []],
  [{ name: 'local\\/*' }, []],
  [{ name: "'; DROP TABLE plans; --" }, []],
  [{ name: '*' }, [1, 2, 3, 4, 5, 8]],
  [{ name: '**a*l/*' }, [1, 2, 3, 4, 8]],
  [{ project: 'web' }, [2, 5]],
  [{ project: 'Web' }, [3]],
  [{ project: 'api' }, [3, 5]],
  [{ project: 'we' }, [6]],
  [{ project: 'web-2' }, [4]],
  [{ project: 'w%b' }, [7]],
  [{ project: 'w_b' }, [7]],
  [{ project: '{"name":"web"}' }, [8]],
  [{ project: 'x","name":"web' }, [8]],
  [{ project: '%' }, []],
  [{ project: '*' }, []],
  [{ project: 'web', name: 'local/*' }, [2]],
  [{ project: 'web', state: ['cancelled', 'queued'], name: '*' }, [5]],
  [{ name: undefined, project: undefined, phase: undefined }, [1, 2, 3, 4, 5, 6, 7, 8]],
]

async function fill(store: Store): Promise<void> {
  for (const [index, input] of inputs.entries()) {
    await store.plans.create(newPlan({ planId: ulid(index + 1), ...input }), takenOver())
  }
}

export const planListCases: readonly ConformanceCase[] = [
  {
    id: 'P14',
    name: 'each filter gives the plans that it says, by creation, whole, in pages and counted',
    async run(harness) {
      const store = await openFresh(harness)
      await fill(store)
      for (const [filter, numbers] of filters) {
        const about = JSON.stringify(filter)
        const ids = numbers.map(ulid)
        const page = await store.plans.list(filter)
        assert.deepEqual(
          page.items.map((plan) => plan.planId),
          ids,
          about,
        )
        assert.equal(page.nextCursor, null, about)
        assert.equal(await store.plans.count(filter), ids.length, about)
        const all = await collect(store.plans.each(filter))
        assert.deepEqual(all, page.items, about)
        const paged: string[] = []
        let cursor: string | undefined
        do {
          const next = await store.plans.list(filter, { limit: 2, cursor })
          paged.push(...next.items.map((plan) => plan.planId))
          cursor = next.nextCursor ?? undefined
        } while (cursor !== undefined)
        assert.deepEqual(paged, ids, about)
        const inside = await store.transaction((tx) => tx.plans.count(filter))
        assert.equal(inside, ids.length, about)
      }
    },
  },
  {
    id: 'P14b',
    name: 'what is no filter is refused, and a cursor belongs to its filter',
    async run(harness) {
      const store = await openFresh(harness)
      await fill(store)
      const wrong: readonly unknown[] = [
        { name: '' },
        { name: ' ' },
        { name: null },
        { name: 5 },
        { name: ['local/*'] },
        { name: 'x'.repeat(256) },
        { project: '' },
        { project: null },
        { project: 5 },
        { phase: 'review' },
        { state: [] },
        { state: ['done'] },
        { rootPlanId: '' },
        { description: 'x' },
        { planId: ulid(1) },
        null,
        [],
        'name',
      ]
      for (const filter of wrong) {
        const about = JSON.stringify(filter).slice(0, 60)
        await rejection(InvalidRecordError, async () => store.plans.list(filter as PlanFilter), about)
        await rejection(InvalidRecordError, async () => store.plans.count(filter as PlanFilter), about)
      }
      const { nextCursor } = await store.plans.list({ name: 'local/*' }, { limit: 1 })
      assert.ok(nextCursor)
      for (const filter of [
        {},
        { name: 'local/r*' },
        { project: 'web' },
        { name: 'local/*', project: 'web' },
      ]) {
        await rejection(InvalidRecordError, () => store.plans.list(filter, { cursor: nextCursor }))
      }
    },
  },
  {
    id: 'P14c',
    name: 'projects that cannot be read are no reason to fail: such a plan has none',
    needs: ['cells', 'looseCells'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      await fill(store)
      const { write } = feature(harness, 'cells')
      const values = ['["web"]', '[5, null, ["web"]]', '{"name": "web"}', 'broken', '', '"web"', 'null']
      for (const value of values) {
        await write(place, { table: 'plans', id: ulid(2), column: 'projects' }, value)
        const page = await store.plans.list({ project: 'web' })
        assert.ok(!page.items.some((plan) => plan.planId === ulid(2) && plan.unreadable.length === 0), value)
        assert.ok(
          page.items.some((plan) => plan.planId === ulid(5)),
          value,
        )
      }
      await write(place, { table: 'plans', id: ulid(2), column: 'projects' }, new Uint8Array([1, 2, 3]))
      assert.deepEqual(
        (await store.plans.list({ project: 'web' })).items.map((plan) => plan.planId),
        [ulid(5)],
      )
    },
  },
  {
    id: 'P14d',
    name: 'paging through 600 plans while others come and go shows every untouched one exactly once',
    async run(harness) {
      const store = await openFresh(harness)
      const kept = await store.plans.createMany(Array.from({ length: 600 }, () => newPlan()))
      const doomed = await store.plans.createMany(Array.from({ length: 60 }, () => newPlan()))
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const page = await store.plans.list({ state: 'queued' }, { limit: 37, cursor })
        seen.push(...page.items.map((plan) => plan.planId))
        cursor = page.nextCursor ?? undefined
        await store.plans.create(newPlan())
        const gone = doomed[seen.length % doomed.length]
        if (gone) await store.plans.delete(gone.planId)
      } while (cursor !== undefined)
      const wanted = new Set(kept.map((plan) => plan.planId))
      assert.deepEqual(
        seen.filter((id) => wanted.has(id)),
        kept.map((plan) => plan.planId),
      )
      assert.equal(new Set(seen).size, seen.length)
    },
  },
  {
    id: 'P18',
    name: 'tasks and costs of plans: a tree’s total has every descendant’s, also those of its tasks’ plans',
    async run(harness) {
      const store = await openFresh(harness)
      const [root, left, right, leaf, other] = await store.plans.createMany([
        newPlan({ planId: ulid(1) }),
        newPlan({ planId: ulid(2), parentPlanId: ulid(1) }),
        newPlan({ planId: ulid(3), parentPlanId: ulid(1) }),
        newPlan({ planId: ulid(4), parentPlanId: ulid(2) }),
        newPlan({ planId: ulid(5) }),
      ])
      assert.ok(root && left && right && leaf && other)
      const tasks = [root, left, leaf, leaf, other].map(({ planId }) => newTask({ planId }))
      const made = await store.tasks.createMany(tasks)
      for (const [index, task] of made.entries()) {
        const { id: taskId, planId } = task
        await store.costRecords.append(newCost({ taskId, planId, cost: `0.${'0'.repeat(index)}1` }))
      }
      await store.costRecords.append(newCost({ planId: null, cost: '100' }))
      const totals = async (planId: string) => [
        (await store.plans.cost(planId)).cost,
        (await store.plans.cost(planId, { tree: true })).cost,
        (await store.plans.cost(planId, { tree: true })).records,
      ]
      assert.deepEqual(await totals(root.planId), ['0.1', '0.1111', 4])
      assert.deepEqual(await totals(left.planId), ['0.01', '0.0111', 3])
      assert.deepEqual(await totals(leaf.planId), ['0.0011', '0.0011', 2])
      assert.deepEqual(await totals(right.planId), ['0', '0', 0])
      assert.deepEqual(await totals(other.planId), ['0.00001', '0.00001', 1])
      assert.deepEqual(await totals(ulid(404)), ['0', '0', 0])
      const groups = await store.costRecords.aggregate({}, { by: ['rootPlan'] })
      const byRoot = new Map(groups.map((group) => [group.rootPlan, group.cost]))
      assert.deepEqual(
        [byRoot.get(root.planId), byRoot.get(other.planId), byRoot.get(null)],
        ['0.1111', '0.00001', '100'],
      )
      assert.deepEqual(
        idsOf((await store.tasks.list({ planId: leaf.planId })).items),
        idsOf(made.slice(2, 4)),
      )
      await store.transaction(async (tx) => {
        await tx.costRecords.append(newCost({ planId: leaf.planId, cost: '1' }))
        assert.equal((await tx.plans.cost(root.planId, { tree: true })).cost, '1.1111')
      })
    },
  },
  {
    id: 'P18b',
    name: 'the cost of a plan in two currencies is refused unless one is asked for',
    async run(harness) {
      const store = await openFresh(harness)
      const root = await store.plans.create(newPlan())
      const child = await store.plans.create(newPlan({ parentPlanId: root.planId }))
      await store.costRecords.append(newCost({ planId: root.planId, cost: '2', currency: 'EUR' }))
      await store.costRecords.append(newCost({ planId: child.planId, cost: '3', currency: 'USD' }))
      assert.equal((await store.plans.cost(root.planId)).currency, 'EUR')
      const mixed = () => store.plans.cost(root.planId, { tree: true })
      assert.deepEqual((await rejection(MixedCurrencyError, mixed)).currencies.toSorted(), ['EUR', 'USD'])
      for (const [currency, cost] of [
        ['EUR', '2'],
        ['USD', '3'],
        ['CHF', '0'],
      ] as const) {
        const total = await store.plans.cost(root.planId, { tree: true, currency })
        assert.deepEqual([total.cost, total.currency], [cost, currency])
      }
      const one = await store.costRecords.query({ planId: child.planId })
      assert.equal(only(one.items).currency, 'USD')
    },
  },
]
