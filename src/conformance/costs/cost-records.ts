// K1, K6, K7, K10, K11: cost records as appended, listed and kept. Repeats are in cost-repeats.ts,
// sums in cost-totals.ts.

import assert from 'node:assert/strict'
import { InvalidRecordError } from '../../errors.ts'
import type { CostFilter, NewCostRecord, Store } from '../../index.ts'
import { type ConformanceCase, feature, openAt, openFresh } from '../support/case.ts'
import { collect, idsOf, only, rejection } from '../support/expect.ts'
import { fullCost, newCost, newTask, ulid } from '../support/samples.ts'

const hour = (hours: number) => new Date(Date.UTC(2026, 0, 31, hours))

/** Records 1 to 5, one per hour from midnight. */
async function seed(store: Store): Promise<void> {
  const records: readonly Partial<NewCostRecord>[] = [
    { agentId: 'ann', taskId: 't1', planId: 'p1', project: 'alpha', model: 'small' },
    { agentId: 'ann', taskId: 't2', project: 'alpha', provider: 'other' },
    { agentId: 'bob', taskId: 't1', planId: 'p2', callCategory: 'system' },
    { agentId: 'Ann', project: 'beta', currency: 'EUR', callCategory: 'embedding' },
    { agentId: 'bob', planId: 'p1', project: 'beta', model: 'small', callCategory: 'system' },
  ]
  await store.costRecords.appendMany(
    records.map((record, index) => newCost({ id: ulid(index + 1), timestamp: hour(index), ...record })),
  )
}

/** The numbers of the records that each filter finds, newest first. */
const filters: readonly (readonly [CostFilter, readonly number[]])[] = [
  [{}, [5, 4, 3, 2, 1]],
  [{ agentId: 'ann' }, [2, 1]],
  [{ agentId: ['ann', 'Ann'] }, [4, 2, 1]],
  [{ taskId: 't1' }, [3, 1]],
  [{ taskId: null }, [5, 4]],
  [{ planId: 'p1' }, [5, 1]],
  [{ planId: null }, [4, 2]],
  [{ project: 'alpha' }, [2, 1]],
  [{ project: null }, [3]],
  [{ provider: 'other' }, [2]],
  [{ model: 'small' }, [5, 1]],
  [{ currency: 'EUR' }, [4]],
  [{ callCategory: 'system' }, [5, 3]],
  [{ callCategory: null }, [2, 1]],
  [{ agentId: 'bob', planId: 'p1', model: 'small' }, [5]],
  [{ agentId: 'nobody' }, []],
  [{ since: hour(2) }, [5, 4, 3]],
  [{ until: hour(2) }, [2, 1]],
  [{ since: hour(1), until: hour(3) }, [3, 2]],
  [{ since: hour(2), until: hour(2) }, []],
  [{ since: '2026-01-31T02:00:00.001Z' }, [5, 4]],
  [{ since: '2026-01-31T10:00:00+08:00', until: '2026-01-31T03:00:00+00:00' }, [3]],
  [{ agentId: 'ann', until: hour(1) }, [1]],
]

const refused: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ['negative', { cost: -1 }],
  ['negative text', { cost: '-0.1' }],
  ['the least negative', { cost: -1e-12 }],
  ['NaN', { cost: Number.NaN }],
  ['Infinity', { cost: Number.POSITIVE_INFINITY }],
  ['ten fraction digits', { cost: '0.1234567891' }],
  ['a tenth zero', { cost: '0.1234567890' }],
  ['an exponent', { cost: '1e-3' }],
  ['a comma', { cost: '0,1' }],
  ['a sign', { cost: '+1' }],
  ['blanks', { cost: ' 1' }],
  ['no digits', { cost: '' }],
  ['a point alone', { cost: '.5' }],
  ['hexadecimal', { cost: '0x10' }],
  ['more than 64 bits hold', { cost: '9223372036.854775808' }],
  ['a huge number', { cost: 1e300 }],
  ['a BigInt', { cost: 1n }],
  ['an unknown status', { costStatus: 'estimated' }],
  ['a blank session', { sessionId: ' ' }],
  ['half a token of reasoning', { reasoningTokens: 0.5 }],
  ['a cost without tokens', { inputTokens: 0, outputTokens: 0 }],
  ['negative tokens', { inputTokens: -1 }],
  ['half a token', { outputTokens: 0.5 }],
  ['too many tokens', { inputTokens: 2 ** 53 }],
  ['tokens as text', { inputTokens: '5' }],
  ['a currency of two letters', { currency: 'US' }],
  ['a currency in small letters', { currency: 'usd' }],
  ['no agent', { agentId: undefined }],
  ['a blank agent', { agentId: ' ' }],
  ['an empty task', { taskId: '' }],
  ['a blank key', { idempotencyKey: ' ' }],
  ['a long key', { idempotencyKey: 'k'.repeat(256) }],
  ['an unknown category', { callCategory: 'other' }],
  ['a time without a zone', { timestamp: '2026-01-31T09:30:00' }],
  ['an unknown field', { price: 1 }],
]

export const costRecordCases: readonly ConformanceCase[] = [
  {
    id: 'K1',
    name: 'append, get, and query by each filter, several (AND), values (OR), null and time ranges',
    async run(harness) {
      const store = await openFresh(harness)
      const full = await store.costRecords.append(fullCost())
      assert.deepEqual(full, { ...fullCost(), unreadable: [] })
      assert.deepEqual(await store.costRecords.get(ulid(9999)), full)
      const before = Date.now()
      const least = await store.costRecords.append(newCost())
      const { id, timestamp, ...rest } = least
      assert.match(id, /^[0-9A-HJKMNP-TV-Z]{26}$/)
      assert.ok(timestamp.getTime() >= before && timestamp.getTime() <= Date.now())
      assert.deepEqual(rest, {
        ...newCost(),
        idempotencyKey: null,
        sessionId: null,
        taskId: null,
        planId: null,
        project: null,
        biller: null,
        reasoningTokens: 0,
        cacheReadTokens: 0,
        cacheWriteTokens: 0,
        cacheWrite1hTokens: 0,
        costStatus: 'reported',
        priceSource: null,
        currency: 'USD',
        callCategory: null,
        latencyMs: null,
        success: null,
        finishReason: null,
        source: null,
        metadata: {},
        reservationId: null,
        unreadable: [],
      })
      assert.deepEqual(await store.costRecords.get(id), least)
      assert.equal(await store.costRecords.get('nobody'), null)
      assert.deepEqual([...(await store.costRecords.getMany([id, 'nobody'])).values()], [least])
    },
  },
  {
    id: 'K1b',
    name: 'query, count and each agree on every filter',
    async run(harness) {
      const store = await openFresh(harness)
      await seed(store)
      for (const [filter, expected] of filters) {
        const about = JSON.stringify(filter)
        const ids = expected.map(ulid)
        assert.deepEqual(idsOf((await store.costRecords.query(filter)).items), ids, about)
        assert.equal(await store.costRecords.count(filter), ids.length, about)
        assert.deepEqual(idsOf(await collect(store.costRecords.each(filter))), ids, about)
      }
      const wrong: readonly unknown[] = [
        { agent: 'ann' },
        { callCategory: 'other' },
        { since: 'yesterday' },
        { since: '2026-01-31' },
        { until: new Date(Number.NaN) },
        { since: 5 },
        { tree: true },
        { tree: 'yes', planId: 'p1' },
        { tree: true, planId: ['p1', 'p2'] },
      ]
      for (const filter of wrong) {
        const about = JSON.stringify(filter)
        await rejection(InvalidRecordError, () => store.costRecords.query(filter as CostFilter), about)
        await rejection(InvalidRecordError, () => store.costRecords.aggregate(filter as CostFilter), about)
      }
    },
  },
  {
    id: 'K6',
    name: 'money that is negative, not finite, not decimal or too fine is refused; so is what breaks another rule',
    async run(harness) {
      const store = await openFresh(harness)
      for (const [name, changes] of refused) {
        const input = { ...newCost(), ...changes } as NewCostRecord
        const error = await rejection(InvalidRecordError, () => store.costRecords.append(input), name)
        const [issue] = error.issues
        assert.ok(issue && issue.code.length > 0 && issue.message.length > 0, name)
      }
      assert.equal(await store.costRecords.count(), 0)
      const accepted: readonly (readonly [string | number, string])[] = [
        [0.001309, '0.001309'],
        ['0.000000001', '0.000000001'],
        [0.1 + 0.2, '0.3'],
        [1e-10, '0'],
        [5e-10, '0'],
        [1.5e-9, '0.000000002'],
        [2.5e-9, '0.000000002'],
        ['007.50', '7.5'],
        [1e9, '1000000000'],
        ['9223372036.854775807', '9223372036.854775807'],
        ['0', '0'],
        ['-0', '0'],
      ]
      for (const [cost, stored] of accepted) {
        // A different agent and time each: no running total may overflow.
        const place = await openFresh(harness)
        const { id } = await place.costRecords.append(newCost({ cost }))
        assert.equal((await place.costRecords.get(id))?.cost, stored, String(cost))
        assert.equal(only(await place.costRecords.aggregate()).cost, stored, String(cost))
        await place.close()
      }
      const free = await store.costRecords.append(newCost({ cost: 0, inputTokens: 0, outputTokens: 0 }))
      assert.equal(free.cost, '0')
    },
  },
  {
    id: 'K7',
    name: 'a category of null is kept, found and added up as null; so are success and latency',
    async run(harness) {
      const store = await openFresh(harness)
      await store.costRecords.append(newCost({ id: ulid(1) }))
      await store.costRecords.append(
        newCost({ id: ulid(2), callCategory: null, success: null, latencyMs: null }),
      )
      await store.costRecords.append(
        newCost({ id: ulid(3), callCategory: 'system', success: false, latencyMs: 0 }),
      )
      for (const id of [ulid(1), ulid(2)]) {
        const record = await store.costRecords.get(id)
        assert.deepEqual([record?.callCategory, record?.success, record?.latencyMs], [null, null, null])
      }
      const some = await store.costRecords.get(ulid(3))
      assert.deepEqual([some?.callCategory, some?.success, some?.latencyMs], ['system', false, 0])
      const listed = idsOf((await store.costRecords.query({ callCategory: null })).items)
      assert.deepEqual(listed.toSorted(), [ulid(1), ulid(2)])
      const totals = await store.costRecords.aggregate({}, { by: ['category'] })
      assert.deepEqual(
        totals.map((total) => [total.category, total.records]),
        [
          [null, 2],
          ['system', 1],
        ],
      )
      assert.equal(only(await store.costRecords.aggregate({ callCategory: null })).records, 2)
      const either = { callCategory: ['system', null] as const }
      assert.equal(only(await store.costRecords.aggregate(either)).records, 3)
    },
  },
  {
    id: 'K10',
    name: 'deleting the task leaves its costs',
    async run(harness) {
      const store = await openFresh(harness)
      const task = await store.tasks.create(newTask())
      const record = await store.costRecords.append(newCost({ taskId: task.id }))
      const total = await store.costRecords.aggregate({ taskId: task.id })
      assert.equal(await store.tasks.delete(task.id), true)
      assert.deepEqual(await store.costRecords.get(record.id), record)
      assert.deepEqual((await store.costRecords.query({ taskId: task.id })).items, [record])
      assert.deepEqual(await store.costRecords.aggregate({ taskId: task.id }), total)
    },
  },
  {
    id: 'K10b',
    name: 'deleting the plan leaves its costs',
    needs: ['plans'],
    async run(harness) {
      const plans = feature(harness, 'plans')
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      await plans.insert(place, { planId: 'plan-1' })
      const record = await store.costRecords.append(newCost({ planId: 'plan-1' }))
      await plans.remove(place, 'plan-1')
      assert.deepEqual(await store.costRecords.get(record.id), record)
      assert.deepEqual((await store.costRecords.query({ planId: 'plan-1' })).items, [record])
      assert.equal(only(await store.costRecords.aggregate({ planId: 'plan-1' })).cost, record.cost)
      assert.equal(only(await store.costRecords.aggregate()).cost, record.cost)
    },
  },
  {
    id: 'K11',
    name: 'newest first by instant; equal times by id, descending',
    async run(harness) {
      const store = await openFresh(harness)
      const times = [
        [5, '2026-01-31T09:30:00Z'],
        [8, '2026-01-31T09:30:00Z'],
        [2, '2026-01-31T17:30:00+08:00'],
        [7, '2026-01-31T09:30:00.000Z'],
        [9, '2026-01-31T09:29:59.999Z'],
        [3, '2026-01-31T10:00:00+01:00'],
        [1, '2026-01-31T00:00:00-12:00'],
      ] as const
      await store.costRecords.appendMany(
        times.map(([number, timestamp]) => newCost({ id: ulid(number), timestamp })),
      )
      const expected = [1, 8, 7, 5, 2, 9, 3].map(ulid)
      assert.deepEqual(idsOf((await store.costRecords.query()).items), expected)
      assert.deepEqual(idsOf(await collect(store.costRecords.each())), expected)
      const pages: string[] = []
      let cursor: string | undefined
      for (;;) {
        const page = await store.costRecords.query({}, { limit: 2, cursor })
        pages.push(...idsOf(page.items))
        if (page.nextCursor === null) break
        cursor = page.nextCursor
      }
      assert.deepEqual(pages, expected)
    },
  },
]
