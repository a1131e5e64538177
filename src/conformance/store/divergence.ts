// D1–D6: values on which engines tend to differ: empty strings, huge numbers, far dates, JSON, and
// inputs that are changed later. Ids are in ids.ts, text in text.ts, limits in paging.ts.

import assert from 'node:assert/strict'
import { InvalidRecordError } from '../../errors.ts'
import type { TakenOverTask } from '../../index.ts'
import { type ConformanceCase, openFresh } from '../support/case.ts'
import { collect, idsOf, only, rejection } from '../support/expect.ts'
import { newCost, newEntry, newMessage, newPlan, newProfile, newTask, takenOver } from '../support/samples.ts'

export const divergenceCases: readonly ConformanceCase[] = [
  {
    id: 'D1',
    name: 'empty strings: kept where text may be empty, refused where it must not be blank, never null',
    async run(harness) {
      const store = await openFresh(harness)
      const message = await store.messages.append(
        newMessage({
          content: '',
          parts: [{ kind: 'text', text: '' }],
          metadata: { extra: [['k', '']] },
        }),
      )
      assert.deepEqual(await store.messages.get(message.id), message)
      assert.equal(message.content, '')
      const task = await store.tasks.create(
        newTask({
          artifactsExpected: [{ type: 'code', path: '' }],
          acceptanceCriteria: [{ description: '', met: false }],
          metadata: { '': '', empty: [], object: {} },
        }),
      )
      assert.deepEqual(await store.tasks.get(task.id), task)
      assert.deepEqual(task.metadata, { '': '', empty: [], object: {} })
      const blanks: readonly Partial<TakenOverTask>[] = [
        { title: '' },
        { description: '' },
        { project: '  ' },
        { createdBy: '\n' },
        { assignedTo: '', status: 'assigned' },
        { parentTaskId: '' },
        { deadline: '' },
        { reviewers: [''] },
      ]
      for (const blank of blanks) {
        await rejection(
          InvalidRecordError,
          () => store.tasks.create(newTask(blank), takenOver()),
          JSON.stringify(blank),
        )
      }
    },
  },
  {
    id: 'D2',
    name: 'huge and tiny numbers: exact as money, counts and JSON, or refused',
    async run(harness) {
      const store = await openFresh(harness)
      const metadata = {
        most: Number.MAX_VALUE,
        least: Number.MIN_VALUE,
        safe: Number.MAX_SAFE_INTEGER,
        unsafe: 2 ** 60,
        negative: -Number.MAX_SAFE_INTEGER,
        fraction: 0.1 + 0.2,
        small: 1e-7,
        third: 1 / 3,
      }
      const task = await store.tasks.create(newTask({ maxRetries: Number.MAX_SAFE_INTEGER, metadata }))
      assert.deepEqual(await store.tasks.get(task.id), task)
      assert.deepEqual(task.metadata, metadata)
      const cost = await store.costRecords.append(
        newCost({ inputTokens: Number.MAX_SAFE_INTEGER, latencyMs: Number.MAX_SAFE_INTEGER }),
      )
      assert.deepEqual(await store.costRecords.get(cost.id), cost)
      for (const maxRetries of [2 ** 53, 1e300, Number.POSITIVE_INFINITY, -1, 0.5]) {
        await rejection(
          InvalidRecordError,
          () => store.tasks.create(newTask({ maxRetries })),
          String(maxRetries),
        )
      }
    },
  },
  {
    id: 'D3',
    name: 'far dates and every millisecond are kept and ordered; dates beyond the range are refused',
    async run(harness) {
      const store = await openFresh(harness)
      const times = [
        '1000-01-01T00:00:00.000Z',
        '1582-10-10T12:00:00.000Z',
        '1883-11-18T12:03:58.001Z',
        '1969-12-31T23:59:59.999Z',
        '1970-01-01T00:00:00.000Z',
        '1999-12-31T23:59:59.999Z',
        '2000-02-29T00:00:00.000Z',
        '2016-12-31T23:59:59.999Z',
        '2026-03-29T01:30:00.500Z',
        '2038-01-19T03:14:08.000Z',
        '2106-02-07T06:28:16.007Z',
        '9999-12-31T23:59:59.999Z',
      ]
      for (const time of times) {
        await store.messages.append(newMessage({ id: time, timestamp: time }))
        assert.equal((await store.messages.get(time))?.timestamp.toISOString(), time)
      }
      assert.deepEqual(idsOf(await collect(store.messages.each())), times.toReversed())
      for (const [index, time] of times.entries()) {
        assert.equal(await store.messages.count({ since: time }), times.length - index, time)
        assert.equal(await store.messages.count({ until: time }), index, time)
      }
      const wrong: readonly unknown[] = [
        '0001-01-01T00:00:00Z',
        '0999-12-31T23:59:59.999Z',
        '+010000-01-01T00:00:00Z',
        '10000-01-01T00:00:00Z',
        '9999-12-31T23:59:59.999-00:01',
        '2026-02-29T00:00:00Z',
        '2026-01-31T24:00:00Z',
        '2026-01-31T09:60:00Z',
        '2026-01-31T09:30:00',
        '2026-01-31',
        '2026-01-31T09:30:00 UTC',
        '',
        'now',
        0,
        null,
        new Date(Number.NaN),
        new Date(8.64e15),
        new Date(-8.64e15),
      ]
      for (const timestamp of wrong) {
        const append = () => store.messages.append(newMessage({ timestamp: timestamp as Date }))
        await rejection(InvalidRecordError, append, String(timestamp))
      }
      const exact = new Date(Date.UTC(2026, 0, 31, 9, 30, 0, 7))
      const message = await store.messages.append(newMessage({ timestamp: exact }))
      exact.setFullYear(1999)
      assert.equal(message.timestamp.getUTCFullYear(), 2026)
      const cut = await store.messages.append(newMessage({ timestamp: '2026-01-31T09:30:00.1239999Z' }))
      assert.equal(cut.timestamp.getUTCMilliseconds(), 123)
    },
  },
  {
    id: 'D4',
    name: 'JSON keeps numbers, order of lists, keys of all kinds and depth 64; beyond it is refused',
    async run(harness) {
      const store = await openFresh(harness)
      const nested = (depth: number): object => (depth <= 1 ? {} : { in: nested(depth - 1) })
      const values = [
        nested(64),
        { b: 1, a: 2, '10': 3, '9': 4, 'a.b': 5, $x: 6, '': 7, constructor: 8, toString: 9 },
        { list: [[], {}, [null], [[1, 2], [3]]], numbers: [1e21, 1.5, -0.5, 100, 0] },
        JSON.parse('{"__proto__": {"x": 1}, "y": 2}'),
        { same: 'value', nested: { same: 'value' } },
      ]
      for (const metadata of values) {
        const task = await store.tasks.create(newTask({ metadata }))
        const stored = await store.tasks.get(task.id)
        assert.deepEqual(stored?.metadata, metadata)
        assert.equal(Object.hasOwn(stored?.metadata ?? {}, '__proto__'), Object.hasOwn(metadata, '__proto__'))
      }
      const cycle: Record<string, unknown> = {}
      cycle.self = cycle
      const holey = [1]
      holey[2] = 3
      const wrong: readonly unknown[] = [
        nested(65),
        cycle,
        { f: () => 1 },
        { s: Symbol('x') },
        { n: 5n },
        { d: new Date() },
        { m: new Map() },
        { list: holey },
        { i: Number.POSITIVE_INFINITY },
        'text',
        7,
        null,
      ]
      for (const [index, metadata] of wrong.entries()) {
        const create = () => store.tasks.create({ ...newTask(), metadata: metadata as never })
        await rejection(InvalidRecordError, create, `value ${index}`)
      }
    },
  },
  {
    id: 'D5',
    name: 'what a caller does to its input, or to an answer, later changes nothing that is stored',
    async run(harness) {
      const store = await openFresh(harness)
      const reviewers = ['ann']
      const metadata = { deep: { list: [1] } }
      const creating = store.tasks.create(newTask({ id: 'a', reviewers, metadata }))
      reviewers.push('bob')
      metadata.deep.list.push(2)
      await creating
      const stored = await store.tasks.get('a')
      assert.deepEqual([stored?.reviewers, stored?.metadata], [['ann'], { deep: { list: [1] } }])
      const batch = [newTask({ id: 'b' }), newTask({ id: 'c' })]
      const many = store.tasks.createMany(batch)
      batch.length = 0
      await many
      assert.equal(await store.tasks.count(), 3)
    },
  },
  {
    id: 'D5b',
    name: 'nor does it while a call is under way that reads before it writes: updates, moves, plans, entries',
    async run(harness) {
      const store = await openFresh(harness)
      const inner = { list: [1] }
      const before = { deep: inner }
      const task = await store.tasks.create(newTask({ id: 'a' }))
      const plan = await store.plans.create(newPlan({ phase: 'execute', state: 'processing' }), takenOver())
      const profile = await store.automationProfiles.create(newProfile())
      const deniedTools = ['shell']
      const inputs = [newPlan({ metadata: before })]
      const calls = [
        store.tasks.update('a', { metadata: before }, task),
        store.tasks.save({ ...newTask(), id: 'b', metadata: before }),
        store.plans.create(newPlan({ metadata: before })),
        store.plans.createMany(inputs),
        store.plans.fail(plan.planId, { message: 'x', details: before }, plan),
        store.audit.append(newEntry({ details: before })),
        store.automationProfiles.update(profile.name, { guards: { deniedTools } }, { version: 1 }),
      ]
      inner.list.push(2)
      inputs.length = 0
      deniedTools.push('browser')
      const answers = await Promise.all(calls)
      assert.equal(answers.length, 7)
      const expected = { deep: { list: [1] } }
      for (const id of ['a', 'b']) assert.deepEqual((await store.tasks.get(id))?.metadata, expected)
      const plans = (await store.plans.list()).items
      assert.equal(plans.length, 3)
      for (const { planId, metadata, error } of plans) {
        if (planId === plan.planId) assert.deepEqual(error?.details, expected)
        else assert.deepEqual(metadata, expected)
      }
      const appended = (await store.audit.query({ action: 'tool:call' })).items
      assert.deepEqual(only(appended).details, expected)
      const changed = await store.automationProfiles.get(profile.name)
      assert.deepEqual(changed?.profile?.guards.deniedTools, ['shell'])
      assert.equal((await store.audit.verify()).ok, true)
    },
  },
  {
    id: 'D6',
    name: 'a filter that is no object is InvalidRecordError in every list and count',
    async run(harness) {
      const store = await openFresh(harness)
      for (const filter of [null, 'text', 5, true] as unknown[] as object[]) {
        const about = String(filter)
        for (const call of [
          () => store.tasks.list(filter),
          () => store.tasks.count(filter),
          () => store.costRecords.query(filter),
          () => store.costRecords.aggregate(filter),
          () => store.costRecords.count(filter),
          () => store.messages.query(filter),
          () => store.messages.count(filter),
          () => store.plans.list(filter),
          () => store.plans.count(filter),
          () => store.actions.list(filter),
          () => store.audit.query(filter),
          () => store.audit.count(filter),
        ]) {
          await rejection(InvalidRecordError, async () => call(), `${String(call)} ${about}`)
        }
      }
    },
  },
]
