// M2–M4 and M10: channels, their order and positions in them, threads and queries.

import assert from 'node:assert/strict'
import { InvalidRecordError } from '../../errors.ts'
import type { MessageFilter, NewMessage, Store } from '../../index.ts'
import { type ConformanceCase, openFresh } from '../support/case.ts'
import { collect, idsOf, rejection } from '../support/expect.ts'
import { newMessage } from '../support/samples.ts'

async function historyIds(store: Pick<Store, 'messages'>, channel = 'parser'): Promise<readonly string[]> {
  return idsOf((await store.messages.history(channel)).items)
}

const minute = (minutes: number) => new Date(Date.UTC(2026, 0, 31, 9, minutes))

export const messageListCases: readonly ConformanceCase[] = [
  {
    id: 'M2',
    name: 'history is newest first by instant, in whatever zones the times came; equal instants by id',
    async run(harness) {
      const store = await openFresh(harness)
      const times = [
        ['a', '2026-01-31T09:30:00Z'],
        ['C', '2026-01-31T09:30:00.000Z'],
        ['b', '2026-01-31T17:30:00+08:00'],
        ['late', '2026-01-31T00:00:00-12:00'],
        ['early', '2026-01-31T10:00:00.999+01:00'],
        ['z', '2026-01-31T09:29:59.999Z'],
        ['old', '1000-01-01T00:00:00Z'],
        ['far', '9999-12-31T23:59:59.999Z'],
      ] as const
      for (const [id, timestamp] of times) await store.messages.append(newMessage({ id, timestamp }))
      const expected = ['far', 'late', 'b', 'a', 'C', 'z', 'early', 'old']
      assert.deepEqual(await historyIds(store), expected)
      assert.deepEqual(idsOf((await store.messages.query()).items), expected)
      assert.deepEqual(idsOf(await collect(store.messages.each())), expected)
      const stored = (await store.messages.get('early'))?.timestamp
      assert.equal(stored?.toISOString(), '2026-01-31T09:00:00.999Z')
    },
  },
  {
    id: 'M2b',
    name: 'a batch with one timestamp, or none, keeps its order reversed',
    async run(harness) {
      const store = await openFresh(harness)
      const batch = (channel: string, timestamp: Date | undefined) =>
        Array.from({ length: 50 }, (_, index) =>
          newMessage({ channel, content: `number ${index}`, timestamp }),
        )
      for (const [channel, timestamp] of [
        ['same', minute(0)],
        ['none', undefined],
      ] as const) {
        const made = await store.messages.appendMany(batch(channel, timestamp))
        assert.deepEqual(await historyIds(store, channel), idsOf(made).toReversed())
      }
      const single = await Promise.all(
        batch('single', minute(0)).map((input) => store.messages.append(input)),
      )
      assert.deepEqual(await historyIds(store, 'single'), idsOf(single).toReversed())
      assert.deepEqual(
        (await store.messages.history('single', { limit: 2 })).items.map((message) => message.content),
        ['number 49', 'number 48'],
      )
    },
  },
  {
    id: 'M3',
    name: 'limit, and before and after a place: a cursor or a message; both ways lead over every message',
    async run(harness) {
      const store = await openFresh(harness)
      const ids = Array.from({ length: 10 }, (_, index) => `m${index}`)
      // Two messages per minute, so that there are positions between equal times.
      const inputs = ids.map((id, index) => newMessage({ id, timestamp: minute(Math.floor(index / 2)) }))
      await store.messages.appendMany(inputs)
      await store.messages.append(newMessage({ id: 'x', channel: 'other', timestamp: minute(2) }))
      const { messages } = store
      const first = await messages.history('parser', { limit: 3 })
      assert.deepEqual(idsOf(first.items), ['m9', 'm8', 'm7'])
      const older = await messages.history('parser', { limit: 3, before: first.nextCursor ?? '' })
      assert.deepEqual(idsOf(older.items), ['m6', 'm5', 'm4'])
      const newer = await messages.history('parser', { limit: 2, after: older.previousCursor ?? '' })
      assert.deepEqual(idsOf(newer.items), ['m8', 'm7'])
      const top = await messages.history('parser', { limit: 2, after: newer.previousCursor ?? '' })
      assert.deepEqual(idsOf(top.items), ['m9'])
      const none = await messages.history('parser', { after: top.previousCursor ?? '' })
      assert.deepEqual([none.items, none.previousCursor], [[], null])
      const back = await messages.history('parser', { limit: 3, before: newer.nextCursor ?? '' })
      assert.deepEqual(idsOf(back.items), ['m6', 'm5', 'm4'])

      const place = { id: 'm4', timestamp: minute(2) }
      assert.deepEqual(idsOf((await messages.history('parser', { before: place })).items), [
        'm3',
        'm2',
        'm1',
        'm0',
      ])
      assert.deepEqual(idsOf((await messages.history('parser', { after: place, limit: 2 })).items), [
        'm6',
        'm5',
      ])
      const gone = { id: 'm4x', timestamp: minute(2) }
      assert.deepEqual(idsOf((await messages.history('parser', { before: gone, limit: 1 })).items), ['m4'])
      const last = await messages.history('parser', { before: { id: 'm1', timestamp: minute(0) } })
      assert.deepEqual([idsOf(last.items), last.nextCursor], [['m0'], null])
      assert.deepEqual((await messages.history('empty')).items, [])
      await rejection(InvalidRecordError, () => messages.history('parser', { before: place, after: place }))
      await rejection(InvalidRecordError, () =>
        messages.history('parser', { before: { id: 'm1', timestamp: new Date(Number.NaN) } }),
      )
    },
  },
  {
    id: 'M4',
    name: 'channels do not mix: wildcards, case, blanks and accents make different channels',
    async run(harness) {
      const store = await openFresh(harness)
      const channels = [
        'a_b',
        'a%b',
        'axb',
        'A_B',
        'a_b ',
        ' a_b',
        'a\\_b',
        'á_b',
        'a*b',
        'a?b',
        '%',
        '_',
        "a'b",
      ]
      for (const channel of channels)
        await store.messages.append(newMessage({ id: `in ${channel}`, channel }))
      for (const channel of channels) {
        assert.deepEqual(await historyIds(store, channel), [`in ${channel}`], channel)
        assert.deepEqual(idsOf((await store.messages.query({ channel })).items), [`in ${channel}`], channel)
        assert.equal(await store.messages.count({ channel }), 1, channel)
        const found = await store.messages.search('parser', { channel })
        assert.deepEqual(idsOf(found.items), [`in ${channel}`], channel)
      }
      for (const channel of ['', ' ', 5, null, undefined, ['a_b'], 'a\0b', 'c'.repeat(256)]) {
        await rejection(InvalidRecordError, () => store.messages.history(channel as string), String(channel))
      }
    },
  },
  {
    id: 'M10',
    name: 'queries by sender, to, type, channel, priority, task, plan and time; several mean AND; threads',
    async run(harness) {
      const store = await openFresh(harness)
      const inputs: readonly Partial<NewMessage>[] = [
        { id: 'm1', sender: 'ann', metadata: { taskId: 't1' } },
        { id: 'm2', to: 'Agent-7', metadata: { planId: 'p1' } },
        { id: 'm3', type: 'question', metadata: { taskId: 't1', planId: 'p1' } },
        { id: 'm4', priority: 'high', channel: 'other', metadata: { taskId: 't1' } },
        { id: 'm5', sender: 'ann', type: 'approval' },
      ]
      await store.messages.appendMany(
        inputs.map((input, index) => newMessage({ timestamp: minute(index), ...input })),
      )
      const filters: readonly (readonly [MessageFilter, readonly string[]])[] = [
        [{ sender: 'ann' }, ['m5', 'm1']],
        [{ to: 'agent-7' }, ['m5', 'm4', 'm3', 'm1']],
        [{ to: ['agent-7', 'Agent-7'] }, ['m5', 'm4', 'm3', 'm2', 'm1']],
        [{ type: ['question', 'approval'] }, ['m5', 'm3']],
        [{ channel: 'other' }, ['m4']],
        [{ priority: 'high' }, ['m4']],
        [{ taskId: 't1' }, ['m4', 'm3', 'm1']],
        [{ planId: 'p1' }, ['m3', 'm2']],
        [{ taskId: 't1', planId: 'p1' }, ['m3']],
        [{ taskId: 't1', channel: 'parser' }, ['m3', 'm1']],
        [{ since: minute(3) }, ['m5', 'm4']],
        [{ since: minute(1), until: minute(3), taskId: 't1' }, ['m3']],
        [{ sender: 'nobody' }, []],
      ]
      for (const [filter, expected] of filters) {
        const about = JSON.stringify(filter)
        assert.deepEqual(idsOf((await store.messages.query(filter)).items), expected, about)
        assert.equal(await store.messages.count(filter), expected.length, about)
        assert.deepEqual(idsOf(await collect(store.messages.each(filter))), expected, about)
      }
      assert.deepEqual(idsOf((await store.messages.thread({ taskId: 't1' })).items), ['m4', 'm3', 'm1'])
      assert.deepEqual(idsOf((await store.messages.thread({ planId: 'p1' }, { limit: 1 })).items), ['m3'])
      for (const about of [{}, { taskId: 't1', planId: 'p1' }, { taskId: '' }, { channel: 'parser' }]) {
        const call = () => store.messages.thread(about as { taskId: string })
        await rejection(InvalidRecordError, call, JSON.stringify(about))
      }
      for (const filter of [{ colour: 'red' }, { content: 'x' }, { sender: [] }, { taskId: 5 }]) {
        const call = () => store.messages.query(filter as MessageFilter)
        await rejection(InvalidRecordError, call, JSON.stringify(filter))
      }
    },
  },
]
