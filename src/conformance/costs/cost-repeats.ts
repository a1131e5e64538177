// K5, U5: a cost record appended again, by its idempotency key or its id, singly and in batches,
// across stores and processes; with equal and with different content.

import assert from 'node:assert/strict'
import { DuplicateRecordError, InvalidRecordError } from '../../errors.ts'
import { events } from '../../index.ts'
import type { NewCostRecord } from '../../records/cost-records/definition.ts'
import { type ConformanceCase, feature, openAt, openFresh } from '../support/case.ts'
import { idsOf, only, rejection } from '../support/expect.ts'
import { fullCost, newCost, ulid } from '../support/samples.ts'

export const costRepeatCases: readonly ConformanceCase[] = [
  {
    id: 'K5',
    name: 'the same idempotencyKey twice: one record, both callers get it',
    async run(harness) {
      const store = await openFresh(harness)
      const first = await store.costRecords.append(newCost({ idempotencyKey: 'call-1', cost: '0.5' }))
      const second = await store.costRecords.append(newCost({ idempotencyKey: 'call-1', cost: '0.50' }))
      assert.deepEqual(second, first)
      const calls = Array.from({ length: 20 }, (_, index) =>
        store.costRecords.append(
          index % 2 === 0
            ? newCost({ idempotencyKey: 'call-2' })
            : newCost({ idempotencyKey: 'call-1', cost: '0.5' }),
        ),
      )
      const answers = await Promise.all(calls)
      assert.equal(new Set(idsOf(answers)).size, 2)
      assert.deepEqual(answers[1], first)
      assert.equal(await store.costRecords.count(), 2)
      const total = only(await store.costRecords.aggregate())
      assert.deepEqual([total.records, total.cost], [2, '0.501309'])
      const other = await store.costRecords.append(newCost({ idempotencyKey: 'Call-1' }))
      assert.notEqual(other.id, first.id)
    },
  },
  {
    id: 'K5b',
    name: 'the same idempotencyKey concurrently from two stores: one record, all callers get it',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const stores = [await openAt(harness, place), await openAt(harness, place)]
      const calls = stores.flatMap((store) =>
        Array.from({ length: 20 }, (_, index) =>
          store.costRecords.append(newCost({ idempotencyKey: `call-${index % 4}` })),
        ),
      )
      const answers = await Promise.all(calls)
      assert.equal(new Set(idsOf(answers)).size, 4)
      for (const store of stores) {
        assert.equal(await store.costRecords.count(), 4)
        assert.equal(only(await store.costRecords.aggregate()).records, 4)
      }
      for (const answer of answers) assert.deepEqual(await stores[0]?.costRecords.get(answer.id), answer)
    },
  },
  {
    id: 'K5c',
    name: 'the same idempotencyKey from two processes: one record, both get it',
    needs: ['processes'],
    async run(harness) {
      const { perform } = feature(harness, 'processes')
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      const job = { do: 'append-cost', cost: newCost({ idempotencyKey: 'call-1' }), times: 10 } as const
      const answers = (await Promise.all([
        perform(place, job),
        perform(place, job),
        Promise.all(Array.from({ length: 10 }, () => store.costRecords.append(job.cost))),
      ])) as { id: string }[][]
      assert.equal(new Set(idsOf(answers.flat())).size, 1)
      assert.equal(await store.costRecords.count(), 1)
    },
  },
  {
    id: 'K5d',
    name: 'an id that exists is DuplicateRecordError, with another key or without one',
    async run(harness) {
      const store = await openFresh(harness)
      const first = await store.costRecords.append(fullCost())
      for (const changes of [{ idempotencyKey: null }, { idempotencyKey: 'call-2' }]) {
        const error = await rejection(DuplicateRecordError, () => store.costRecords.append(fullCost(changes)))
        assert.deepEqual([error.table, error.id], ['cost_records', ulid(9999)])
      }
      assert.deepEqual(await store.costRecords.append(fullCost()), first)
      assert.deepEqual(await store.costRecords.append(fullCost({ id: undefined })), first)
      assert.equal(await store.costRecords.count(), 1)
      assert.equal(only(await store.costRecords.aggregate()).records, 1)
    },
  },
  {
    id: 'K5e',
    name: 'appendMany stores all that are new, repeats by key, or stores none',
    async run(harness) {
      const store = await openFresh(harness)
      const first = await store.costRecords.append(newCost({ idempotencyKey: 'call-1' }))
      const made = await store.costRecords.appendMany([
        newCost({ id: ulid(2) }),
        newCost({ idempotencyKey: 'call-1' }),
        newCost({ id: ulid(1), idempotencyKey: 'call-2' }),
        newCost({ idempotencyKey: 'call-2' }),
      ])
      assert.deepEqual(idsOf(made), [ulid(2), first.id, ulid(1), ulid(1)])
      assert.deepEqual(made[1], first)
      const refusedBatches = [
        [newCost({ id: ulid(4) }), newCost({ id: ulid(2) })],
        [newCost({ id: ulid(5) }), newCost({ id: ulid(5) })],
        [newCost({ id: ulid(6), idempotencyKey: 'call-3' }), newCost({ id: ulid(1) })],
        [newCost({ id: ulid(8) }), newCost({ idempotencyKey: 'call-1', cost: '9' })],
        [
          newCost({ id: ulid(9), idempotencyKey: 'call-4' }),
          newCost({ idempotencyKey: 'call-4', cost: '9' }),
        ],
      ]
      for (const batch of refusedBatches) {
        await rejection(DuplicateRecordError, () => store.costRecords.appendMany(batch))
      }
      await rejection(InvalidRecordError, () =>
        store.costRecords.appendMany([newCost({ id: ulid(7) }), newCost({ cost: '-1' })]),
      )
      assert.deepEqual(await store.costRecords.appendMany([]), [])
      assert.equal(await store.costRecords.count(), 3)
      assert.equal(only(await store.costRecords.aggregate()).records, 3)
    },
  },
  {
    id: 'U5',
    name: 'a used idempotencyKey with other content is DuplicateRecordError that names what differs',
    async run(harness) {
      const store = await openFresh(harness)
      const first = await store.costRecords.append(fullCost())
      const repeated: string[] = []
      store.on(events.costRepeated, ({ id }) => repeated.push(id))
      const changes: readonly Partial<NewCostRecord>[] = [
        { id: ulid(1) },
        { agentId: 'confidential' },
        { taskId: null },
        { planId: 'plan-2' },
        { project: 'confidential' },
        { provider: 'other' },
        { model: 'other' },
        { inputTokens: 1 },
        { outputTokens: 79 },
        { reasoningTokens: 0 },
        { cacheReadTokens: 0 },
        { cacheWriteTokens: 7 },
        { cacheWrite1hTokens: undefined },
        { sessionId: 'confidential' },
        { biller: null },
        { source: 'confidential' },
        { costStatus: 'reported', priceSource: null },
        { cost: '0.777' },
        { currency: 'USD' },
        { timestamp: new Date(0) },
        { callCategory: null },
        { latencyMs: null },
        { success: true },
        { finishReason: 'confidential' },
        { metadata: { request: 'confidential' } },
        { agentId: 'confidential', cost: '0.777' },
      ]
      for (const change of changes) {
        const names = Object.keys(change)
        const calls = [
          () => store.costRecords.append(fullCost(change)),
          () => store.costRecords.appendMany([newCost(), fullCost(change)]),
          () => store.transaction((tx) => tx.costRecords.append(fullCost(change))),
        ]
        for (const call of calls) {
          const error = await rejection(DuplicateRecordError, call, names.join())
          assert.deepEqual([error.table, error.id, error.fields], ['cost_records', 'call-1', names])
          assert.match(error.message, new RegExp(`differs in ${names.join(', ')};`))
          assert.doesNotMatch(error.message, /confidential|777/)
        }
      }
      assert.deepEqual(repeated, [])
      assert.deepEqual(await store.costRecords.get(first.id), first)
      assert.equal(await store.costRecords.count(), 1)
      assert.equal(only(await store.costRecords.aggregate()).records, 1)
    },
  },
  {
    id: 'U5b',
    name: 'equal content in another form, or with its id and time left out, is the stored cost record',
    async run(harness) {
      const store = await openFresh(harness)
      const first = await store.costRecords.append(fullCost({ cost: '0.5', metadata: { zero: -0, n: 1 } }))
      const forms: readonly Partial<NewCostRecord>[] = [
        { cost: '0.500' },
        { timestamp: '2026-01-31T10:30:00.123+01:00' },
        { id: undefined, timestamp: undefined },
        { metadata: { n: 1, zero: 0 } },
      ]
      for (const form of forms) {
        const again = fullCost({ cost: '0.5', metadata: { zero: 0, n: 1 }, ...form })
        const [one, [other]] = [
          await store.costRecords.append(again),
          await store.costRecords.appendMany([again]),
        ]
        const stored = await store.costRecords.get(first.id)
        assert.deepEqual([one, other], [stored, stored])
      }
      assert.equal(await store.costRecords.count(), 1)
    },
  },
]
