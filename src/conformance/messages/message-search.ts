// M9: full-text search finds whole words in any case, and treats every query as words.

import assert from 'node:assert/strict'
import { InvalidRecordError } from '../../errors.ts'
import type { Store } from '../../index.ts'
import { type ConformanceCase, openFresh } from '../support/case.ts'
import { idsOf, outcome, rejection } from '../support/expect.ts'
import { newMessage } from '../support/samples.ts'

const contents = {
  m1: 'Hello big world',
  m2: 'hello "small" world',
  m3: 'A worldly matter: HELLO, again.',
  m4: 'Please read src/parser.ts and test_parser',
  m5: 'Version 2.5 costs 100% (or not)',
  m6: 'Größe, naïve café and ΣΊΣΥΦΟΣ',
  m7: 'hello\nworld\tfrom a\u00a0new-line',
  m8: '日本語 テスト message 🚀 launched',
  m9: 'near miss',
} as const

async function seed(store: Store): Promise<void> {
  for (const [id, content] of Object.entries(contents)) {
    await store.messages.append(newMessage({ id, content, channel: id === 'm9' ? 'other' : 'parser' }))
  }
}

const searches: readonly (readonly [string, readonly string[]])[] = [
  ['world', ['m7', 'm2', 'm1']],
  ['WORLD', ['m7', 'm2', 'm1']],
  ['hello', ['m7', 'm3', 'm2', 'm1']],
  ['worl', []],
  ['orld', []],
  ['hell', []],
  ['world hello', ['m7', 'm2', 'm1']],
  ['hello  big\tworld', ['m1']],
  ['hello again', ['m3']],
  ['small', ['m2']],
  ['"small"', ['m2']],
  ['"big world"', ['m1']],
  ['world -big', ['m1']],
  ['100%', ['m5']],
  ['(or not)', ['m5']],
  ['größe', ['m6']],
  ['GRÖSSE', []],
  ['new line', ['m7']],
  ['launched', ['m8']],
  ['missing', []],
]

/** Query language syntax; read as words, no content has all of them. */
const operators = [
  'hello AND world',
  'hello OR nothing',
  'NOT hello',
  'NEAR(hello world)',
  'hello NEAR/2 world',
  'content:hello AND missing',
  'hel*',
  '^hello missing',
  '{hello world}:missing',
  "hello' OR '1'='1",
  'hello"; DROP TABLE messages; --',
  '"unbalanced missing',
  'a & b | !c',
  'hello:* missing',
  '<-> missing',
  '+hello -world >big <small ~x missing',
  '\\missing',
]

export const messageSearchCases: readonly ConformanceCase[] = [
  {
    id: 'M9',
    name: 'search finds whole words in any case, all of them, newest first; not parts of words',
    async run(harness) {
      const store = await openFresh(harness)
      await seed(store)
      for (const [text, expected] of searches) {
        assert.deepEqual(idsOf((await store.messages.search(text)).items), expected, text)
      }
      assert.deepEqual(idsOf((await store.messages.search('miss', { channel: 'parser' })).items), [])
      assert.deepEqual(idsOf((await store.messages.search('miss', { channel: 'other' })).items), ['m9'])
    },
  },
  {
    id: 'M9b',
    name: 'quotes and operators in a query are taken as words, never as syntax',
    async run(harness) {
      const store = await openFresh(harness)
      await seed(store)
      for (const text of operators) {
        const page = await store.messages.search(text)
        assert.deepEqual(idsOf(page.items), [], text)
      }
      assert.equal(await store.messages.count(), 9)
      await store.messages.append(
        newMessage({ id: 'op', content: 'this AND that OR these NOT those NEAR me' }),
      )
      for (const text of ['and', 'OR', 'not those', 'near me', 'NOT']) {
        const found = idsOf((await store.messages.search(text)).items)
        assert.ok(found.includes('op'), text)
      }
    },
  },
  {
    id: 'M9c',
    name: 'a query without a word, with too many, or that is no text is refused',
    async run(harness) {
      const store = await openFresh(harness)
      await seed(store)
      const many = Array.from({ length: 33 }, (_, index) => `w${index}`).join(' ')
      for (const text of [
        '',
        '   ',
        '"',
        '*',
        '%',
        '()',
        '-- ;',
        '🚀',
        many,
        5,
        null,
        undefined,
        'a\0b',
        '\ud800',
      ]) {
        const call = () => store.messages.search(text as string)
        await rejection(InvalidRecordError, call, String(text).slice(0, 20))
      }
      const most = Array.from({ length: 32 }, (_, index) => `w${index}`).join(' ')
      assert.deepEqual((await store.messages.search(most)).items, [])
    },
  },
  {
    id: 'M9d',
    name: 'search sees what was appended before it, in pages, and inside a transaction its own messages',
    async run(harness) {
      const store = await openFresh(harness)
      await seed(store)
      assert.equal((await store.messages.search('needle')).items.length, 0)
      await store.messages.appendMany(
        Array.from({ length: 25 }, (_, index) => newMessage({ id: `n${index}`, content: `needle ${index}` })),
      )
      assert.equal((await store.messages.search('needle')).items.length, 25)
      const ids: string[] = []
      let cursor: string | undefined
      do {
        const page = await store.messages.search('NEEDLE', { limit: 10, cursor })
        ids.push(...idsOf(page.items))
        cursor = page.nextCursor ?? undefined
      } while (cursor !== undefined)
      assert.deepEqual([ids.length, new Set(ids).size], [25, 25])
      const work = store.transaction(async (tx) => {
        await tx.messages.append(newMessage({ id: 'inside', content: 'a haystack' }))
        assert.deepEqual(idsOf((await tx.messages.search('haystack')).items), ['inside'])
        throw new RangeError('on purpose')
      })
      assert.ok((await outcome(() => work)) instanceof RangeError)
      assert.deepEqual((await store.messages.search('haystack')).items, [])
      assert.equal((await store.messages.search('needle')).items.length, 25)
      await store.messages.append(newMessage({ id: 'after', content: 'another haystack' }))
      assert.deepEqual(idsOf((await store.messages.search('haystack')).items), ['after'])
    },
  },
]
