// K13, K14, K15: totals by periods of time zones, by what the metadata says, and beside those of
// the time before.

import assert from 'node:assert/strict'
import { InvalidRecordError, MixedCurrencyError } from '../../errors.ts'
import type { CostFilter, CostGrouping, NewCostRecord, Store } from '../../index.ts'
import { type ConformanceCase, openFresh } from '../support/case.ts'
import { only, rejection } from '../support/expect.ts'
import { newCost } from '../support/samples.ts'

const HOUR = 3_600_000

/** A record at each of these times, `cost` a cent each. */
const at = (times: readonly (string | Date)[], changes: Partial<NewCostRecord> = {}) =>
  times.map((timestamp) => newCost({ timestamp, cost: '0.01', ...changes }))

const hours = (from: string, count: number) =>
  Array.from({ length: count }, (_, index) => new Date(Date.parse(from) + index * HOUR))

/** The keys of a grouping and how many records each has, in order, as the filter has them. */
async function counts(
  store: Store,
  by: readonly CostGrouping[],
  timeZone: string | undefined,
  filter: CostFilter = {},
): Promise<readonly (readonly [string, number])[]> {
  const totals = await store.costRecords.aggregate(filter, { by, timeZone })
  return totals.map((total) => [by.map((grouping) => total[grouping]).join(' '), total.records] as const)
}

/** Read from running totals, and summed from records. */
const ways: readonly CostFilter[] = [{}, { agentId: 'agent-7', model: 'large-1' }]

export const costPeriodCases: readonly ConformanceCase[] = [
  {
    id: 'K13',
    name: 'days of a time zone have 23 and 25 hours where its clock is changed, and the hour it shows twice is two',
    async run(harness) {
      const store = await openFresh(harness)
      // Berlin: set forward on 29 March at 01:00Z, back on 25 October at 01:00Z.
      await store.costRecords.appendMany([
        ...at(hours('2026-03-28T00:00:00Z', 72)),
        ...at(hours('2026-10-24T20:00:00Z', 30)),
      ])
      for (const filter of ways) {
        const days = new Map(await counts(store, ['day'], 'Europe/Berlin', filter))
        assert.deepEqual(
          ['2026-03-28', '2026-03-29', '2026-03-30', '2026-10-24', '2026-10-25', '2026-10-26'].map((day) =>
            days.get(day),
          ),
          [23, 23, 24, 2, 25, 3],
        )
        const range = { since: '2026-10-24T23:00:00Z', until: '2026-10-25T03:00:00Z' }
        assert.deepEqual(await counts(store, ['hour'], 'Europe/Berlin', { ...filter, ...range }), [
          ['2026-10-25T01+02:00', 1],
          ['2026-10-25T02+02:00', 1],
          ['2026-10-25T02+01:00', 1],
          ['2026-10-25T03+01:00', 1],
        ])
        assert.deepEqual(await counts(store, ['week'], 'Europe/Berlin', filter), [
          ['2026-W13', 46],
          ['2026-W14', 26],
          ['2026-W43', 27],
          ['2026-W44', 3],
        ])
        assert.deepEqual(await counts(store, ['month'], 'Europe/Berlin', filter), [
          ['2026-03', 72],
          ['2026-10', 30],
        ])
        assert.deepEqual(
          await counts(store, ['month'], undefined, filter),
          await counts(store, ['month'], 'UTC', filter),
        )
      }
    },
  },
  {
    id: 'K13b',
    name: 'time zones beside the full hour divide hours exactly, also where the clock is changed by half of one',
    async run(harness) {
      const store = await openFresh(harness)
      await store.costRecords.appendMany([
        ...at([
          '2026-01-31T18:14:59.999Z',
          '2026-01-31T18:15:00Z',
          '2026-01-31T18:29:59.999Z',
          '2026-01-31T18:30:00Z',
        ]),
        // Lord Howe: from +11:00 to +10:30 on 4 April at 15:00Z.
        ...at([
          '2026-04-04T12:59:59Z',
          '2026-04-04T13:00:00Z',
          '2026-04-05T13:29:59Z',
          '2026-04-05T13:30:00Z',
        ]),
      ])
      for (const filter of ways) {
        const january = { ...filter, until: '2026-02-02T00:00:00Z' }
        assert.deepEqual(await counts(store, ['day'], 'Asia/Kolkata', january), [
          ['2026-01-31', 3],
          ['2026-02-01', 1],
        ])
        assert.deepEqual(await counts(store, ['hour'], 'Asia/Kathmandu', january), [
          ['2026-01-31T23+05:45', 1],
          ['2026-02-01T00+05:45', 3],
        ])
        assert.deepEqual(
          await counts(store, ['day'], 'Australia/Lord_Howe', { ...filter, since: '2026-04-01T00:00:00Z' }),
          [
            ['2026-04-04', 1],
            ['2026-04-05', 2],
            ['2026-04-06', 1],
          ],
        )
        assert.deepEqual(await counts(store, ['month'], 'Asia/Kolkata', filter), [
          ['2026-01', 3],
          ['2026-02', 1],
          ['2026-04', 4],
        ])
      }
    },
  },
  {
    id: 'K13c',
    name: 'what is no time zone is refused',
    async run(harness) {
      const store = await openFresh(harness)
      for (const timeZone of ['Mars/Phobos', '', '+05:30', 'Europe/Berlin; --', 5, null, {}]) {
        const call = () => store.costRecords.aggregate({}, { by: ['day'], timeZone: timeZone as string })
        if (timeZone === null) continue
        const error = await rejection(InvalidRecordError, call, String(timeZone))
        assert.equal(error.issues[0]?.code, 'time_zone')
      }
    },
  },
  {
    id: 'K13d',
    name: 'a period that divides an hour whose records were pruned is refused, or takes it where it begins; whole hours stay exact',
    async run(harness) {
      const store = await openFresh(harness)
      const day = new Date(Math.floor((Date.now() - 90 * 24 * HOUR) / (24 * HOUR)) * 24 * HOUR)
      const times = [18.25, 18.75, 19.25].map((hour) => new Date(day.getTime() + hour * HOUR))
      await store.costRecords.appendMany(at(times))
      const by = ['day'] as const
      const berlin = await store.costRecords.aggregate({}, { by, timeZone: 'Europe/Berlin' })
      const before = await store.costRecords.aggregate({}, { by, timeZone: 'Asia/Kolkata' })
      assert.deepEqual(
        before.map(({ records }) => records),
        [1, 2],
      )
      await store.retention.prune({ costs: '30d' })
      assert.deepEqual(await store.costRecords.aggregate({}, { by, timeZone: 'Europe/Berlin' }), berlin)
      for (const filter of ways) {
        const error = await rejection(InvalidRecordError, () =>
          store.costRecords.aggregate(filter, { by, timeZone: 'Asia/Kolkata' }),
        )
        assert.equal(error.issues[0]?.code, 'pruned_period')
        const whole = await store.costRecords.aggregate(filter, {
          by,
          timeZone: 'Asia/Kolkata',
          wholeHours: true,
        })
        assert.deepEqual(
          whole.map((total) => [total.day, total.records]),
          [
            [before[0]?.day, 2],
            [before[1]?.day, 1],
          ],
        )
        // A month that no such hour divides is exact.
        const months = await store.costRecords.aggregate(filter, { by: ['month'], timeZone: 'UTC' })
        assert.equal(only(months).records, 3)
      }
    },
  },
  {
    id: 'K14',
    name: 'totals by a key of the metadata: texts as they are, anything else as JSON, with the same groups on every engine',
    async run(harness) {
      const store = await openFresh(harness)
      const values = [
        'red',
        'Red',
        'red ',
        'réd',
        '',
        '1',
        1,
        1.5,
        true,
        null,
        { a: [1, 'b'] },
        ['x'],
        undefined,
      ]
      await store.costRecords.appendMany(
        values.map((team) => newCost({ cost: '0.01', metadata: team === undefined ? {} : { team, n: 1 } })),
      )
      const groups = new Map(await counts(store, ['metadata.team'], undefined))
      assert.deepEqual([...groups.keys()].toSorted(), [
        '',
        '1',
        '1.5',
        'Red',
        '["x"]',
        'red',
        'red ',
        'réd',
        'true',
        '{"a":[1,"b"]}',
      ])
      assert.equal(groups.get('1'), 2)
      const totals = await store.costRecords.aggregate({}, { by: ['metadata.team'] })
      assert.equal(totals.find((total) => total['metadata.team'] === null)?.records, 2)
      await store.costRecords.append(
        newCost({ metadata: { 'a.b c%d_é$[0]': 'odd', team: 'red' }, cost: '0.01', agentId: 'ann' }),
      )
      const odd = await store.costRecords.aggregate(
        { agentId: 'ann' },
        { by: ['metadata.a.b c%d_é$[0]', 'agent'] },
      )
      assert.equal(only(odd)['metadata.a.b c%d_é$[0]'], 'odd')
      for (const key of ['', `a"b`, "a'b", 'a\\b', 'a\nb', 'x'.repeat(256)]) {
        const call = () => store.costRecords.aggregate({}, { by: [`metadata.${key}`] })
        assert.equal((await rejection(InvalidRecordError, call, key)).issues[0]?.code, 'grouping')
      }
    },
  },
  {
    id: 'K14b',
    name: 'totals by session, biller, source and status are those of the records, and stay when they are pruned; metadata is not kept',
    async run(harness) {
      const store = await openFresh(harness)
      const timestamp = new Date(Date.now() - 90 * 24 * HOUR)
      await store.costRecords.appendMany([
        newCost({ timestamp, sessionId: 's1', cost: '1', metadata: { team: 'red' } }),
        newCost({
          timestamp,
          sessionId: 's1',
          cost: '2',
          biller: 'broker',
          costStatus: 'computed',
          priceSource: 'p',
        }),
        newCost({ timestamp, sessionId: 's2', cost: null, source: 'an adapter' }),
      ])
      const groupings = ['session', 'biller', 'source', 'costStatus'] as const
      const sums = () =>
        Promise.all(groupings.map((by) => store.costRecords.aggregate({}, { by: [by, 'week'] })))
      const before = await sums()
      assert.deepEqual(
        before[0]?.map(({ session, cost, unpriced }) => [session, cost, unpriced]),
        [
          ['s1', '3', 0],
          ['s2', '0', 1],
        ],
      )
      await store.retention.prune({ costs: '30d' })
      assert.deepEqual(await sums(), before)
      const team = only(await store.costRecords.aggregate({}, { by: ['metadata.team'] }))
      assert.deepEqual([team['metadata.team'], team.records], [null, 3])
    },
  },
  {
    id: 'K15',
    name: 'sums beside those of the range before: as many months or days of the time zone, or the same length',
    async run(harness) {
      const store = await openFresh(harness)
      await store.costRecords.appendMany([
        ...at(['2026-01-31T22:59:59Z'], { agentId: 'ann' }),
        ...at(['2026-01-31T23:00:00Z', '2026-02-10T00:00:00Z', '2026-02-28T22:59:59Z'], { agentId: 'ann' }),
        ...at(['2026-03-01T12:00:00Z'], { agentId: 'bob' }),
        ...at(['2026-01-05T00:00:00Z'], { agentId: 'cy' }),
      ])
      const compared = async (since: string, until: string, timeZone: string) => {
        const options = { by: ['agent'], timeZone, compare: 'previous' } as const
        const totals = await store.costRecords.aggregate({ since, until }, options)
        return totals.map(({ agent, records, previous }) => [agent, records, previous.records, previous.cost])
      }
      // February of Berlin beside its January, which is three days longer.
      assert.deepEqual(await compared('2026-01-31T23:00:00Z', '2026-02-28T23:00:00Z', 'Europe/Berlin'), [
        ['ann', 3, 1, '0.01'],
        ['cy', 0, 1, '0.01'],
      ])
      // One day beside the day before.
      assert.deepEqual(await compared('2026-03-01T00:00:00Z', '2026-03-02T00:00:00Z', 'UTC'), [
        ['bob', 1, 0, '0'],
        ['ann', 0, 1, '0.01'],
      ])
      // Two hours beside the two before.
      assert.deepEqual(await compared('2026-01-31T23:00:00Z', '2026-02-01T01:00:00Z', 'UTC'), [
        ['ann', 1, 1, '0.01'],
      ])
      const range = { since: '2026-02-01T00:00:00Z', until: '2026-03-01T00:00:00Z' }
      const whole = only(await store.costRecords.aggregate(range, { compare: 'previous' }))
      assert.deepEqual([whole.cost, whole.previous.cost], ['0.02', '0.03'])
      const nothing = { since: '2020-01-01T00:00:00Z', until: '2020-01-02T00:00:00Z' }
      const none = only(await store.costRecords.aggregate(nothing, { compare: 'previous' }))
      assert.deepEqual([none.cost, none.records, none.previous.cost, none.previous.records], ['0', 0, '0', 0])
      await store.costRecords.append(
        newCost({ timestamp: '2026-01-10T00:00:00Z', currency: 'EUR', cost: '1' }),
      )
      await rejection(MixedCurrencyError, () => store.costRecords.aggregate(range, { compare: 'previous' }))
      const byCurrency = await store.costRecords.aggregate(range, { by: ['currency'], compare: 'previous' })
      assert.deepEqual(
        byCurrency.map(({ currency, cost, previous }) => [currency, cost, previous.cost]),
        [
          ['USD', '0.02', '0.03'],
          ['EUR', '0', '1'],
        ],
      )
      for (const by of [['day'], ['agent', 'month']] as const) {
        await rejection(InvalidRecordError, () =>
          store.costRecords.aggregate(range, { by, compare: 'previous' }),
        )
      }
      await rejection(InvalidRecordError, () => store.costRecords.aggregate({}, { compare: 'previous' }))
      await rejection(InvalidRecordError, () =>
        store.costRecords.aggregate(range, { compare: 'next' as never }),
      )
    },
  },
]
