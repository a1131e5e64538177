// K12: how the cost of a call is known. A cost that is not known is never 0, and every sum says how
// many records it lacks.

import assert from 'node:assert/strict'
import { DuplicateRecordError, InvalidRecordError, MigrationError } from '../../errors.ts'
import type { CostGrouping, CostRecord, NewCostRecord } from '../../index.ts'
import { type ConformanceCase, feature, openAt, openFresh } from '../support/case.ts'
import { collect, idsOf, only, rejection } from '../support/expect.ts'
import { newCost, ulid } from '../support/samples.ts'
import { addUp } from './cost-totals.ts'

const open = (changes: Partial<NewCostRecord> = {}) => newCost({ cost: null, ...changes })
const computed = { costStatus: 'computed', priceSource: 'price list, 2026-01-15' } as const

/** The last version in which every cost is a number. */
const OLDER = 13

/** What belongs together, and what does not: the field that is named. */
const refused: readonly (readonly [string, string, Partial<NewCostRecord>])[] = [
  ['no cost, said to be reported', 'costStatus', { cost: null, costStatus: 'reported' }],
  ['no cost, said to be computed', 'costStatus', { ...computed, cost: null }],
  ['a cost, said to be unpriced', 'costStatus', { cost: '0', costStatus: 'unpriced' }],
  ['computed from nothing', 'priceSource', { costStatus: 'computed' }],
  ['reported from a table', 'priceSource', { priceSource: 'price list, 2026-01-15' }],
  ['more reasoning than output', 'reasoningTokens', { outputTokens: 3, reasoningTokens: 4 }],
  ['more for an hour than written', 'cacheWrite1hTokens', { cacheWriteTokens: 3, cacheWrite1hTokens: 4 }],
]

export const costStatusCases: readonly ConformanceCase[] = [
  {
    id: 'K12',
    name: 'a cost is reported, computed or not known; not known is null and never 0',
    async run(harness) {
      const store = await openFresh(harness)
      const { cost: _, ...withoutCost } = newCost()
      const stored = await store.costRecords.appendMany([
        newCost(),
        newCost({ cost: '0' }),
        newCost(computed),
        open(),
        open({ costStatus: 'unpriced' }),
        { ...withoutCost, provider: 'nobody', model: 'unknown' },
      ])
      assert.deepEqual(
        stored.map(({ cost, costStatus, priceSource }) => [cost, costStatus, priceSource]),
        [
          ['0.001309', 'reported', null],
          ['0', 'reported', null],
          ['0.001309', 'computed', computed.priceSource],
          [null, 'unpriced', null],
          [null, 'unpriced', null],
          [null, 'unpriced', null],
        ],
      )
      for (const record of stored) assert.deepEqual(await store.costRecords.get(record.id), record)
    },
  },
  {
    id: 'K12b',
    name: 'a status that does not fit its cost, and parts greater than their whole, are refused',
    async run(harness) {
      const store = await openFresh(harness)
      for (const [name, field, changes] of refused) {
        const error = await rejection(InvalidRecordError, () => store.costRecords.append(newCost(changes)))
        assert.deepEqual(
          error.issues.map(({ path }) => path.join('.')),
          [field],
          name,
        )
      }
      assert.equal(await store.costRecords.count(), 0)
    },
  },
  {
    id: 'K12c',
    name: 'every sum says how many records have no cost, kept or added up, also in other currencies',
    async run(harness) {
      const store = await openFresh(harness)
      await store.costRecords.appendMany([
        newCost({ agentId: 'ann', cost: '0.5' }),
        open({ agentId: 'ann', taskId: 't1' }),
        open({ agentId: 'ann', taskId: 't1', model: 'small' }),
        newCost({ agentId: 'bob', cost: '0.25', currency: 'EUR' }),
        open({ agentId: 'bob', currency: 'EUR' }),
      ])
      const sums = async (filter: object, by: readonly CostGrouping[] = []) =>
        (await store.costRecords.aggregate(filter, { by })).map(({ cost, unpriced, records }) => [
          cost,
          unpriced,
          records,
        ])
      assert.deepEqual(await sums({ currency: 'USD' }), [['0.5', 2, 3]])
      assert.deepEqual(await sums({}, ['currency']), [
        ['0.5', 2, 3],
        ['0.25', 1, 2],
      ])
      assert.deepEqual(await sums({}, ['agent', 'currency']), [
        ['0.5', 2, 3],
        ['0.25', 1, 2],
      ])
      assert.deepEqual(await sums({ taskId: 't1' }), [['0', 2, 2]])
      assert.deepEqual(await sums({ agentId: 'ann', model: 'small' }), [['0', 1, 1]])
      assert.deepEqual(await sums({ since: new Date(0) }, ['currency']), await sums({}, ['currency']))
      assert.deepEqual(await sums({ agentId: 'nobody' }), [['0', 0, 0]])
      for (const filter of [{ agentId: 'ann' }, { agentId: 'ann', taskId: 't1' }]) {
        const { cost, unpriced, records } = only(await store.costRecords.aggregate(filter))
        assert.deepEqual({ cost, unpriced, records }, await addUp(store, filter))
      }
    },
  },
  {
    id: 'K12d',
    name: 'lists and sums are filtered by session, biller, source and how the cost is known',
    async run(harness) {
      const store = await openFresh(harness)
      await store.costRecords.appendMany([
        newCost({ id: ulid(1), sessionId: 's1', cost: '1' }),
        newCost({ id: ulid(2), sessionId: 's1', biller: 'broker', source: 'an adapter', cost: '2' }),
        open({ id: ulid(3), sessionId: 's2', source: 'an adapter' }),
        newCost({ id: ulid(4), ...computed, cost: '4' }),
      ])
      const found = [
        [{ sessionId: 's1' }, [1, 2]],
        [{ sessionId: ['s2', 'S1'] }, [3]],
        [{ sessionId: null }, [4]],
        [{ biller: 'broker' }, [2]],
        [{ biller: null, source: null }, [1, 4]],
        [{ source: 'an adapter' }, [2, 3]],
        [{ costStatus: 'unpriced' }, [3]],
        [{ costStatus: ['computed', 'unpriced'] }, [3, 4]],
      ] as const
      for (const [filter, numbers] of found) {
        const { items } = await store.costRecords.query(filter)
        assert.deepEqual(idsOf(items).toSorted(), numbers.map(ulid), JSON.stringify(filter))
        const { cost, unpriced, records } = only(await store.costRecords.aggregate(filter))
        assert.deepEqual({ cost, unpriced, records }, await addUp(store, filter), JSON.stringify(filter))
      }
    },
  },
  {
    id: 'K12e',
    name: 'a call repeated without its cost is the same call, whatever its price is by now',
    async run(harness) {
      const store = await openFresh(harness)
      const known = await store.costRecords.append(newCost({ idempotencyKey: 'known', cost: '0.5' }))
      assert.deepEqual(await store.costRecords.append(open({ idempotencyKey: 'known' })), known)
      const waits = await store.costRecords.append(open({ idempotencyKey: 'waits' }))
      assert.deepEqual(await store.costRecords.append(open({ idempotencyKey: 'waits' })), waits)
      const error = await rejection(DuplicateRecordError, () =>
        store.costRecords.append(newCost({ idempotencyKey: 'waits', cost: '0.5' })),
      )
      assert.deepEqual(error.fields, ['cost', 'costStatus'])
      const { cost, unpriced, records } = only(await store.costRecords.aggregate())
      assert.deepEqual([cost, unpriced, records], ['0.5', 1, 2])
    },
  },
  {
    id: 'K12f',
    name: 'records without a cost stay counted when they are pruned, and their sessions are kept',
    async run(harness) {
      const store = await openFresh(harness)
      const timestamp = new Date(Date.now() - 90 * 86_400_000)
      await store.costRecords.appendMany([
        newCost({ timestamp, sessionId: 's1', cost: '0.5' }),
        open({ timestamp, sessionId: 's1' }),
        open({ timestamp, sessionId: 's2', biller: 'broker', source: 'an adapter' }),
        newCost({ sessionId: 's1', cost: '0.25' }),
      ])
      const filters = [
        {},
        { sessionId: 's1' },
        { sessionId: 's2', biller: 'broker' },
        { source: 'an adapter' },
        { costStatus: 'unpriced' },
        { agentId: 'agent-7', since: new Date(0) },
      ] as const
      const sums = () => Promise.all(filters.map((filter) => store.costRecords.aggregate(filter)))
      const before = await sums()
      const pruned = await store.retention.prune({ costs: '30d' })
      assert.equal(
        pruned.reduce((sum, { rows }) => sum + rows, 0),
        3,
      )
      assert.deepEqual(await sums(), before)
      assert.equal((await store.doctor()).ok, true)
    },
  },
  {
    id: 'K12g',
    name: 'totals that were changed are found and put right, with the number of records without a cost',
    needs: ['sql'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      await store.costRecords.appendMany([open(), open({ agentId: 'ann' }), newCost({ cost: '0.5' })])
      await feature(harness, 'sql')(place, 'UPDATE cost_totals SET unpriced = unpriced + 5')
      assert.equal((await store.doctor()).ok, false)
      await store.repair(await store.repairPlan())
      assert.equal((await store.doctor()).ok, true)
      const { cost, unpriced, records } = only(await store.costRecords.aggregate())
      assert.deepEqual([cost, unpriced, records], ['0.5', 2, 3])
    },
  },
  {
    id: 'K12h',
    name: 'going below the migration that allows them is refused while a cost is not known; then such records are gone, and no other total has changed',
    async run(harness) {
      const store = await openFresh(harness)
      const old = new Date(Date.now() - 90 * 86_400_000)
      await store.costRecords.appendMany([
        newCost({ id: ulid(1), cost: '0.5', timestamp: old }),
        newCost({ id: ulid(2), cost: '0.25', agentId: 'ann' }),
      ])
      const fields = (records: readonly CostRecord[]) =>
        records.map(({ id, cost, costStatus, agentId }) => [id, cost, costStatus, agentId])
      const by = ['currency', 'agent', 'day'] as const
      const before = await store.costRecords.aggregate({}, { by })
      await store.migrate({ to: OLDER })
      await store.migrate()
      assert.deepEqual(await store.costRecords.aggregate({}, { by }), before)
      const listed = await collect(store.costRecords.each())
      await store.costRecords.appendMany([
        open({ timestamp: old }),
        open({ agentId: 'ann' }),
        newCost({ id: ulid(3), cost: '0.125', ...computed, sessionId: 's1' }),
      ])
      await store.retention.prune({ costs: '30d' })
      const full = await store.costRecords.aggregate({}, { by })
      const error = await rejection(MigrationError, () => store.migrate({ to: OLDER }))
      assert.deepEqual(error.details, [
        'cost records whose cost is not known, with their tokens: 1 row',
        'sums of pruned cost records whose cost is not known: 1 row',
        'details of cost records (how the cost was determined, biller, source, session, reasoning tokens, tokens cached for an hour): 1 row',
      ])
      assert.deepEqual(await store.costRecords.aggregate({}, { by }), full)
      await store.migrate({ to: OLDER, allowDataLoss: true })
      await store.migrate()
      assert.deepEqual(fields(await collect(store.costRecords.each({ agentId: 'ann' }))), [
        [ulid(2), '0.25', 'reported', 'ann'],
      ])
      const rest = await store.costRecords.aggregate({}, { by: ['agent'] })
      assert.deepEqual(
        rest.map(({ agent, cost, unpriced, records }) => [agent, cost, unpriced, records]),
        [
          ['agent-7', '0.625', 0, 2],
          ['ann', '0.25', 0, 1],
        ],
      )
      assert.equal(listed.length, 2)
      assert.ok((await store.doctor()).ok)
      // Appends go on from the totals that were computed anew.
      await store.costRecords.append(open({ agentId: 'ann' }))
      const { cost, unpriced, records } = only(await store.costRecords.aggregate({ agentId: 'ann' }))
      assert.deepEqual([cost, unpriced, records], ['0.25', 1, 2])
    },
  },
]
