// M9e-M9i: search in scripts that are written without spaces, and in texts whose forms differ.
// Storage keeps the text as written.

import assert from 'node:assert/strict'
import type { Store } from '../../index.ts'
import { type ConformanceCase, openFresh } from '../support/case.ts'
import { idsOf } from '../support/expect.ts'
import { DAY } from '../support/retention-samples.ts'
import { newMessage } from '../support/samples.ts'

export type Searches = readonly (readonly [text: string, ids: readonly string[]])[]

/** Old enough for the cases to prune. */
const longAgo = () => new Date(Date.now() - 100 * DAY)

async function store(store: Store, contents: Readonly<Record<string, string>>): Promise<void> {
  await store.messages.appendMany(
    Object.entries(contents).map(([id, content]) => newMessage({ id, content })),
  )
}

async function finds(store: Store, searches: Searches): Promise<void> {
  for (const [text, ids] of searches) {
    const { items } = await store.messages.search(text)
    assert.deepEqual([...idsOf(items)].sort(), [...ids].sort(), JSON.stringify(text))
  }
}

export const byParts = {
  zh: '我们明天去东京塔看看',
  zh2: '东京很大,南京塔不高',
  ja: '明日は東京タワーに行きます。カタカナとひらがな',
  half: 'ﾃｽﾄ ｶﾞｲﾄﾞ',
  ko: '서울에서 만나요',
  jamo: '부산'.normalize('NFD'),
  th: 'ฉันรักภาษาไทยมาก',
  lo: 'ຂ້ອຍຮັກພາສາລາວ',
  km: 'ខ្ញុំស្រលាញ់ភាសាខ្មែរ',
  my: 'မြန်မာဘာသာစကား',
  beyond: '𠮷野家で食べた',
  mixed: '买iPhone15手机,2024年v2.5发布🚀好',
  spaced: 'Tokyo tower is tall',
} as const

export const parts: Searches = [
  ['东京', ['zh', 'zh2']],
  ['东京塔', ['zh']],
  ['京塔', ['zh', 'zh2']],
  ['塔', ['zh', 'zh2']],
  ['东京 看看', ['zh']],
  ['东京,看看', ['zh']],
  ['东京看看', []],
  ['京东', []],
  ['我们明天去东京塔看看', ['zh']],
  ['我们明天去东京塔看看吧', []],
  ['東京', ['ja']],
  ['タワー', ['ja']],
  ['ワー', ['ja']],
  ['カタカナ', ['ja']],
  ['ｶﾀｶﾅ', ['ja']],
  ['テスト', ['half']],
  ['ガイド', ['half']],
  ['カイド', []],
  ['サワー', []],
  ['서울', ['ko']],
  ['서울'.normalize('NFD'), ['ko']],
  ['울', ['ko']],
  ['부산', ['jamo']],
  ['ภาษาไทย', ['th']],
  ['ไทย', ['th']],
  ['ພາສາ', ['lo']],
  ['ភាសា', ['km']],
  ['ဘာသာ', ['my']],
  ['𠮷', ['beyond']],
  ['𠮷野家', ['beyond']],
  ['野家', ['beyond']],
  ['\u{20000}', []],
  ['手机', ['mixed']],
  ['iphone15', ['mixed']],
  ['iphone15手机', ['mixed']],
  ['iphone', []],
  ['2024', ['mixed']],
  ['发布 好', ['mixed']],
  ['v2 5发布', ['mixed']],
  ['towe', []],
  ['TOWER tokyo', ['spaced']],
]

export const forms = {
  composed: 'Un café à Zürich',
  decomposed: 'un café à zürich'.normalize('NFD'),
  plain: 'a cafe in zurich',
  wide: 'ＡＢＣ１２３',
  ligature: 'the ﬁrst oﬃce',
  soft: 'co\u00adop\u00aderate',
  variant: '葛\u{e0100}城',
  sigma: 'ΣΊΣΥΦΟΣ',
  street: 'Hauptstraße',
  capital: 'HAUPTSTRAẞE',
  turkish: 'İSTANBUL ISPARTA',
  small: 'istanbul ısparta',
  long: `${'x'.repeat(300)} ${'ы'.repeat(300)}`,
} as const

export const forMarks: Searches = [
  ['café', ['composed', 'decomposed']],
  ['CAFÉ'.normalize('NFD'), ['composed', 'decomposed']],
  ['cafe', ['plain']],
  ['zürich', ['composed', 'decomposed']],
  ['abc123', ['wide']],
  ['ａｂｃ１２３', ['wide']],
  ['first office', ['ligature']],
  ['cooperate', ['soft']],
  ['葛城', ['variant']],
  ['葛', ['variant']],
  ['σίσυφος', ['sigma']],
  ['ΣΊΣΥΦΟς', ['sigma']],
  ['hauptstraße', ['street', 'capital']],
  ['HAUPTSTRASSE', []],
  ['istanbul', ['turkish', 'small']],
  ['İstanbul', ['turkish', 'small']],
  ['İstanbul'.toLowerCase(), ['turkish', 'small']],
  ['ISPARTA', ['turkish', 'small']],
  ['ısparta', ['turkish', 'small']],
  ['X'.repeat(300), ['long']],
  ['x'.repeat(299), []],
  ['Ы'.repeat(300), ['long']],
]

export const messagePartsCases: readonly ConformanceCase[] = [
  {
    id: 'M9e',
    name: 'P6: search finds any part of what scripts without spaces say, and nothing that is not written together',
    async run(harness) {
      const opened = await openFresh(harness)
      await store(opened, byParts)
      await finds(opened, parts)
    },
  },
  {
    id: 'M9f',
    name: 'P6: search finds a text in whichever form its characters were written, and the stored text stays as it was',
    async run(harness) {
      const opened = await openFresh(harness)
      await store(opened, forms)
      await finds(opened, forMarks)
      for (const [id, content] of Object.entries(forms)) {
        assert.equal((await opened.messages.get(id))?.content, content, id)
      }
    },
  },
  {
    id: 'M9g',
    name: 'search by parts goes through pages, passing over texts that have the same pairs in other places',
    async run(harness) {
      const opened = await openFresh(harness)
      const right = (index: number) => index % 50 === 7
      await opened.messages.appendMany(
        Array.from({ length: 400 }, (_, index) =>
          newMessage({
            id: `c${String(index).padStart(3, '0')}`,
            content: right(index) ? '去东京塔看看' : '东京有东西,南京塔',
          }),
        ),
      )
      const wanted = Array.from({ length: 400 }, (_, index) => index)
        .filter(right)
        .map((index) => `c${String(index).padStart(3, '0')}`)
        .reverse()
      const found: string[] = []
      const sizes: number[] = []
      let cursor: string | undefined
      do {
        const page = await opened.messages.search('东京塔', { limit: 3, cursor })
        found.push(...idsOf(page.items))
        sizes.push(page.items.length)
        cursor = page.nextCursor ?? undefined
      } while (cursor !== undefined)
      assert.deepEqual([found, sizes], [wanted, [3, 3, 2]])
    },
  },
  {
    id: 'M9h',
    name: 'the words of a long text are found to the last one, and a long query is one',
    async run(harness) {
      const opened = await openFresh(harness)
      const words = Array.from({ length: 130_000 }, (_, index) => `w${index.toString(36)}`)
      const han = Array.from({ length: 15_000 }, (_, index) => String.fromCodePoint(0x4e00 + index)).join('')
      await store(opened, { words: words.join(' '), han })
      await finds(opened, [
        ['w0', ['words']],
        [`${words.at(-1)}`, ['words']],
        [words.slice(-32).join(' '), ['words']],
        [han.slice(9_000, 9_400), ['han']],
        [`${han.slice(9_000, 9_400)}一`, []],
        [han.slice(-1), ['han']],
      ])
    },
  },
  {
    id: 'M9i',
    name: 'messages from before search by parts are found after the migration, through down and up again, and removed ones are not',
    large: true,
    async run(harness) {
      const opened = await openFresh(harness)
      await store(opened, byParts)
      await finds(opened, parts)
      await opened.migrate({ to: 9 })
      await opened.migrate()
      await finds(opened, parts)
      await opened.messages.append(newMessage({ id: 'old', content: '东京塔 tower', timestamp: longAgo() }))
      await finds(opened, [['东京塔', ['zh', 'old']]])
      await opened.messages.append(newMessage({ id: 'noted', content: '东京塔', timestamp: longAgo() }))
      await opened.retention.prune({ messages: '40d' })
      await finds(opened, parts)
      await finds(opened, [['tower', ['spaced']]])
      assert.ok((await opened.doctor({ only: ['schema drift'] })).ok)
    },
  },
]
