// F1 to F4: what all lists, counts and totals share: ranges that end before they begin, names of
// filters, and the requested order.

import assert from 'node:assert/strict'
import { InvalidRecordError } from '../../errors.ts'
import type { Store } from '../../index.ts'
import { type ConformanceCase, openFresh } from '../support/case.ts'
import { collect, rejection } from '../support/expect.ts'
import { newAction, newCost, newEntry, newMessage, newPlan, newTask } from '../support/samples.ts'

type Filter = Readonly<Record<string, unknown>>
type Read = (store: Store, filter: Filter) => unknown

interface Listing {
  /** The plural noun for the records in messages. */
  readonly plural: string
  readonly key: string
  readonly page: (
    store: Store,
    filter: Filter,
    page?: object,
  ) => Promise<{ items: readonly object[]; nextCursor: string | null }>
  readonly each: (store: Store, filter: Filter, options?: object) => AsyncIterable<object>
  readonly count: (store: Store, filter: Filter) => Promise<number>
  /** Other calls that take the filter. */
  readonly more?: readonly Read[]
  /** Names of the ranges, each with its lower and upper bound. */
  readonly ranges: readonly (readonly [string, string])[]
}

const range = ['since', 'until'] as const
const changes = [range, ['updatedAfter', 'updatedBefore']] as const

const listings: Readonly<Record<string, Listing>> = {
  tasks: {
    plural: 'tasks',
    key: 'id',
    page: ({ tasks }, filter, page) => tasks.list(filter, page),
    each: ({ tasks }, filter, options) => tasks.each(filter, options),
    count: ({ tasks }, filter) => tasks.count(filter),
    ranges: changes,
  },
  plans: {
    plural: 'plans',
    key: 'planId',
    page: ({ plans }, filter, page) => plans.list(filter, page),
    each: ({ plans }, filter, options) => plans.each(filter, options),
    count: ({ plans }, filter) => plans.count(filter),
    ranges: changes,
  },
  actions: {
    plural: 'actions',
    key: 'name',
    page: ({ actions }, filter, page) => actions.list(filter, page),
    each: ({ actions }, filter, options) => actions.each(filter, options),
    count: ({ actions }, filter) => actions.count(filter),
    ranges: changes,
  },
  costRecords: {
    plural: 'cost records',
    key: 'id',
    page: ({ costRecords }, filter, page) => costRecords.query(filter, page),
    each: ({ costRecords }, filter, options) => costRecords.each(filter, options),
    count: ({ costRecords }, filter) => costRecords.count(filter),
    more: [
      ({ costRecords }, filter) => costRecords.aggregate(filter),
      ({ costRecords }, filter) => costRecords.aggregate(filter, { by: ['agent', 'day'] }),
    ],
    ranges: [range],
  },
  messages: {
    plural: 'messages',
    key: 'id',
    page: ({ messages }, filter, page) => messages.query(filter, page),
    each: ({ messages }, filter, options) => messages.each(filter, options),
    count: ({ messages }, filter) => messages.count(filter),
    ranges: [range],
  },
  audit: {
    plural: 'audit entries',
    key: 'id',
    page: ({ audit }, filter, page) => audit.query(filter, page),
    each: ({ audit }, filter, options) => audit.each(filter, options),
    count: ({ audit }, filter) => audit.count(filter),
    ranges: [range],
  },
}

function readsOf({ page, each, count, more = [] }: Listing): readonly Read[] {
  return [page, (store, filter) => collect(each(store, filter)), count, ...more]
}

async function fill(store: Store): Promise<void> {
  for (let index = 0; index < 7; index += 1) {
    await store.tasks.create(newTask())
    await store.plans.create(newPlan())
    await store.actions.create(newAction({ name: `local/action-${index}` }))
    await store.costRecords.append(newCost())
    await store.messages.append(newMessage())
    await store.audit.append(newEntry())
  }
}

export const listFilterCases: readonly ConformanceCase[] = [
  {
    id: 'F1',
    name: 'R8: a range that ends before it begins is refused by every list, count and total; one that ends where it begins is empty',
    async run(harness) {
      const store = await openFresh(harness)
      await fill(store)
      const [early, late] = ['2026-01-31T09:00:00.000Z', '2026-01-31T10:00:00.000Z']
      const [before, after] = [new Date(0), new Date(Date.now() + 3_600_000)]
      for (const [name, listing] of Object.entries(listings)) {
        for (const [low, high] of listing.ranges) {
          for (const read of readsOf(listing)) {
            const about = `${name} ${low} ${String(read)}`
            for (const filter of [
              { [low]: late, [high]: early },
              { [high]: new Date(early), [low]: new Date(late) },
            ]) {
              const error = await rejection(InvalidRecordError, () => read(store, filter), about)
              assert.deepEqual(
                error.issues.map(({ path, code }) => [...path, code]),
                [[high, 'range']],
                about,
              )
            }
          }
          const { page, count } = listing
          assert.equal(await count(store, { [low]: early, [high]: early }), 0, name)
          assert.deepEqual((await page(store, { [low]: early, [high]: early })).items, [], name)
          assert.equal(await count(store, { [low]: before, [high]: after }), await count(store, {}), name)
          assert.equal(await count(store, { [high]: before }), 0, name)
          assert.equal(await count(store, { [low]: after }), 0, name)
        }
      }
      const [total] = await store.costRecords.aggregate({ since: early, until: early })
      assert.equal(total?.cost, '0')
    },
  },
  {
    id: 'F2',
    name: 'D3, D4: an unknown filter names the records in the plural and every filter there is, and each of those can be used',
    async run(harness) {
      const store = await openFresh(harness)
      for (const [name, listing] of Object.entries(listings)) {
        for (const read of readsOf(listing)) {
          const error = await rejection(InvalidRecordError, () => read(store, { colour: 'red' }), name)
          assert.match(
            error.message,
            new RegExp(`^filter of ${listing.plural}: colour: is no filter; there are `),
          )
          const names = error.message.split('there are ')[1]?.split(', ') ?? []
          for (const each of [...listing.ranges.flat(), ...(name === 'plans' ? ['name', 'project'] : [])]) {
            assert.ok(names.includes(each), `${name}: ${each} is not among ${names.join()}`)
          }
          for (const each of names) {
            // A value that no filter accepts: refused for its type, not for its name.
            const refused = await rejection(
              InvalidRecordError,
              () => read(store, { [each]: Symbol('x') }),
              each,
            )
            assert.notEqual(refused.issues[0]?.code, 'unknown_filter', each)
          }
        }
      }
    },
  },
  {
    id: 'F3',
    name: 'U9: every list can be read in either order, in pages and by each; a cursor belongs to one order',
    async run(harness) {
      const store = await openFresh(harness)
      await fill(store)
      for (const [name, { key, page, each }] of Object.entries(listings)) {
        const ids = (items: readonly object[]) => items.map((item) => (item as Record<string, unknown>)[key])
        const own = ids((await page(store, {})).items)
        const [oldest, newest] = [
          await page(store, {}, { order: 'asc' }),
          await page(store, {}, { order: 'desc' }),
        ]
        assert.equal(own.length >= 7, true, name)
        assert.deepEqual(ids(oldest.items), ids(newest.items).toReversed(), name)
        assert.ok([String(ids(oldest.items)), String(ids(newest.items))].includes(String(own)), name)
        for (const order of ['asc', 'desc'] as const) {
          const whole = ids((await page(store, {}, { order })).items)
          assert.deepEqual(ids(await collect(each(store, {}, { order }))), whole, name)
          const paged: unknown[] = []
          let cursor: string | undefined
          do {
            const part = await page(store, {}, { order, limit: 2, cursor })
            paged.push(...ids(part.items))
            cursor = part.nextCursor ?? undefined
            const other = order === 'asc' ? 'desc' : 'asc'
            if (cursor) {
              const from = { order: other, limit: 2, cursor }
              await rejection(InvalidRecordError, () => page(store, {}, from), name)
            }
          } while (cursor)
          assert.deepEqual(paged, whole, name)
        }
        for (const order of ['newest', null, 5, ['asc']]) {
          await rejection(InvalidRecordError, () => page(store, {}, { order }), name)
          await rejection(InvalidRecordError, () => collect(each(store, {}, { order })), name)
        }
      }
    },
  },
]
