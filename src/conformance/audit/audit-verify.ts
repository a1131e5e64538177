// A2: what verify finds: any changed, removed, moved or inserted entry. The cases disable the
// database's guards to do the damage. Refusals by the database itself are in audit-guards.ts, heads
// and ranges in audit-heads.ts.

import assert from 'node:assert/strict'
import { type AuditEntry, type AuditHead, auditEntryDefinition, hashOf, type Store } from '../../index.ts'
import { type ConformanceCase, feature } from '../support/case.ts'
import { collect } from '../support/expect.ts'
import { ulid } from '../support/samples.ts'
import { BAD, type DamagedChain, LENGTH, openWithChain, TABLE } from './audit-damage.ts'

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

/**
 * For each column, other values that the column can hold; those of `sequence` are moves, and have a
 * separate case.
 */
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
          // If JSON is stored as a value and not as its text, nothing was changed.
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
    name: 'what a column of text takes and no entry has is found too',
    needs: ['cells', 'foreignTexts', 'guards'],
    async run(harness) {
      const { place, store } = await openWithChain(harness)
      const { read, write } = feature(harness, 'cells')
      const { lift } = feature(harness, 'guards')
      for (const column of ['reason', 'actor', 'hash']) {
        const cell = { table: TABLE, id: ulid(BAD), column }
        const before = (await read(place, cell)) ?? ''
        for (const value of feature(harness, 'foreignTexts')) {
          await lift(place, TABLE, () => write(place, cell, value))
          await assertBad(store, BAD, column)
        }
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
      const forge = async (run: DamagedChain['run'], entry: AuditEntry) => {
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
      // An attacker who also recomputes every later hash is detected by a head that was kept
      // elsewhere.
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
]
