// R1-R5: pruned costs. Every total stays the same, also under concurrent writes.

import assert from 'node:assert/strict'
import { InvalidRecordError } from '../../errors.ts'
import { addUp } from '../costs/cost-totals.ts'
import { type ConformanceCase, feature, openAt, openFresh } from '../support/case.ts'
import { collect, only, rejection } from '../support/expect.ts'
import { DAY, daysAgo, everyTotal, HOUR, oldCosts, pruneAll } from '../support/retention-samples.ts'
import { newCost, ulid } from '../support/samples.ts'

export const retentionCostCases: readonly ConformanceCase[] = [
  {
    id: 'R1',
    name: 'every total of costs is the same before, between and after bounded removals; the doctor agrees',
    async run(harness) {
      const store = await openFresh(harness)
      await store.costRecords.appendMany(oldCosts(240))
      const before = await everyTotal(store)
      const [preview] = await store.retention.preview({ costs: '30d' })
      assert.ok(preview && preview.rows > 100 && preview.bytes > preview.rows)
      const first = only(await store.retention.prune({ costs: '30d', maxRows: 50 }))
      assert.deepEqual([first.kind, first.rows, first.left], ['costs', 50, preview.rows - 50])
      assert.deepEqual(await everyTotal(store), before)
      assert.equal(await pruneAll(store, { costs: '30d', maxRows: 60 }), preview.rows - 50)
      assert.deepEqual(await everyTotal(store), before)
      assert.equal(await store.costRecords.count(), 240 - preview.rows)
      const left = await collect(store.costRecords.each())
      assert.ok(left.every(({ timestamp }) => timestamp >= first.cutoff))
      // Later records of previously pruned hours give the same sums.
      await store.costRecords.appendMany(oldCosts(240).map((cost) => ({ ...cost, idempotencyKey: null })))
      const twice = await everyTotal(store)
      await pruneAll(store, { costs: '20d' })
      assert.deepEqual(await everyTotal(store), twice)
      const { checks } = await store.doctor({ only: ['cost totals', 'unreadable columns', 'audit chain'] })
      assert.deepEqual(
        checks.map(({ status }) => status),
        ['ok', 'ok', 'ok'],
      )
    },
  },
  {
    id: 'R1b',
    name: 'totals by the root of plans, and of a tree of plans, hold what was pruned',
    async run(harness) {
      const store = await openFresh(harness)
      const root = await store.plans.create({ name: 'local/a', actionName: 'local/do', description: 'd' })
      const child = await store.plans.create({
        parentPlanId: root.planId,
        actionName: 'local/do',
        description: 'd',
      })
      for (const planId of [root.planId, child.planId, null]) {
        await store.costRecords.append(newCost({ planId, cost: '1', timestamp: daysAgo(40) }))
        await store.costRecords.append(newCost({ planId, cost: '0.5' }))
      }
      const totals = async () => [
        await store.costRecords.aggregate({}, { by: ['rootPlan'] }),
        await store.costRecords.aggregate({ model: 'large-1', planId: root.planId, tree: true }),
        await store.plans.cost(root.planId, { tree: true }),
      ]
      const before = await totals()
      assert.equal(await pruneAll(store, { costs: '30d' }), 3)
      assert.deepEqual(await totals(), before)
    },
  },
  {
    id: 'R2',
    name: 'a time range that divides an hour of pruned costs is refused; whole hours, and hours that hold records, are exact',
    async run(harness) {
      const store = await openFresh(harness)
      const old = daysAgo(40)
      const young = daysAgo(3)
      for (const hour of [old, young]) {
        for (const minute of [10, 50]) {
          const timestamp = new Date(hour.getTime() + minute * 60_000)
          await store.costRecords.append(newCost({ cost: '1', timestamp }))
        }
      }
      const half = (hour: Date) => new Date(hour.getTime() + HOUR / 2)
      const costOf = async (since: Date, until?: Date) =>
        only(await store.costRecords.aggregate({ since, until })).cost
      assert.equal(await costOf(half(old)), '3')
      await store.retention.prune({ costs: '30d' })
      const error = await rejection(InvalidRecordError, () => costOf(half(old)))
      assert.deepEqual(
        error.issues.map(({ path, code }) => [...path, code]),
        [['since', 'pruned_hour']],
      )
      await rejection(InvalidRecordError, () => costOf(new Date(old.getTime() - DAY), half(old)))
      assert.equal(await costOf(old), '4')
      assert.equal(await costOf(new Date(old.getTime() + HOUR)), '2')
      assert.equal(await costOf(old, new Date(old.getTime() + HOUR)), '2')
      assert.equal(await costOf(half(young)), '1')
      assert.equal(await costOf(old, half(young)), '3')
      // If nothing that matches the filter was pruned, nothing is split.
      assert.equal(only(await store.costRecords.aggregate({ agentId: 'nobody', since: half(old) })).cost, '0')
    },
  },
  {
    id: 'R3',
    name: 'sums beyond what one row can hold are kept exactly, or refused whole before',
    async run(harness) {
      const store = await openFresh(harness)
      const timestamp = daysAgo(40)
      const counter = { agentId: 'counter', cost: '0', inputTokens: Number.MAX_SAFE_INTEGER }
      await store.costRecords.append(newCost({ ...counter, timestamp }))
      await store.costRecords.append(newCost({ ...counter, timestamp, outputTokens: 7 }))
      const most = '9223372036.854775807'
      await store.costRecords.append(newCost({ agentId: 'spender', cost: most, timestamp }))
      const filters = [{ agentId: 'spender' }, { agentId: 'counter' }, { model: 'large-1', provider: 'acme' }]
      // A count that cannot be exact is refused by name, before pruning as after.
      const totals = () =>
        Promise.all(
          filters.map((filter) =>
            store.costRecords.aggregate(filter).catch((error) => {
              assert.ok(error instanceof InvalidRecordError)
              return error.issues
            }),
          ),
        )
      const before = await totals()
      assert.equal(await pruneAll(store, { costs: '30d' }), 3)
      assert.deepEqual(await totals(), before)
      await store.costRecords.append(newCost({ ...counter, timestamp }))
      const more = await totals()
      assert.equal(await pruneAll(store, { costs: '30d' }), 1)
      assert.deepEqual(await totals(), more)
      // The database sums everything exactly, whatever its size.
      assert.ok((await store.doctor({ only: ['cost totals'] })).ok)
    },
  },
  {
    id: 'R4',
    name: 'while costs are pruned others append: no call fails, and every total is exact',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const [store, other] = [await openAt(harness, place), await openAt(harness, place)]
      await store.costRecords.appendMany(oldCosts(400))
      const before = only(await store.costRecords.aggregate({ currency: 'USD' }))
      let isDone = false
      const writer = async (through: typeof store, agentId: string) => {
        let written = 0
        while (!isDone) {
          await through.costRecords.append(newCost({ agentId, cost: '1', timestamp: daysAgo(40) }))
          written += 1
          const seen = only(await through.costRecords.aggregate({ agentId, model: 'large-1' }))
          assert.deepEqual([seen.cost, seen.records], [String(written), written])
        }
        return written
      }
      const writers = [writer(store, 'here'), writer(other, 'there')]
      const pruned = await store.retention.prune({ costs: '30d' }).finally(() => {
        isDone = true
      })
      const written = (await Promise.all(writers)).reduce((sum, count) => sum + count, 0)
      assert.ok(only(pruned).rows > 100)
      const after = only(await other.costRecords.aggregate({ currency: 'USD' }))
      assert.equal(after.records, before.records + written)
      await pruneAll(store, { costs: '30d' })
      assert.deepEqual(only(await other.costRecords.aggregate({ currency: 'USD' })), after)
      const { ok } = await store.doctor({ only: ['cost totals'] })
      assert.ok(ok)
    },
  },
  {
    id: 'R4b',
    name: 'two stores that prune at once remove each record once',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const stores = [await openAt(harness, place), await openAt(harness, place)] as const
      await stores[0].costRecords.appendMany(oldCosts(300))
      const before = await everyTotal(stores[1])
      const [rows] = (await stores[0].retention.preview({ costs: '30d' })).map((preview) => preview.rows)
      const gone = await Promise.all(stores.map((store) => pruneAll(store, { costs: '30d' })))
      assert.equal(
        gone.reduce((sum, count) => sum + count, 0),
        rows,
      )
      assert.deepEqual(await everyTotal(stores[0]), before)
    },
  },
  {
    id: 'R5',
    name: 'a roll-up that comes from elsewhere counts in every total, and no roll-up counts twice',
    needs: ['sql'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      await store.costRecords.append(newCost({ cost: '1', timestamp: daysAgo(40) }))
      await store.retention.prune({ costs: '30d' })
      const sql = feature(harness, 'sql')
      const copied =
        'timestamp, agent_id, task_id, plan_id, project, provider, model, call_category, cost_status, currency, cost, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, unpriced, records'
      await sql(place, `INSERT INTO cost_rollups (id, ${copied}) SELECT ?, ${copied} FROM cost_rollups`, [
        'f'.repeat(64),
      ])
      for (const filter of [{}, { agentId: 'agent-7' }, { agentId: 'agent-7', model: 'large-1' }]) {
        const { cost, records } = only(await store.costRecords.aggregate(filter))
        assert.deepEqual([cost, records], ['2', 2])
      }
      assert.ok((await store.doctor({ only: ['cost totals'] })).ok)
    },
  },
  {
    id: 'R5b',
    name: 'records that are pruned are gone from lists, and their keys count anew',
    async run(harness) {
      const store = await openFresh(harness)
      const old = newCost({ id: ulid(1), idempotencyKey: 'once', cost: '1', timestamp: daysAgo(40) })
      await store.costRecords.append(old)
      await store.costRecords.append(old)
      await store.retention.prune({ costs: '30d' })
      assert.equal(await store.costRecords.get(ulid(1)), null)
      assert.deepEqual((await store.costRecords.query()).items, [])
      assert.deepEqual(await addUp(store, {}), { cost: '0', unpriced: 0, records: 0 })
      await store.costRecords.append(old)
      assert.equal(only(await store.costRecords.aggregate()).records, 2)
      await rejection(InvalidRecordError, () => store.retention.prune({ costs: '23h' }))
    },
  },
]
