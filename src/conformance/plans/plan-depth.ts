// P9: reading trees: order, levels, lines of ancestors, pages of children; 100,000 levels, and
// parents that form a cycle.

import assert from 'node:assert/strict'
import { CorruptRecordError, InvalidRecordError } from '../../errors.ts'
import type { Plan } from '../../index.ts'
import { type ConformanceCase, feature, openAt, openFresh } from '../support/case.ts'
import { collect, rejection } from '../support/expect.ts'
import type { ConformanceHarness, Place } from '../support/harness.ts'
import { newCost, newPlan, ulid } from '../support/samples.ts'

const LEVELS = 100_000
/** More than the columns that differ: every column of a plan except its id and its parent. */
const copied =
  'action_name, description, definition_of_done, phase, state, attempt, automation_profile_name, automation_profile_provenance, effective_profile_snapshot, projects, arguments, invariants, sandbox_refs, reversion_count, last_completed_step, metadata, created_at, updated_at, version'

/**
 * Adds a chain of plans below a root, each the child of the previous one, in few statements; their
 * ids count up.
 */
async function hangChain(
  harness: ConformanceHarness,
  place: Place,
  root: Plan,
  levels: number,
): Promise<void> {
  const sql = feature(harness, 'sql')
  const rows = 500
  for (let from = 2; from <= levels; from += rows) {
    const numbers = Array.from({ length: Math.min(rows, levels - from + 1) }, (_, index) => from + index)
    const values = numbers.map((number) => `SELECT '${ulid(number)}' AS id, '${ulid(number - 1)}' AS parent`)
    await sql(
      place,
      `INSERT INTO plans (plan_id, parent_plan_id, root_plan_id, ${copied}) SELECT link.id, link.parent, ?, ${copied} FROM plans CROSS JOIN (${values.join(' UNION ALL ')}) AS link WHERE plan_id = ?`,
      [root.planId, root.planId],
    )
  }
}

/** A root `1` with the children `2` and `3`; under `2` the plan `4`, under that `5`. */
async function smallTree(harness: ConformanceHarness, place: Place) {
  const store = await openAt(harness, place)
  const parents = [null, null, ulid(1), ulid(1), ulid(2), ulid(4)]
  const made: Plan[] = []
  for (const number of [1, 3, 2, 4, 5]) {
    const parentPlanId = parents[number] ?? null
    made.push(await store.plans.create(newPlan({ planId: ulid(number), parentPlanId })))
  }
  return { store, made }
}

export const planDepthCases: readonly ConformanceCase[] = [
  {
    id: 'P9',
    name: 'a tree of 100,000 levels is read, walked, counted and deleted without a stack overflow',
    needs: ['sql'],
    large: true,
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      const root = await store.plans.create(newPlan({ planId: ulid(1) }))
      await hangChain(harness, place, root, LEVELS)
      const tree = await store.plans.tree(root.planId)
      assert.deepEqual([tree?.nodes.size, tree?.depth, tree?.corrupt], [LEVELS, LEVELS, []])
      let level = 0
      for (const [id, node] of tree?.nodes ?? []) {
        level += 1
        if (id !== ulid(level) || node.level !== level || node.children.length > 1)
          assert.fail(`level ${level}`)
      }
      const line = await store.plans.ancestors(ulid(LEVELS))
      assert.equal(line.length, LEVELS - 1)
      assert.deepEqual([line[0]?.planId, line.at(-1)?.planId], [ulid(LEVELS - 1), root.planId])
      await store.costRecords.append(newCost({ planId: ulid(LEVELS), cost: '0.5' }))
      assert.equal((await store.plans.cost(root.planId, { tree: true })).cost, '0.5')
      assert.equal(await store.plans.delete(ulid(2), { tree: true }), true)
      assert.equal(await store.plans.count(), 1)
    },
  },
  {
    id: 'P9b',
    name: 'createMany makes a chain of thousands, each plan the parent of the next',
    large: true,
    async run(harness) {
      const store = await openFresh(harness)
      const made = await store.plans.createMany(
        Array.from({ length: 3_000 }, (_, index) =>
          newPlan({ planId: ulid(index + 1), ...(index === 0 ? {} : { parentPlanId: ulid(index) }) }),
        ),
      )
      assert.ok(made.every((plan) => plan.rootPlanId === ulid(1)))
      const tree = await store.plans.tree(ulid(1))
      assert.deepEqual([tree?.nodes.size, tree?.depth], [3_000, 3_000])
      assert.deepEqual(tree?.nodes.get(ulid(3_000))?.plan, made.at(-1))
      const cancelled = await store.plans.cancel(ulid(1), null, { version: 1, tree: true })
      assert.equal(cancelled.planId, ulid(1))
      assert.equal(await store.plans.count({ state: 'cancelled' }), 3_000)
      assert.deepEqual(await store.audit.verify(), {
        ok: true,
        checked: 6_000,
        firstBad: null,
        problem: null,
        head: await store.audit.head(),
        cut: null,
      })
    },
  },
  {
    id: 'P9c',
    name: 'a tree has its plans in order of creation, parents first, each subtree in one piece; any plan is a top',
    async run(harness) {
      const { store, made } = await smallTree(harness, harness.newPlace())
      const byId = new Map(made.map((plan) => [plan.planId, plan]))
      const tree = await store.plans.tree(ulid(1))
      assert.ok(tree)
      const shown = [...tree.nodes.values()].map((node) => [node.plan.planId, node.level])
      // 3 was created before 2, whose id is smaller; within one millisecond the ids decide.
      const tied = byId.get(ulid(2))?.createdAt.getTime() === byId.get(ulid(3))?.createdAt.getTime()
      const under2 = [
        [ulid(2), 2],
        [ulid(4), 3],
        [ulid(5), 4],
      ]
      const expected = tied
        ? [[ulid(1), 1], ...under2, [ulid(3), 2]]
        : [[ulid(1), 1], [ulid(3), 2], ...under2]
      assert.deepEqual(shown, expected)
      assert.deepEqual([tree.depth, tree.root.parent], [4, null])
      for (const node of tree.nodes.values()) {
        assert.deepEqual(node.plan, byId.get(node.plan.planId))
        for (const child of node.children) assert.equal(child.parent, node)
      }
      const part = await store.plans.tree(ulid(2))
      assert.deepEqual([...(part?.nodes.keys() ?? [])], [ulid(2), ulid(4), ulid(5)])
      assert.deepEqual([part?.depth, part?.root.level, part?.root.parent], [3, 1, null])
      assert.equal(await store.plans.tree(ulid(404)), null)
      const leaf = await store.plans.tree(ulid(5))
      assert.deepEqual([leaf?.nodes.size, leaf?.depth, leaf?.root.children], [1, 1, []])
      await rejection(InvalidRecordError, () => store.plans.tree(''))
    },
  },
  {
    id: 'P9d',
    name: 'ancestors go from the parent to the root; a root and an unknown plan have none',
    async run(harness) {
      const { store, made } = await smallTree(harness, harness.newPlace())
      const byId = new Map(made.map((plan) => [plan.planId, plan]))
      const line = await store.plans.ancestors(ulid(5))
      assert.deepEqual(
        line,
        [4, 2, 1].map((number) => byId.get(ulid(number))),
      )
      assert.deepEqual(await store.plans.ancestors(ulid(3)), [byId.get(ulid(1))])
      assert.deepEqual(await store.plans.ancestors(ulid(1)), [])
      assert.deepEqual(await store.plans.ancestors(ulid(404)), [])
      await rejection(InvalidRecordError, () => store.plans.ancestors(5 as never))
    },
  },
  {
    id: 'P9e',
    name: 'children come in pages, in order of creation, and only the nearest ones',
    async run(harness) {
      const store = await openFresh(harness)
      const root = await store.plans.create(newPlan())
      const made: string[] = []
      for (let index = 0; index < 7; index += 1) {
        const child = await store.plans.create(newPlan({ parentPlanId: root.planId }))
        made.push(child.planId)
        await store.plans.create(newPlan({ parentPlanId: child.planId }))
      }
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const page = await store.plans.children(root.planId, { limit: 3, cursor })
        seen.push(...page.items.map((plan) => plan.planId))
        assert.ok(page.items.length <= 3)
        cursor = page.nextCursor ?? undefined
      } while (cursor !== undefined)
      assert.deepEqual(seen, made)
      assert.deepEqual((await store.plans.children(ulid(404))).items, [])
      await rejection(InvalidRecordError, () => store.plans.children(null as never))
      await rejection(InvalidRecordError, () => store.plans.children(root.planId, { limit: 0 }))
    },
  },
  {
    id: 'P9f',
    name: 'parents that form a cycle end trees, ancestors, costs, cancelling and deleting',
    needs: ['cells'],
    async run(harness) {
      const place = harness.newPlace()
      const { store } = await smallTree(harness, place)
      for (const number of [1, 2, 3, 4, 5])
        await store.costRecords.append(newCost({ planId: ulid(number), cost: '1' }))
      const cells = feature(harness, 'cells')
      // 2 → 4 → 5 → 2, and 3 is its own parent.
      await cells.write(place, { table: 'plans', id: ulid(2), column: 'parent_plan_id' }, ulid(5))
      await cells.write(place, { table: 'plans', id: ulid(3), column: 'parent_plan_id' }, ulid(3))
      const tree = await store.plans.tree(ulid(4))
      assert.deepEqual([...(tree?.nodes.keys() ?? [])], [ulid(4), ulid(5), ulid(2)])
      assert.equal(tree?.depth, 3)
      const line = await store.plans.ancestors(ulid(4))
      assert.deepEqual(
        line.map((plan) => plan.planId),
        [ulid(2), ulid(5)],
      )
      assert.deepEqual([...((await store.plans.tree(ulid(3)))?.nodes.keys() ?? [])], [ulid(3)])
      assert.deepEqual(await store.plans.ancestors(ulid(3)), [])
      assert.equal((await store.plans.cost(ulid(5), { tree: true })).cost, '3')
      assert.equal((await store.plans.cost(ulid(3), { tree: true })).cost, '1')
      await store.plans.cancel(ulid(2), null, { version: 1, tree: true })
      assert.equal(await store.plans.count({ state: 'cancelled' }), 3)
      assert.equal(await store.plans.delete(ulid(3)), true)
      assert.equal(await store.plans.delete(ulid(5), { tree: true }), true)
      assert.deepEqual(
        (await collect(store.plans.each())).map((plan) => plan.planId),
        [ulid(1)],
      )
    },
  },
  {
    id: 'P9g',
    name: 'a plan that cannot be read is named by its tree and bridged; a line of ancestors through it is refused',
    needs: ['cells', 'looseCells'],
    async run(harness) {
      const place = harness.newPlace()
      const { store, made } = await smallTree(harness, place)
      const cells = feature(harness, 'cells')
      await cells.write(place, { table: 'plans', id: ulid(4), column: 'created_at' }, 'yesterday')
      const fault = { table: 'plans', id: ulid(4), column: 'created_at' }
      const tree = await store.plans.tree(ulid(1))
      assert.deepEqual([tree?.nodes.size, tree?.corrupt, tree?.depth], [4, [fault], 3])
      assert.equal(tree?.nodes.get(ulid(5))?.parent?.plan.planId, ulid(2))
      for (const call of [
        () => store.plans.tree(ulid(4)),
        () => store.plans.get(ulid(4)),
        () => store.plans.ancestors(ulid(5)),
        () => store.plans.use(ulid(4), { version: 1 }),
      ]) {
        const { table, id, column } = await rejection(CorruptRecordError, call, String(call))
        assert.deepEqual({ table, id, column }, fault)
      }
      assert.equal((await store.plans.ancestors(ulid(2))).length, 1)
      const page = await store.plans.list()
      assert.deepEqual([page.items.length, page.corrupt], [made.length - 1, [fault]])
    },
  },
]
