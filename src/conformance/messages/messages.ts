// M1, M5–M8: messages as appended, repeated and read back. Lists are in message-lists.ts, search in
// message-search.ts.

import assert from 'node:assert/strict'
import { DuplicateRecordError, InvalidRecordError } from '../../errors.ts'
import type { NewMessage } from '../../index.ts'
import { type ConformanceCase, openFresh } from '../support/case.ts'
import { codesOf, collect, idsOf, only, rejection, tally } from '../support/expect.ts'
import { fullMessage, newMessage } from '../support/samples.ts'

const emptyMetadata = {
  taskId: null,
  projectId: null,
  planId: null,
  tokensUsed: null,
  costUsd: null,
  extra: [],
}

const minute = (minutes: number) => new Date(Date.UTC(2026, 0, 31, 9, minutes))

const refused: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ['no sender', { sender: undefined }],
  ['a blank sender', { sender: ' ' }],
  ['both sender and from', { from: 'ann' }],
  ['no channel', { channel: undefined }],
  ['content that is no text', { content: 5 }],
  ['no content', { content: undefined }],
  ['an unknown type', { type: 'song' }],
  ['an unknown priority', { priority: 'extreme' }],
  ['a time without a zone', { timestamp: '2026-01-31T09:30:00' }],
  ['an empty list of parts', { parts: [] }],
  ['an unknown part', { parts: [{ kind: 'song', text: 'x' }] }],
  ['a part with too much', { parts: [{ kind: 'text', text: 'x', uri: 'y' }] }],
  ['data that is no object', { parts: [{ kind: 'data', data: [1] }] }],
  ['an unknown attachment', { attachments: [{ type: 'song', ref: 'x' }] }],
  ['a blank reference', { attachments: [{ type: 'file', ref: ' ' }] }],
  ['unknown metadata', { metadata: { colour: 'red' } }],
  ['negative tokens', { metadata: { tokensUsed: -1 } }],
  ['a negative cost', { metadata: { costUsd: '-1' } }],
  ['a blank key', { metadata: { extra: [[' ', 'x']] } }],
  [
    'a repeated key',
    {
      metadata: {
        extra: [
          ['k', '1'],
          ['k', '2'],
        ],
      },
    },
  ],
  ['a pair of one', { metadata: { extra: [['k']] } }],
  ['an unknown field', { subject: 'x' }],
]

export const messageCases: readonly ConformanceCase[] = [
  {
    id: 'M1',
    name: 'append, then get: every field is equal, given or left out',
    async run(harness) {
      const store = await openFresh(harness)
      const full = await store.messages.append(fullMessage())
      assert.deepEqual(full, { ...fullMessage(), unreadable: [] })
      assert.deepEqual(await store.messages.get('message-full'), full)
      const before = Date.now()
      const least = await store.messages.append(newMessage())
      const { id, timestamp, ...rest } = least
      assert.match(id, /^[0-9A-HJKMNP-TV-Z]{26}$/)
      assert.ok(timestamp.getTime() >= before && timestamp.getTime() <= Date.now())
      const parts = [{ kind: 'text', text: 'Please take the parser.' }]
      assert.deepEqual(rest, {
        ...newMessage(),
        priority: 'normal',
        parts,
        attachments: [],
        metadata: emptyMetadata,
        unreadable: [],
      })
      assert.deepEqual(await store.messages.get(id), least)
      assert.equal(await store.messages.get('nobody'), null)
      const found = await store.messages.getMany([id, 'message-full', 'nobody'])
      assert.deepEqual(found.get(id), least)
      assert.equal(found.size, 2)
    },
  },
  {
    id: 'M1b',
    name: 'a message that breaks a rule is refused, and nothing is stored',
    async run(harness) {
      const store = await openFresh(harness)
      for (const [name, changes] of refused) {
        const input = { ...newMessage(), ...changes } as NewMessage
        await rejection(InvalidRecordError, () => store.messages.append(input), name)
      }
      assert.equal(await store.messages.count(), 0)
    },
  },
  {
    id: 'M5',
    name: 'the same id twice: DuplicateRecordError; idempotent with equal content: the stored one; else the error',
    async run(harness) {
      const store = await openFresh(harness)
      const first = await store.messages.append(fullMessage())
      const error = await rejection(DuplicateRecordError, () => store.messages.append(fullMessage()))
      assert.deepEqual([error.table, error.id], ['messages', 'message-full'])
      assert.deepEqual(await store.messages.append(fullMessage(), { idempotent: true }), first)
      const changes: readonly Partial<NewMessage>[] = [
        { content: 'Other' },
        { to: 'bob' },
        { channel: 'other' },
        { type: 'question' },
        { priority: 'low' },
        { timestamp: minute(1) },
        { parts: [{ kind: 'text', text: 'x' }] },
        { attachments: [] },
        { metadata: {} },
        { metadata: { ...fullMessage().metadata, tokensUsed: 322 } },
      ]
      for (const change of changes) {
        const again = () => store.messages.append(fullMessage(change), { idempotent: true })
        const refused = await rejection(DuplicateRecordError, again, Object.keys(change).join())
        assert.deepEqual(refused.fields, Object.keys(change))
      }
      const otherSender = { ...fullMessage(), sender: 'bob' }
      await rejection(DuplicateRecordError, () => store.messages.append(otherSender, { idempotent: true }))
      assert.deepEqual(await store.messages.get('message-full'), first)
      assert.equal(await store.messages.count(), 1)
    },
  },
  {
    id: 'M5b',
    name: 'repeating a message whose time was left to the store, or in another form, is the same message',
    async run(harness) {
      const store = await openFresh(harness)
      const input = newMessage({
        id: 'a',
        parts: [{ kind: 'data', data: { zero: -0, number: 1.0, text: 'é' } }],
        metadata: { costUsd: 0.5 },
      })
      const first = await store.messages.append(input)
      const again = await store.messages.append(
        { ...input, metadata: { costUsd: '0.50' } },
        { idempotent: true },
      )
      assert.deepEqual(again, await store.messages.get('a'))
      assert.deepEqual(again.timestamp, first.timestamp)
      const zoned = newMessage({ id: 'b', timestamp: '2026-01-31T10:00:00+01:00' })
      await store.messages.append(zoned)
      const same = await store.messages.append({ ...zoned, timestamp: minute(0) }, { idempotent: true })
      assert.equal(same.id, 'b')
      const repeats = Array.from({ length: 10 }, () => store.messages.append(zoned, { idempotent: true }))
      assert.deepEqual(await Promise.all(repeats), Array(10).fill(same))
      assert.equal(await store.messages.count(), 2)
    },
  },
  {
    id: 'M5c',
    name: 'appendMany stores all, in order, or none; idempotent repeats are allowed in it',
    async run(harness) {
      const store = await openFresh(harness)
      const made = await store.messages.appendMany([newMessage({ id: 'b' }), newMessage({ id: 'a' })])
      assert.deepEqual(idsOf(made), ['b', 'a'])
      const batch = [newMessage({ id: 'c' }), newMessage({ id: 'a' }), newMessage({ id: 'd' })]
      assert.equal((await rejection(DuplicateRecordError, () => store.messages.appendMany(batch))).id, 'a')
      const other = [newMessage({ id: 'e' }), newMessage({ id: 'a', content: 'Other' })]
      await rejection(DuplicateRecordError, () => store.messages.appendMany(other, { idempotent: true }))
      const twice = [newMessage({ id: 'f' }), newMessage({ id: 'f' })]
      await rejection(DuplicateRecordError, () => store.messages.appendMany(twice))
      await rejection(InvalidRecordError, () =>
        store.messages.appendMany([newMessage({ id: 'g' }), newMessage({ channel: ' ' })]),
      )
      assert.equal(await store.messages.count(), 2)
      const repeated = await store.messages.appendMany(batch, { idempotent: true })
      assert.deepEqual(idsOf(repeated), ['c', 'a', 'd'])
      assert.deepEqual(repeated[1], made[1])
      assert.equal(await store.messages.count(), 4)
      assert.deepEqual(await store.messages.appendMany([]), [])
    },
  },
  {
    id: 'M6',
    name: '`from` in an input is the sender',
    async run(harness) {
      const store = await openFresh(harness)
      const json =
        '{"from": "ann", "to": "bob", "channel": "parser", "type": "question", "content": "Ready?"}'
      const { id } = await store.messages.append(JSON.parse(json) as NewMessage)
      const stored = await store.messages.get(id)
      assert.equal(stored?.sender, 'ann')
      assert.ok(stored && !('from' in stored))
      assert.deepEqual(idsOf((await store.messages.query({ sender: 'ann' })).items), [id])
      const [many] = await store.messages.appendMany([JSON.parse(json) as NewMessage])
      assert.equal(many?.sender, 'ann')
    },
  },
  {
    id: 'M7',
    name: 'parts, attachments and extra pairs are kept in their order, in every way to read them',
    async run(harness) {
      const store = await openFresh(harness)
      const pairs = Array.from({ length: 30 }, (_, index) => [`key ${(index * 7) % 30}`, `${index}`] as const)
      const extra = pairs.map(([key, value]) => [key, value] as [string, string])
      const input = fullMessage({ metadata: { ...fullMessage().metadata, extra } })
      const made = await store.messages.append(input)
      const readings = [
        await store.messages.get('message-full'),
        only((await store.messages.history('parser')).items),
        only((await store.messages.query({ taskId: 'task-1' })).items),
        only((await store.messages.thread({ planId: 'plan-1' })).items),
        only((await store.messages.search('parser')).items),
        only(await collect(store.messages.each())),
      ]
      for (const reading of readings) assert.deepEqual(reading, made)
      assert.deepEqual(made.metadata.extra, extra)
      assert.deepEqual(made.attachments, input.attachments)
      assert.deepEqual(made.parts, input.parts)
    },
  },
  {
    id: 'M8',
    name: 'of 64 concurrent appends where 3 are duplicates, 61 are stored and exactly those 3 callers get the error',
    async run(harness) {
      const store = await openFresh(harness)
      const duplicates = new Set([10, 40, 63])
      const appends = Array.from({ length: 64 }, (_, index) =>
        store.messages.append(
          newMessage({ id: duplicates.has(index) ? 'm0' : `m${index}`, content: `${index}` }),
        ),
      )
      const results = await Promise.allSettled(appends)
      assert.deepEqual(tally(codesOf(results)), { stored: 61, DUPLICATE_RECORD: 3 })
      for (const index of duplicates) assert.equal(results[index]?.status, 'rejected', `${index}`)
      assert.equal(await store.messages.count(), 61)
      assert.equal((await store.messages.get('m0'))?.content, '0')
    },
  },
]
