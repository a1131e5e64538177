// A2–A4: what verify finds: any changed, removed, moved or inserted entry, a cut tail; and that the database itself refuses all of
// that. The cases lift the database's guards to do the damage.

import assert from 'node:assert/strict'
import { InvalidRecordError } from '../errors.ts'
import { type AuditEntry, type AuditHead, auditEntryDefinition, hashOf, type Store } from '../index.ts'
import { type ConformanceCase, feature, openAt } from './case.ts'
import { collect, rejection } from './expect.ts'
import type { ConformanceHarness, Place } from './harness.ts'
import { fullEntry, newEntry, ulid } from './samples.ts'

const LENGTH = 9
const BAD = 5
const TABLE = 'audit_entries'

/** A chain of nine entries, the fifth of them with every field. */
async function openWithChain(harness: ConformanceHarness) {
  const place = harness.newPlace()
  const store = await openAt(harness, place)
  for (let number = 1; number <= LENGTH; number += 1) {
    const more = { id: ulid(number), details: { number } }
    await store.audit.append(number === BAD ? fullEntry({ id: ulid(BAD) }) : newEntry(more))
  }
  const entries = (await collect(store.audit.each())).toReversed()
  const run = (sql: string, parameters: readonly (string | number)[] = []) =>
    feature(harness, 'guards').lift(place, TABLE, async () => {
      await feature(harness, 'sql')(place, sql, parameters)
    })
  return { place, store, entries, run }
}

async function assertBad(store: Store, firstBad: number, about: string): Promise<void> {
  for (const options of [{}, { from: firstBad }, { from: 1, to: LENGTH }]) {
    const verified = await store.audit.verify(options)
    const where = `${about} ${JSON.stringify(options)} ${JSON.stringify(verified)}`
    assert.deepEqual([verified.ok, verified.firstBad], [false, firstBad], where)
    assert.ok(verified.problem, where)
  }
  const { ok, checked } = await store.audit.verify({ to: firstBad - 1 })
  assert.deepEqual([ok, checked], [true, firstBad - 1], about)
}

/** For each column, other values that the column may hold; those of `sequence` are moves, and have a case of their own. */
const otherValues: Readonly<Record<string, readonly string[]>> = {
  id: [ulid(77)],
  sequence: [],
  timestamp: ['2026-01-31T09:30:00.123Z'],
  actor: ['somebody', 'Gatekeeper', 'gatekeeper '],
  action: ['file:deleted'],
  subject_type: ['File'],
  subject_id: ['src/Parser.ts'],
  plan_id: ['plan-2'],
  task_id: ['task-2'],
  verdict: ['allow'],
  risk_level: ['low'],
  reason: ['Not in the sandbox.', ''],
  matched_rules: ['["sandbox-only","no-delete"]', '[]', '["no-delete"]'],
  arguments_hash: ['cd'.repeat(32)],
  details: ['null', '{}', '{"path":"src/parser.ts","tries":[1,2.5,null],"nested":{"ok":true}}'],
  previous_hash: ['0'.repeat(64), 'ef'.repeat(32)],
  hash: ['0'.repeat(64), 'ef'.repeat(32)],
}
const nullable = ['subject_id', 'plan_id', 'task_id', 'reason', 'arguments_hash']

export const auditVerifyCases: readonly ConformanceCase[] = [
  {
    id: 'A2',
    name: 'any column of an entry that is changed behind the library’s back is found, and the first bad number named',
    needs: ['cells', 'guards', 'sql'],
    async run(harness) {
      const { place, store, entries, run } = await openWithChain(harness)
      const { read, write } = feature(harness, 'cells')
      const columns = auditEntryDefinition.columns.map(({ name }) => name)
      assert.deepEqual(Object.keys(otherValues).toSorted(), columns.toSorted())
      const whole = await store.audit.verify()
      assert.deepEqual([whole.ok, whole.checked], [true, LENGTH])
      for (const [column, values] of Object.entries(otherValues)) {
        const cell = { table: TABLE, id: ulid(BAD), column }
        const before = await read(place, cell)
        assert.ok(before !== null, column)
        const lifted = (id: string, value: string) =>
          feature(harness, 'guards').lift(place, TABLE, () => write(place, { ...cell, id }, value))
        for (const value of values) {
          await lifted(ulid(BAD), value)
          await assertBad(store, BAD, `${column} = ${value}`)
          await lifted(column === 'id' ? value : ulid(BAD), before)
          assert.deepEqual(await store.audit.verify(), whole, column)
        }
        if (!nullable.includes(column)) continue
        await run(`UPDATE ${TABLE} SET ${column} = NULL WHERE sequence = ?`, [BAD])
        await assertBad(store, BAD, `${column} is NULL`)
        await lifted(ulid(BAD), before)
      }
      assert.deepEqual(await store.audit.verify(), whole)
      assert.deepEqual((await collect(store.audit.each())).toReversed(), entries)
    },
  },
  {
    id: 'A2b',
    name: 'JSON that says the same in another text is found where the engine keeps the text',
    needs: ['cells', 'guards'],
    async run(harness) {
      const { place, store } = await openWithChain(harness)
      const { read, write } = feature(harness, 'cells')
      const { lift } = feature(harness, 'guards')
      const texts = {
        details: [
          '{"nested": {"ok": false}, "path": "src/parser.ts", "tries": [1, 2.5, null]}',
          '{"path":"src/parser.ts","tries":[1,2.5,null],"nested":{"ok":false}}',
          '{"nested":{"ok":false},"path":"src\\/parser.ts","tries":[1,2.5,null]}',
          '{"nested":{"ok":false},"path":"src/parser.ts","tries":[1.0,2.50,null]}',
          '{"nested":{"ok":false},"path":"other","path":"src/parser.ts","tries":[1,2.5,null]}',
          ' {"nested":{"ok":false},"path":"src/parser.ts","tries":[1,2.5,null]}',
        ],
        matched_rules: ['["no-delete", "sandbox-only"]', '["no-delete","sandbox\\u002donly"]'],
      }
      for (const [column, values] of Object.entries(texts)) {
        const cell = { table: TABLE, id: ulid(BAD), column }
        const before = (await read(place, cell)) ?? ''
        for (const value of values) {
          await lift(place, TABLE, () => write(place, cell, value))
          // Where JSON is kept as a value and not as its text, nothing was changed.
          if ((await read(place, cell)) === before) continue
          await assertBad(store, BAD, value)
        }
        await lift(place, TABLE, () => write(place, cell, before))
        assert.equal((await store.audit.verify()).ok, true)
      }
    },
  },
  {
    id: 'A2c',
    name: 'what cannot be read at all is found too: broken times, words and JSON',
    needs: ['cells', 'looseCells', 'guards'],
    async run(harness) {
      const { place, store } = await openWithChain(harness)
      const { read, write } = feature(harness, 'cells')
      const { lift } = feature(harness, 'guards')
      for (const [column, value] of [
        ['timestamp', 'yesterday'],
        ['verdict', 'maybe'],
        ['risk_level', ''],
        ['details', 'broken'],
        ['details', ''],
        ['matched_rules', '{"a": 1}'],
        ['matched_rules', 'null'],
      ] as const) {
        const cell = { table: TABLE, id: ulid(BAD), column }
        const before = (await read(place, cell)) ?? ''
        await lift(place, TABLE, () => write(place, cell, value))
        await assertBad(store, BAD, `${column} = ${value}`)
        await lift(place, TABLE, () => write(place, cell, before))
      }
      assert.equal((await store.audit.verify()).ok, true)
    },
  },
  {
    id: 'A2h',
    name: 'bytes where text belongs are found too',
    needs: ['cells', 'mixedCells', 'guards'],
    async run(harness) {
      const { place, store } = await openWithChain(harness)
      const { read, write } = feature(harness, 'cells')
      const { lift } = feature(harness, 'guards')
      for (const column of ['reason', 'actor', 'hash']) {
        const cell = { table: TABLE, id: ulid(BAD), column }
        const before = (await read(place, cell)) ?? ''
        await lift(place, TABLE, () => write(place, cell, new Uint8Array([1, 2])))
        await assertBad(store, BAD, column)
        await lift(place, TABLE, () => write(place, cell, before))
      }
      assert.equal((await store.audit.verify()).ok, true)
    },
  },
  {
    id: 'A2d',
    name: 'an entry that is removed, moved, exchanged with another or renumbered is found',
    needs: ['guards', 'sql'],
    async run(harness) {
      const to = (from: number, number: number) =>
        [`UPDATE ${TABLE} SET sequence = ? WHERE sequence = ?`, [number, from]] as const
      const damages: readonly (readonly [
        about: string,
        firstBad: number,
        steps: readonly (readonly [string, readonly number[]])[],
      ])[] = [
        ['removed in the middle', 5, [[`DELETE FROM ${TABLE} WHERE sequence = ?`, [5]]]],
        ['removed at the beginning', 1, [[`DELETE FROM ${TABLE} WHERE sequence = ?`, [1]]]],
        ['several removed', 3, [[`DELETE FROM ${TABLE} WHERE sequence IN (?, ?)`, [3, 6]]]],
        [
          'removed, and the gap closed',
          5,
          [
            [`DELETE FROM ${TABLE} WHERE sequence = ?`, [5]],
            ...[6, 7, 8, 9].map((number) => to(number, number - 1)),
          ],
        ],
        ['exchanged', 4, [to(4, 100), to(5, 4), to(100, 5)]],
        ['moved to the end', 4, [to(4, 10)]],
        ['renumbered from the middle on', 6, [9, 8, 7, 6].map((number) => to(number, number + 1))],
        ['moved before the beginning', 0, [to(3, 0)]],
        ['with a negative number', -5, [to(3, -5)]],
        ['all renumbered', 1, [9, 8, 7, 6, 5, 4, 3, 2, 1].map((number) => to(number, number + 1))],
      ]
      for (const [about, firstBad, steps] of damages) {
        const { store, run } = await openWithChain(harness)
        for (const [statement, parameters] of steps) await run(statement, parameters)
        const verified = await store.audit.verify()
        assert.deepEqual(
          [verified.ok, verified.firstBad],
          [false, firstBad],
          `${about} ${JSON.stringify(verified)}`,
        )
        const before = await store.audit.verify({ to: Math.max(1, firstBad - 1) })
        assert.equal(before.ok, firstBad > 1, about)
        await store.close()
      }
    },
  },
  {
    id: 'A2e',
    name: 'an entry that is inserted, or changed, with its hash made right again is found by the one after it',
    needs: ['guards', 'sql'],
    async run(harness) {
      const columns = auditEntryDefinition.columns.map(({ name }) => name)
      const forge = async (run: Awaited<ReturnType<typeof openWithChain>>['run'], entry: AuditEntry) => {
        const own: Readonly<Record<string, string>> = {
          id: `'${entry.id}'`,
          sequence: String(entry.sequence),
          actor: `'${entry.actor}'`,
          previous_hash: `'${entry.previousHash}'`,
          hash: `'${hashOf(entry)}'`,
        }
        await run(
          `INSERT INTO ${TABLE} (${columns.join(', ')}) SELECT ${columns.map((column) => own[column] ?? column).join(', ')} FROM ${TABLE} WHERE sequence = 1`,
        )
      }
      const inserted = await openWithChain(harness)
      const [first, before] = [inserted.entries[0], inserted.entries[3]]
      assert.ok(first && before)
      for (const number of [9, 8, 7, 6, 5]) {
        await inserted.run(`UPDATE ${TABLE} SET sequence = ? WHERE sequence = ?`, [number + 1, number])
      }
      const forgedFrom = (entry: AuditEntry, { hash }: AuditEntry): AuditEntry => {
        return { ...entry, id: ulid(55), actor: 'forger', sequence: 5, previousHash: hash }
      }
      const forged = forgedFrom(first, before)
      await forge(inserted.run, forged)
      const five = await inserted.store.audit.verify({ to: 5 })
      assert.deepEqual(
        [five.ok, five.head?.hash],
        [true, hashOf(forged)],
        'the forged entry is right by itself',
      )
      assert.equal((await inserted.store.audit.verify()).firstBad, 6)
      await inserted.store.close()

      const replaced = await openWithChain(harness)
      await replaced.run(`DELETE FROM ${TABLE} WHERE sequence = ?`, [5])
      const [one, four] = [replaced.entries[0], replaced.entries[3]]
      assert.ok(one && four)
      const fifth = forgedFrom(one, four)
      await forge(replaced.run, fifth)
      const verified = await replaced.store.audit.verify()
      assert.deepEqual([verified.firstBad, verified.problem], [6, 'unlinked'])
      // Whoever goes on and makes every later hash right again is found by a head that was kept elsewhere.
      let previous = hashOf(fifth)
      for (const entry of replaced.entries.slice(5)) {
        const linked = { ...entry, previousHash: previous }
        previous = hashOf(linked)
        await replaced.run(`UPDATE ${TABLE} SET previous_hash = ?, hash = ? WHERE sequence = ?`, [
          linked.previousHash,
          previous,
          entry.sequence,
        ])
      }
      assert.equal((await replaced.store.audit.verify()).ok, true)
      for (const kept of [replaced.entries[8], replaced.entries[5]] as readonly AuditHead[]) {
        const { sequence, hash } = kept
        const known = await replaced.store.audit.verify({ expectedHead: { sequence, hash } })
        assert.deepEqual([known.ok, known.firstBad], [false, sequence])
        assert.equal((await replaced.store.audit.verify({ expectedHead: hash })).ok, false)
      }
      const untouched = replaced.entries[3] as AuditHead
      assert.equal((await replaced.store.audit.verify({ expectedHead: untouched })).ok, true)
    },
  },
  {
    id: 'A3',
    name: 'the database refuses to change, remove or replace an entry, and to take one that is not the next',
    needs: ['sql'],
    async run(harness) {
      const { place, store, entries } = await openPlain(harness)
      const sql = feature(harness, 'sql')
      const columns = auditEntryDefinition.columns.map(({ name }) => name)
      const insert = (own: Readonly<Record<string, string>>) =>
        `INSERT INTO ${TABLE} (${columns.join(', ')}) SELECT ${columns.map((column) => own[column] ?? column).join(', ')} FROM ${TABLE} WHERE sequence = 1`
      const next = { id: `'${ulid(99)}'`, sequence: '4', previous_hash: `'${entries[2]?.hash}'` }
      const statements = [
        ...columns.map((column) => `UPDATE ${TABLE} SET ${column} = ${column}`),
        `UPDATE ${TABLE} SET actor = 'nobody' WHERE sequence = 3`,
        `UPDATE ${TABLE} SET reason = NULL WHERE sequence = 1`,
        `DELETE FROM ${TABLE}`,
        `DELETE FROM ${TABLE} WHERE sequence = 3`,
        insert({ ...next, sequence: '5' }),
        insert({ ...next, sequence: '3' }),
        insert({ ...next, sequence: '0' }),
        insert({ ...next, sequence: '-1' }),
        insert({ ...next, id: 'id' }),
        insert({ ...next, previous_hash: 'previous_hash' }),
        insert({ ...next, previous_hash: 'hash' }),
        insert({ ...next, verdict: "'maybe'" }),
        insert({ ...next, risk_level: "'none'" }),
        insert({ ...next, actor: 'NULL' }),
        insert({ ...next, hash: 'NULL' }),
      ]
      for (const statement of statements) {
        await assert.rejects(sql(place, statement), statement)
        assert.deepEqual((await collect(store.audit.each())).toReversed(), entries, statement)
      }
      // One that is the next in every way is taken, and found by verify: its hash is another's.
      await sql(place, insert(next))
      assert.deepEqual([(await store.audit.verify()).firstBad, await store.audit.count()], [4, 4])
    },
  },
  {
    id: 'A4',
    name: 'a head that was kept finds a cut tail; a longer chain that has it is right',
    needs: ['guards', 'sql'],
    async run(harness) {
      const { store, entries, run } = await openWithChain(harness)
      const head = (await store.audit.head()) as AuditHead
      assert.deepEqual(head, { sequence: LENGTH, hash: entries.at(-1)?.hash })
      for (const expectedHead of [head, head.hash]) {
        assert.equal((await store.audit.verify({ expectedHead })).ok, true)
      }
      await store.audit.append(newEntry())
      for (const expectedHead of [head, head.hash, entries[0]?.hash, entries[3]] as (string | AuditHead)[]) {
        const { ok, checked } = await store.audit.verify({ expectedHead })
        assert.deepEqual([ok, checked], [true, LENGTH + 1])
        const part = await store.audit.verify({ expectedHead, from: 7 })
        assert.deepEqual([part.ok, part.checked], [true, 4])
        const beginning = await store.audit.verify({ expectedHead, to: 2 })
        assert.deepEqual([beginning.ok, beginning.checked], [true, 2])
      }
      for (const expectedHead of [
        { ...head, sequence: 8 },
        { ...head, sequence: 1 },
      ]) {
        const { ok, firstBad } = await store.audit.verify({ expectedHead })
        assert.deepEqual([ok, firstBad], [false, expectedHead.sequence])
      }
      await run(`DELETE FROM ${TABLE} WHERE sequence >= ?`, [8])
      const cut = { ok: true, checked: 7, firstBad: null, problem: null }
      assert.deepEqual(await store.audit.verify(), { ...cut, head: await store.audit.head() })
      for (const expectedHead of [head, head.hash, entries[7]] as (string | AuditHead)[]) {
        const { ok, firstBad, problem } = await store.audit.verify({ expectedHead })
        assert.deepEqual([ok, firstBad, problem], [false, 8, 'cut'])
      }
      assert.equal((await store.audit.verify({ expectedHead: entries[6] as AuditHead })).ok, true)
      // What is appended after the cut takes the free numbers, and does not hide it.
      for (let times = 0; times < 3; times += 1) await store.audit.append(newEntry())
      assert.equal((await store.audit.verify()).ok, true)
      assert.deepEqual((await store.audit.verify({ expectedHead: head })).firstBad, LENGTH)
      assert.equal((await store.audit.verify({ expectedHead: head.hash })).ok, false)
      await run(`DELETE FROM ${TABLE}`)
      assert.equal(await store.audit.head(), null)
      const empty = await store.audit.verify({ expectedHead: head })
      assert.deepEqual([empty.ok, empty.firstBad, empty.problem], [false, 1, 'cut'])
    },
  },
  {
    id: 'A4b',
    name: 'ranges include both ends, and what lies outside of them is not looked at',
    needs: ['guards', 'sql'],
    async run(harness) {
      const { store, entries, run } = await openWithChain(harness)
      assert.deepEqual(await store.audit.verify({ from: 3, to: 6 }), {
        ok: true,
        checked: 4,
        firstBad: null,
        problem: null,
        head: { sequence: 6, hash: entries[5]?.hash },
      })
      assert.equal((await store.audit.verify({ from: LENGTH })).checked, 1)
      assert.equal((await store.audit.verify({ from: 1, to: 1 })).checked, 1)
      const beyond = await store.audit.verify({ from: 5, to: LENGTH + 2 })
      assert.deepEqual([beyond.ok, beyond.firstBad, beyond.problem], [false, LENGTH + 1, 'missing'])
      await run(`UPDATE ${TABLE} SET actor = 'nobody' WHERE sequence IN (?, ?)`, [2, 8])
      for (const [range, firstBad] of [
        [{}, 2],
        [{ from: 2 }, 2],
        [{ from: 3 }, 8],
        [{ from: 3, to: 7 }, null],
        [{ to: 1 }, null],
        [{ from: 9 }, null],
        [{ from: 8, to: 8 }, 8],
        [{ from: 1, to: 2 }, 2],
      ] as const) {
        assert.equal((await store.audit.verify(range)).firstBad, firstBad, JSON.stringify(range))
      }
      const wrong: readonly object[] = [
        { from: 0 },
        { from: 1.5 },
        { from: '1' },
        { from: 5, to: 4 },
        { to: 0 },
        { expectedHead: 'text' },
        { expectedHead: 'AB'.repeat(32) },
        { expectedHead: null },
        { expectedHead: {} },
        { expectedHead: { sequence: 0, hash: 'ab'.repeat(32) } },
        { expectedHead: { sequence: 1.5, hash: 'ab'.repeat(32) } },
      ]
      for (const options of wrong) {
        await rejection(InvalidRecordError, () => store.audit.verify(options), JSON.stringify(options))
      }
    },
  },
  {
    id: 'A4c',
    name: 'a chain of 2,000 entries is verified in steps, and a fault at any border between two is found',
    needs: ['guards', 'sql'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      await Promise.all(Array.from({ length: 2_000 }, () => store.audit.append(newEntry())))
      const run = (sql: string, number: number) =>
        feature(harness, 'guards').lift(place, TABLE, async () => {
          await feature(harness, 'sql')(place, sql, [number])
        })
      assert.equal((await store.audit.verify()).checked, 2_000)
      for (const number of [1, 499, 500, 501, 1_000, 1_001, 2_000]) {
        await run(`UPDATE ${TABLE} SET actor = 'nobody' WHERE sequence = ?`, number)
        assert.equal((await store.audit.verify()).firstBad, number)
        assert.equal((await store.audit.verify({ from: number, to: number })).firstBad, number)
        await run(`UPDATE ${TABLE} SET actor = 'system' WHERE sequence = ?`, number)
      }
      assert.equal((await store.audit.verify()).ok, true)
      await run(`DELETE FROM ${TABLE} WHERE sequence = ?`, 500)
      assert.equal((await store.audit.verify()).firstBad, 500)
    },
  },
]

/** Three entries, and no guard lifted. */
async function openPlain(
  harness: ConformanceHarness,
): Promise<{ place: Place; store: Store; entries: readonly AuditEntry[] }> {
  const place = harness.newPlace()
  const store = await openAt(harness, place)
  for (let number = 1; number <= 3; number += 1) await store.audit.append(fullEntry({ id: ulid(number) }))
  return { place, store, entries: (await collect(store.audit.each())).toReversed() }
}
