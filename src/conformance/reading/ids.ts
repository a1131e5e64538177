// T14: ids and names that some collation, trimming or normalisation would confuse; order and
// equality are by bytes.

import assert from 'node:assert/strict'
import { DuplicateRecordError, InvalidRecordError } from '../../errors.ts'
import { type ConformanceCase, openFresh } from '../support/case.ts'
import { idsOf, only, rejection } from '../support/expect.ts'
import { newCost, newMessage, newTask } from '../support/samples.ts'

/** Ids that some collation, trimming or normalisation would confuse. */
const similarIds = [
  'a',
  'A',
  'á',
  'Á',
  'a\u0301',
  'a ',
  ' a',
  'a\u00a0',
  'ａ',
  'ß',
  'ss',
  'ẞ',
  'ı',
  'i',
  'İ',
  'I',
  '1',
  '01',
  '1.0',
  '1e0',
  'null',
  'NULL',
  'true',
  'a%',
  'a_',
  'a*',
  "a'",
  'a"',
  'a\\',
  'a;--',
  '😀',
  '😁',
  '\u200ba',
  '日本',
]

export const idCases: readonly ConformanceCase[] = [
  {
    id: 'T14',
    name: 'ids that differ in case, accents, blanks or form are different ids',
    async run(harness) {
      const store = await openFresh(harness)
      for (const id of similarIds) await store.tasks.create(newTask({ id, title: `of ${id}` }))
      await store.messages.appendMany(similarIds.map((id) => newMessage({ id, content: `of ${id}` })))
      for (const id of similarIds) {
        assert.deepEqual(
          [(await store.tasks.get(id))?.id, (await store.tasks.get(id))?.title],
          [id, `of ${id}`],
        )
        assert.equal((await store.messages.get(id))?.content, `of ${id}`)
        await rejection(DuplicateRecordError, () => store.tasks.create(newTask({ id })), JSON.stringify(id))
      }
      assert.equal((await store.tasks.getMany(similarIds)).size, similarIds.length)
      assert.equal(await store.tasks.count(), similarIds.length)
      assert.equal(await store.tasks.delete('a'), true)
      for (const id of ['A', 'á', 'a ']) assert.equal((await store.tasks.get(id))?.id, id)
      const updated = await store.tasks.update('A', { title: 'Only this' }, { version: 1 })
      assert.equal(updated.version, 2)
      assert.equal((await store.tasks.get('á'))?.version, 1)
    },
  },
  {
    id: 'T14b',
    name: 'names in filters are compared by bytes, and wildcards in them are letters',
    async run(harness) {
      const store = await openFresh(harness)
      for (const name of similarIds) {
        await store.tasks.create(newTask({ id: `in ${name}`, project: name }))
        await store.costRecords.append(newCost({ agentId: name, cost: '0.5' }))
      }
      for (const name of similarIds) {
        const about = JSON.stringify(name)
        assert.deepEqual(idsOf((await store.tasks.list({ project: name })).items), [`in ${name}`], about)
        assert.equal(await store.tasks.count({ project: [name, 'none'] }), 1, about)
        assert.equal(await store.costRecords.count({ agentId: name }), 1, about)
        assert.equal(only(await store.costRecords.aggregate({ agentId: name })).cost, '0.5', about)
      }
      for (const pattern of ['%', '_', '*', '.*', 'a%%']) {
        assert.equal(await store.tasks.count({ project: pattern }), 0, pattern)
      }
      const agents = await store.costRecords.aggregate({}, { by: ['agent'] })
      assert.equal(agents.length, similarIds.length)
    },
  },
  {
    id: 'T14c',
    name: 'equal times are ordered by the bytes of the ids',
    async run(harness) {
      const store = await openFresh(harness)
      const timestamp = '2026-01-31T09:30:00Z'
      await store.messages.appendMany(similarIds.map((id) => newMessage({ id, timestamp })))
      const byBytes = similarIds.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      assert.deepEqual(idsOf((await store.messages.history('parser')).items), byBytes.toReversed())
      const paged: string[] = []
      let before: string | undefined
      do {
        const page = await store.messages.history('parser', { limit: 5, before })
        paged.push(...idsOf(page.items))
        before = page.nextCursor ?? undefined
      } while (before !== undefined)
      assert.deepEqual(paged, byBytes.toReversed())
    },
  },
  {
    id: 'T14d',
    name: 'ids that are blank, too long, or hold control characters or half a character are refused',
    async run(harness) {
      const store = await openFresh(harness)
      const wrong: readonly unknown[] = [
        '',
        ' ',
        '\t',
        '\u00a0',
        'x'.repeat(256),
        'a\0b',
        'a\nb',
        'a\u007fb',
        'a\u0085b',
        '\ud83d',
        5,
        null,
        {},
        ['a'],
        true,
      ]
      for (const id of wrong) {
        const about = JSON.stringify(id).slice(0, 20)
        const error = await rejection(
          InvalidRecordError,
          () => store.tasks.create(newTask({ id: id as string })),
          about,
        )
        assert.deepEqual(error.issues[0]?.path, ['id'], about)
        await rejection(
          InvalidRecordError,
          () => store.messages.append(newMessage({ id: id as string })),
          about,
        )
      }
      const longest = '日'.repeat(255)
      await store.tasks.create(newTask({ id: longest }))
      assert.equal((await store.tasks.get(longest))?.id, longest)
      const page = await store.tasks.list({}, { limit: 1 })
      assert.deepEqual(idsOf(page.items), [longest])
      for (const id of ['', 'a\0b', '\ud83d', 'x'.repeat(300)]) {
        assert.equal(await store.tasks.get(id), null, JSON.stringify(id).slice(0, 20))
        assert.equal(await store.tasks.delete(id), false)
        assert.equal((await store.tasks.getMany([id])).size, 0)
      }
    },
  },
]
