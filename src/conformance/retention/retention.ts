// R9-R12: retention requests, deleted messages, the entries that record it, and how it ends.

import assert from 'node:assert/strict'
import { InvalidRecordError, MigrationError, PersistenceConnectionError } from '../../errors.ts'
import type { RetentionRequest } from '../../index.ts'
import { addUp } from '../costs/cost-totals.ts'
import { inThePast } from '../store/clock.ts'
import { type ConformanceCase, openFresh } from '../support/case.ts'
import { idsOf, only, rejection } from '../support/expect.ts'
import { DAY, daysAgo, oldCosts } from '../support/retention-samples.ts'
import { newEntry, newMessage, ulid } from '../support/samples.ts'

export const retentionCases: readonly ConformanceCase[] = [
  {
    id: 'R9',
    name: 'messages older than the age go from lists, threads and the search; younger ones stay',
    async run(harness) {
      const store = await openFresh(harness)
      const messages = Array.from({ length: 40 }, (_, index) =>
        newMessage({
          id: `m${index}`,
          content: `tide ${index}`,
          timestamp: daysAgo(index * 2 + 1),
          metadata: { taskId: 't1' },
        }),
      )
      await store.messages.appendMany(messages.slice(0, 30))
      assert.equal((await store.messages.search('tide')).items.length, 30)
      // Some are not in the index yet.
      await store.messages.appendMany(messages.slice(30))
      const cutoff = daysAgo(20)
      const result = only(await store.retention.prune({ messages: cutoff }))
      assert.deepEqual([result.rows, result.left, result.cutoff], [30, 0, cutoff])
      const left = messages.slice(0, 10).map(({ id }) => id ?? '')
      const channel = messages[0]?.channel ?? ''
      assert.deepEqual(idsOf((await store.messages.history(channel)).items), left)
      assert.deepEqual(idsOf((await store.messages.search('tide')).items), left)
      assert.deepEqual((await store.messages.search('29')).items, [])
      assert.equal(await store.messages.get('m29'), null)
      await store.messages.append(newMessage({ id: 'm29', content: 'tide again' }))
      assert.deepEqual(idsOf((await store.messages.search('again')).items), ['m29'])
    },
  },
  {
    id: 'R10',
    name: 'ages that are none, too young or in the future are refused, and nothing is changed',
    async run(harness) {
      const store = await openFresh(harness)
      await store.messages.append(newMessage({ timestamp: daysAgo(400) }))
      const requests: readonly unknown[] = [
        {},
        { messages: null },
        { messages: '0d' },
        { messages: '-5d' },
        { messages: '23h' },
        { messages: '5' },
        { messages: '18mo' },
        { messages: '999999y' },
        { messages: 'yesterday' },
        { messages: '2026-01-31' },
        { messages: 90 },
        { messages: new Date(Number.NaN) },
        { messages: new Date() },
        { messages: new Date(Date.now() + DAY) },
        { messages: '90d', costs: '1h' },
        { messages: '90d', audit: '0d' },
        { messages: '90d', maxRows: 0 },
        { messages: '90d', maxRows: 1.5 },
        { messages: '90d', plans: '90d' },
        null,
        '90d',
      ]
      for (const request of requests) {
        const about = JSON.stringify(request)
        await rejection(InvalidRecordError, () => store.retention.prune(request as RetentionRequest), about)
      }
      assert.equal(await store.messages.count(), 1)
      assert.deepEqual((await store.audit.query()).items, [])
      const previewed = only(await store.retention.preview({ messages: '1y' }))
      assert.deepEqual([previewed.kind, previewed.rows], ['messages', 1])
      assert.equal(await store.messages.count(), 1)
    },
  },
  {
    id: 'R11',
    name: 'every kind of which something goes has one entry, with the rows and the cutoff and no content',
    async run(harness) {
      const store = await openFresh(harness)
      await inThePast(100 * DAY, () => store.audit.append(newEntry()))
      await store.messages.append(newMessage({ content: 'a secret', timestamp: daysAgo(100) }))
      await store.costRecords.appendMany(oldCosts(40))
      const progress: string[] = []
      const results = await store.as('keeper').retention.prune({
        messages: '90d',
        costs: '50d',
        audit: '90d',
        onProgress: ({ kind, done, total }) => progress.push(`${kind} ${done}/${total}`),
      })
      const entries = (await store.audit.query({ action: 'retention:prune' })).items.toReversed()
      assert.deepEqual(
        entries.map(({ actor, subjectType, subjectId }) => [actor, subjectType, subjectId]),
        ['messages', 'costs', 'audit'].map((kind) => ['keeper', 'retention', kind]),
      )
      for (const [index, { details }] of entries.entries()) {
        const { cutoff, rows } = results[index] ?? {}
        const { before, rows: told, ...rest } = details as Readonly<Record<string, unknown>>
        assert.deepEqual([before, told, Object.keys(rest)], [cutoff?.toISOString(), rows, ['run']])
      }
      assert.ok(progress.includes('messages 1/1') && progress.includes('audit 1/1'))
      assert.equal(only(await store.retention.prune({ messages: '90d' })).rows, 0)
      assert.equal((await store.audit.query({ action: 'retention:prune' })).items.length, 3)
      assert.ok((await store.audit.verify()).ok)
    },
  },
  {
    id: 'R12',
    name: 'a removal ends after its batch when its signal or the end of the store says so, and goes on next time',
    async run(harness) {
      const store = await openFresh(harness)
      const messages = Array.from({ length: 300 }, (_, index) =>
        newMessage({ id: ulid(index), timestamp: daysAgo(100) }),
      )
      await store.messages.appendMany(messages)
      const aborted = new AbortController()
      aborted.abort(new RangeError('before'))
      await assert.rejects(store.retention.prune({ messages: '90d', signal: aborted.signal }), RangeError)
      assert.equal(await store.messages.count(), 300)
      const abort = new AbortController()
      const onProgress = () => abort.abort(new RangeError('enough'))
      const stopped = store.retention.prune({ messages: '90d', signal: abort.signal, onProgress })
      await assert.rejects(stopped, RangeError)
      const left = await store.messages.count()
      assert.ok(left > 0 && left < 300)
      assert.equal(only(await store.retention.prune({ messages: '90d' })).rows, left)
      await store.messages.appendMany(messages)
      let closing: Promise<void> | undefined
      const pruning = store.retention.prune({
        messages: '90d',
        onProgress: () => {
          closing ??= store.close()
        },
      })
      await rejection(PersistenceConnectionError, () => pruning)
      await closing
    },
  },
  {
    id: 'R13',
    name: 'going below the migration of retention is refused while there is something to lose; down and up again works',
    async run(harness) {
      const store = await openFresh(harness)
      await inThePast(100 * DAY, () => store.audit.append(newEntry()))
      // What the older layouts hold: costs that are known, without what came later.
      await store.costRecords.appendMany(
        oldCosts(40).map(({ sessionId: _, biller: __, source: ___, ...cost }) => ({
          ...cost,
          cost: cost.cost ?? '0.1',
        })),
      )
      await store.audit.append(newEntry())
      const before = await store.costRecords.aggregate({}, { by: ['currency', 'agent'] })
      await store.migrate({ to: 8 })
      await store.migrate()
      assert.deepEqual(await store.costRecords.aggregate({}, { by: ['currency', 'agent'] }), before)
      await store.retention.prune({ costs: '40d', audit: '90d' })
      const refused = await rejection(MigrationError, () => store.migrate({ to: 8 }))
      assert.ok(refused.details.some((detail) => detail.startsWith('sums of pruned cost records: ')))
      assert.ok(refused.details.includes('cuts of the audit trail: 1 row'))
      assert.deepEqual(await store.costRecords.aggregate({}, { by: ['currency', 'agent'] }), before)
      await store.migrate({ to: 8, allowDataLoss: true })
      await store.migrate()
      // Totals are those of the remaining records.
      const { cost, unpriced, records } = only(await store.costRecords.aggregate({ currency: 'USD' }))
      assert.deepEqual({ cost, unpriced, records }, await addUp(store, { currency: 'USD' }))
      assert.ok((await store.doctor({ only: ['cost totals', 'schema drift'] })).ok)
    },
  },
]
