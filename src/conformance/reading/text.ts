// T15: text survives exactly up to its limit of bytes; NUL and lone surrogates are refused the same
// way everywhere.

import assert from 'node:assert/strict'
import { InvalidRecordError } from '../../errors.ts'
import type { TakenOverTask } from '../../index.ts'
import { type ConformanceCase, openFresh } from '../support/case.ts'
import { idsOf, rejection } from '../support/expect.ts'
import { newCost, newMessage, newTask, takenOver } from '../support/samples.ts'

/** Texts that survive exactly, wherever any text is allowed. */
const texts: readonly (readonly [string, string])[] = [
  ['emoji of several code points', '👩‍👩‍👧‍👦 🏳️‍🌈 🇨🇭'],
  ['right-to-left marks', '\u202eabc\u202c \u200f שלום \u200e'],
  ['line ends', 'one\ntwo\r\nthree\rfour\u2028five\u2029'],
  ['tabs and blanks', '\t  leading and trailing  \t'],
  ['quotes', `'single' "double" \`back\` ''doubled'' ""doubled""`],
  ['backslashes', 'C:\\temp\\new \\n \\u0041 \\\\ \\'],
  ['wildcards', '%_*?[a-z]^$'],
  ['SQL', "'); DROP TABLE tasks; --"],
  ['JSON', '{"a": [1, null, "\\u0000"]}'],
  ['parameters', '? $1 :name @name {0} %s'],
  ['combining marks', 'e\u0301 vs é'],
  ['a byte order mark', '\ufeffstart'],
  ['controls', '\u0001\u0007\u001b[31m\u007f'],
  ['private use and the last plane', '\ue000 \u{10ffff}'],
  ['a lone newline', 'x\n'],
]

const kilobyte = 'x'.repeat(1024)

export const textCases: readonly ConformanceCase[] = [
  {
    id: 'T15',
    name: 'text with emoji, marks, line ends, quotes and backslashes survives in every place for text',
    async run(harness) {
      const store = await openFresh(harness)
      for (const [name, text] of texts) {
        const task = await store.tasks.create(
          newTask({
            title: text,
            description: text,
            project: text,
            createdBy: text,
            metadata: { [text]: text, list: [text] },
            acceptanceCriteria: [{ description: text, met: false }],
            artifactsExpected: [{ type: 'code', path: text }],
            reviewers: [text],
          }),
        )
        assert.deepEqual(await store.tasks.get(task.id), task, name)
        assert.deepEqual([task.title, task.description, task.metadata[text]], [text, text, text], name)
        assert.deepEqual(idsOf((await store.tasks.list({ project: text })).items), [task.id], name)
        const message = await store.messages.append(
          newMessage({
            content: text,
            channel: text,
            parts: [{ kind: 'text', text }],
            attachments: [{ type: 'file', ref: text }],
            metadata: { extra: [[text, text]] },
          }),
        )
        assert.deepEqual((await store.messages.history(text)).items, [message], name)
        const cost = await store.costRecords.append(newCost({ agentId: text, finishReason: text }))
        assert.deepEqual((await store.costRecords.query({ agentId: text })).items, [cost], name)
      }
    },
  },
  {
    id: 'T15b',
    name: '1 MiB of text survives, in one byte a character or four; one byte more is refused',
    async run(harness) {
      const store = await openFresh(harness)
      const fits = [kilobyte.repeat(1024), '日'.repeat(349_525), '😀'.repeat(262_144)]
      for (const text of fits) {
        const task = await store.tasks.create(newTask({ description: text }))
        assert.equal((await store.tasks.get(task.id))?.description, text)
        const message = await store.messages.append(newMessage({ content: text }))
        assert.equal((await store.messages.get(message.id))?.content, text)
        const tooLong = `${text}xy`
        const create = () => store.tasks.create(newTask({ description: tooLong }))
        const error = await rejection(InvalidRecordError, create)
        assert.equal(error.issues[0]?.code, 'too_long')
        assert.ok(error.message.length < 300)
        await rejection(InvalidRecordError, () => store.messages.append(newMessage({ content: tooLong })))
      }
      const metadata = { text: 'é'.repeat(524_276) }
      assert.equal(Buffer.byteLength(JSON.stringify(metadata)), 1_048_563)
      const task = await store.tasks.create(newTask({ metadata }))
      assert.deepEqual((await store.tasks.get(task.id))?.metadata, metadata)
      await rejection(InvalidRecordError, () =>
        store.tasks.create(newTask({ metadata: { text: `${metadata.text}${'é'.repeat(20)}` } })),
      )
      const name = '日'.repeat(255)
      const named = await store.tasks.create(newTask({ title: name, project: name, createdBy: name }))
      assert.deepEqual(await store.tasks.get(named.id), named)
      await rejection(InvalidRecordError, () => store.tasks.create(newTask({ title: `${name}x` })))
    },
  },
  {
    id: 'T15c',
    name: 'NUL and halves of characters are refused alike, in every place for text',
    async run(harness) {
      const store = await openFresh(harness)
      for (const bad of ['a\0b', '\0', '\ud83dx', 'x\udc00']) {
        const places: readonly Partial<TakenOverTask>[] = [
          { title: bad },
          { description: bad },
          { project: bad },
          { createdBy: bad },
          { status: 'assigned', assignedTo: bad },
          { parentTaskId: bad },
          { planId: bad },
          { reviewers: [bad] },
          { artifactsExpected: [{ type: 'code', path: bad }] },
          { acceptanceCriteria: [{ description: bad, met: true }] },
          { metadata: { key: bad } },
          { metadata: { [bad]: 1 } },
          { metadata: { list: [{ deep: bad }] } },
        ]
        for (const place of places) {
          const about = JSON.stringify(place)
          await rejection(InvalidRecordError, () => store.tasks.create(newTask(place), takenOver()), about)
        }
        const filters: readonly (() => unknown)[] = [
          () => store.tasks.list({ project: bad }),
          () => store.messages.history(bad),
          () => store.messages.search(bad),
          () => store.messages.append(newMessage({ content: bad })),
          () => store.messages.append(newMessage({ metadata: { extra: [['k', bad]] } })),
          () => store.costRecords.append(newCost({ agentId: bad })),
          () => store.costRecords.append(newCost({ idempotencyKey: bad })),
          () => store.costRecords.query({ model: bad }),
        ]
        for (const call of filters) await rejection(InvalidRecordError, call, String(call))
      }
      assert.deepEqual([await store.tasks.count(), await store.messages.count()], [0, 0])
    },
  },
]
