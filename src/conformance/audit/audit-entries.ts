// A1, A5: audit entries as appended, read and listed. Chaining is in audit-chain.ts, verification
// in audit-verify.ts, entries of other verbs in audit-moves.ts.

import assert from 'node:assert/strict'
import { DuplicateRecordError, InvalidRecordError } from '../../errors.ts'
import { type AuditFilter, GENESIS_HASH, type NewAuditEntry } from '../../index.ts'
import { type ConformanceCase, openFresh } from '../support/case.ts'
import { collect, only, rejection } from '../support/expect.ts'
import { fullEntry, newEntry, ulid } from '../support/samples.ts'

const entries: readonly Partial<NewAuditEntry>[] = [
  {
    action: 'tool:call',
    actor: 'ann',
    subjectId: 'shell',
    planId: 'p1',
    taskId: 't1',
    verdict: 'allow',
    matchedRules: ['no-shell', 'night'],
  },
  {
    action: 'tool:call',
    actor: 'bob',
    subjectId: 'Shell',
    planId: 'p2',
    verdict: 'deny',
    riskLevel: 'high',
    matchedRules: ['No-Shell', 'no-shell '],
  },
  { action: 'tool:calling', actor: 'Ann', subjectId: 'browser', verdict: 'escalate', riskLevel: 'critical' },
  {
    action: 'tool_x:call',
    actor: 'ann',
    subjectType: 'Tool',
    planId: 'p1',
    riskLevel: 'medium',
    matchedRules: ['say "no"', 'night', 'Zoë\\%'],
  },
  {
    action: 'file:write',
    actor: 'a%',
    subjectType: 'file',
    subjectId: 'shell',
    taskId: 't1',
    verdict: 'allow',
  },
  { action: 'file:write.all', actor: 'a_', subjectType: 'file', taskId: 't2' },
  { action: 'z:z', actor: 'ann', subjectType: 'file' },
]

/** Filters, and the entries that they match: numbers of `entries`, from 1, newest first. */
const filters: readonly (readonly [AuditFilter, readonly number[]])[] = [
  [{}, [7, 6, 5, 4, 3, 2, 1]],
  [{ actor: 'ann' }, [7, 4, 1]],
  [{ actor: ['Ann', 'bob'] }, [3, 2]],
  [{ actor: 'a%' }, [5]],
  [{ actor: 'a_' }, [6]],
  [{ action: 'tool:call' }, [2, 1]],
  [{ action: 'tool:*' }, [3, 2, 1]],
  [{ action: 'tool:call*' }, [3, 2, 1]],
  [{ action: 'tool:calli*' }, [3]],
  [{ action: 'tool*' }, [4, 3, 2, 1]],
  [{ action: 'tool_*' }, [4]],
  [{ action: 'file:write.*' }, [6]],
  [{ action: 'z*' }, [7]],
  [{ action: 'z:z*' }, [7]],
  [{ action: 'y*' }, []],
  [{ action: '*' }, [7, 6, 5, 4, 3, 2, 1]],
  [{ action: 'tool:' }, []],
  [{ verdict: 'allow' }, [5, 1]],
  [{ verdict: ['deny', 'escalate'] }, [3, 2]],
  [{ verdict: 'record' }, [7, 6, 4]],
  [{ riskLevel: ['high', 'critical'] }, [3, 2]],
  [{ riskLevel: 'low' }, [7, 6, 5, 1]],
  [{ subjectType: 'tool' }, [3, 2, 1]],
  [{ subjectType: 'Tool' }, [4]],
  [{ subjectType: 'file', subjectId: 'shell' }, [5]],
  [{ subjectId: 'shell' }, [5, 1]],
  [{ subjectId: null }, [7, 6, 4]],
  [{ planId: 'p1' }, [4, 1]],
  [{ planId: null }, [7, 6, 5, 3]],
  [{ taskId: ['t1', 't2'] }, [6, 5, 1]],
  [{ planId: 'p1', taskId: 't1', actor: 'ann', action: 'tool:*', verdict: 'allow' }, [1]],
  [{ planId: 'p1', verdict: 'deny' }, []],
  [{ matchedRule: 'no-shell' }, [1]],
  [{ matchedRule: 'No-Shell' }, [2]],
  [{ matchedRule: 'no-shell ' }, [2]],
  [{ matchedRule: 'night' }, [4, 1]],
  [{ matchedRule: 'say "no"' }, [4]],
  [{ matchedRule: 'Zoë\\%' }, [4]],
  [{ matchedRule: 'nigh*' }, []],
  [{ matchedRule: 'night', verdict: 'allow' }, [1]],
]

export const auditEntryCases: readonly ConformanceCase[] = [
  {
    id: 'A1',
    name: 'an entry comes back as it was given, with the defaults for what was not, numbered and linked',
    async run(harness) {
      const store = await openFresh(harness)
      assert.equal(await store.audit.head(), null)
      const before = Date.now()
      const first = await store.audit.append(newEntry())
      const { id, timestamp, hash, ...rest } = first
      assert.deepEqual(rest, {
        ...newEntry(),
        sequence: 1,
        actor: 'system',
        subjectId: null,
        planId: null,
        taskId: null,
        verdict: 'record',
        riskLevel: 'low',
        reason: null,
        matchedRules: [],
        argumentsHash: null,
        details: null,
        previousHash: GENESIS_HASH,
        unreadable: [],
      })
      assert.match(id, /^[0-9A-HJKMNP-TV-Z]{26}$/)
      assert.match(hash, /^[0-9a-f]{64}$/)
      assert.ok(timestamp.getTime() >= before && timestamp.getTime() <= Date.now())
      const second = await store.audit.append(fullEntry())
      assert.deepEqual({ ...second, ...fullEntry() }, second)
      assert.deepEqual([second.sequence, second.previousHash], [2, hash])
      assert.deepEqual(await store.audit.get(id), first)
      assert.deepEqual(await store.audit.get(second.id), second)
      assert.deepEqual((await store.audit.query()).items, [second, first])
      assert.deepEqual(await store.audit.head(), { sequence: 2, hash: second.hash })
      assert.deepEqual([...(await store.audit.getMany([id, ulid(404)])).keys()], [id])
    },
  },
  {
    id: 'A1b',
    name: 'details are any JSON, and come back as they were whatever the order and form of their keys',
    async run(harness) {
      const store = await openFresh(harness)
      const values = [
        null,
        false,
        0,
        -0.5,
        1e-7,
        1e21,
        9007199254740991,
        '',
        'null',
        'a\n"\\\u2028\u{1F600}é\u0001',
        [],
        [[], {}, null],
        {},
        { b: 1, a: { d: 1, c: [{ z: 0, y: 0 }] } },
        { 10: 'ten', 9: 'nine', '': 'empty', é: 1, '\u{1F600}': 2, '\uFB33': 3 },
        JSON.parse('{"__proto__": {"x": 1}, "constructor": 2, "toString": 3}'),
      ]
      for (const details of values) {
        const entry = await store.audit.append(newEntry({ details }))
        assert.deepEqual(entry.details, details)
        const read = await store.audit.get(entry.id)
        assert.deepEqual(read, entry)
        assert.equal(JSON.stringify(sorted(read?.details)), JSON.stringify(sorted(details)))
      }
      assert.deepEqual(await store.audit.verify(), {
        ok: true,
        checked: values.length,
        firstBad: null,
        problem: null,
        head: await store.audit.head(),
        cut: null,
      })
    },
  },
  {
    id: 'A1c',
    name: 'what is no entry, or has an id that is there, is refused and takes no number',
    async run(harness) {
      const store = await openFresh(harness)
      const first = await store.audit.append(fullEntry())
      const deep = (levels: number): unknown => (levels === 0 ? 0 : [deep(levels - 1)])
      const wrong: readonly object[] = [
        { action: 'call' },
        { action: 'Tool:call' },
        { action: 'tool:' },
        { action: 'tool:call:again' },
        { action: 'tool: call' },
        { action: undefined },
        { subjectType: '' },
        { subjectType: undefined },
        { subjectId: '' },
        { actor: '' },
        { actor: ' ' },
        { verdict: 'maybe' },
        { verdict: null },
        { riskLevel: 'none' },
        { reason: '' },
        { reason: ' \n' },
        { matchedRules: [''] },
        { matchedRules: 'rule' },
        { argumentsHash: 'AB'.repeat(32) },
        { argumentsHash: 'ab' },
        { details: new Date() },
        { details: { a: undefined } },
        { details: Number.NaN },
        { details: deep(65) },
        { details: 'x'.repeat(1_048_576) },
        { details: '\uD800' },
        { id: 'not-a-ulid' },
        { sequence: 2 },
        { timestamp: new Date() },
        { previousHash: GENESIS_HASH },
        { hash: 'ab'.repeat(32) },
        { colour: 'red' },
      ]
      for (const invalid of wrong) {
        const input = { ...newEntry(), ...invalid } as NewAuditEntry
        const about = JSON.stringify(invalid).slice(0, 60)
        await rejection(InvalidRecordError, () => store.audit.append(input), about)
      }
      for (const invalid of [null, [], 'entry', undefined]) {
        await rejection(InvalidRecordError, () => store.audit.append(invalid as never), String(invalid))
      }
      const error = await rejection(DuplicateRecordError, () =>
        store.audit.append(newEntry({ id: first.id })),
      )
      assert.deepEqual([error.table, error.id], ['audit_entries', first.id])
      const together = await Promise.allSettled([
        store.audit.append(newEntry()),
        store.audit.append(newEntry({ id: first.id })),
        store.audit.append(newEntry()),
      ])
      assert.deepEqual(
        together.map((result) => (result.status === 'fulfilled' ? result.value.sequence : 'refused')),
        [2, 'refused', 3],
      )
      assert.equal((await store.audit.verify()).checked, 3)
      const held = await store.audit.append(newEntry({ details: deep(64) as never }))
      assert.deepEqual(await store.audit.get(held.id), held)
    },
  },
  {
    id: 'A5',
    name: 'each filter gives the entries that it says, newest first, in pages and counted',
    async run(harness) {
      const store = await openFresh(harness)
      for (const [index, entry] of entries.entries()) {
        await store.audit.append(newEntry({ id: ulid(index + 1), ...entry }))
      }
      for (const [filter, numbers] of filters) {
        const about = JSON.stringify(filter)
        const page = await store.audit.query(filter)
        assert.deepEqual(
          page.items.map((entry) => entry.sequence),
          numbers,
          about,
        )
        assert.equal(await store.audit.count(filter), numbers.length, about)
        assert.deepEqual(await collect(store.audit.each(filter)), page.items, about)
        const paged: number[] = []
        let cursor: string | undefined
        do {
          const next = await store.audit.query(filter, { limit: 2, cursor })
          paged.push(...next.items.map((entry) => entry.sequence))
          cursor = next.nextCursor ?? undefined
        } while (cursor !== undefined)
        assert.deepEqual(paged, numbers, about)
      }
      const wrong: readonly unknown[] = [
        { action: '' },
        { action: null },
        { action: ['tool:*'] },
        { action: 'Tool*' },
        { action: 'a b*' },
        { verdict: 'maybe' },
        { riskLevel: [] },
        { reason: 'x' },
        { matchedRule: '' },
        { matchedRule: ['night'] },
        { matchedRules: ['night'] },
        { sequence: 1 },
        { since: 'yesterday' },
        null,
      ]
      for (const filter of wrong) {
        const about = JSON.stringify(filter)
        await rejection(InvalidRecordError, async () => store.audit.query(filter as AuditFilter), about)
      }
    },
  },
  {
    id: 'A5b',
    name: 'a time range includes its beginning and not its end',
    async run(harness) {
      const store = await openFresh(harness)
      const times = new Set<number>()
      while (times.size < 3) times.add((await store.audit.append(newEntry())).timestamp.getTime())
      const all = await collect(store.audit.each())
      const [early, middle, late] = [...times].map((time) => new Date(time)) as [Date, Date, Date]
      const expected = (from: Date, to: Date) =>
        all.filter(({ timestamp }) => timestamp >= from && timestamp < to).map((entry) => entry.sequence)
      for (const [since, until] of [
        [early, late],
        [middle, late],
        [early, middle],
        [middle, middle],
      ] as const) {
        const { items } = await store.audit.query({ since, until }, { limit: 1000 })
        assert.deepEqual(
          items.map((entry) => entry.sequence),
          expected(since, until),
        )
      }
      const since = middle.toISOString()
      assert.equal(
        await store.audit.count({ since, actor: 'system' }),
        all.length - expected(early, middle).length,
      )
    },
  },
  {
    id: 'A8',
    name: 'entries carry the name of the store’s actor, system where there is none, and a caller’s own before both',
    async run(harness) {
      const store = await openFresh(harness)
      const actors = async () => only((await store.audit.query({}, { limit: 1 })).items).actor
      await store.audit.append(newEntry())
      assert.equal(await actors(), 'system')
      const ann = store.as('ann')
      await ann.audit.append(newEntry())
      assert.equal(await actors(), 'ann')
      await ann.audit.append(newEntry({ actor: 'bob' }))
      assert.equal(await actors(), 'bob')
      await ann.transaction(async (tx) => {
        await tx.audit.append(newEntry())
        await tx.as('eve').audit.append(newEntry())
        await tx.transaction(async (inner) => {
          await inner.audit.append(newEntry())
          await inner.as(' spaced ').audit.append(newEntry())
        })
        await tx.audit.append(newEntry())
      })
      await store.transaction((tx) => tx.as('zoe').audit.append(newEntry()))
      const told = (await collect(store.audit.each())).map((entry) => entry.actor)
      assert.deepEqual(told.toReversed(), [
        ...['system', 'ann', 'bob', 'ann', 'eve', 'ann', ' spaced ', 'ann', 'zoe'],
      ])
      for (const blank of ['', ' ', '\n', null, undefined, 5, 'x'.repeat(256)]) {
        await rejection(InvalidRecordError, () => store.as(blank as string), String(blank))
        await rejection(InvalidRecordError, () =>
          store.transaction(async (tx) => tx.as(blank as string).audit.append(newEntry())),
        )
      }
      assert.equal((await store.audit.verify()).checked, 9)
    },
  },
]

/** Objects with their keys in order, at every depth. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value)
    .map(([key, member]) => [key, sorted(member)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
}
