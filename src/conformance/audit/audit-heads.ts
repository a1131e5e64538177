// A4: heads that were kept elsewhere, ranges, and chains that are verified in steps.

import assert from 'node:assert/strict'
import { InvalidRecordError } from '../../errors.ts'
import type { AuditHead } from '../../index.ts'
import { type ConformanceCase, feature, openAt } from '../support/case.ts'
import { rejection } from '../support/expect.ts'
import { newEntry } from '../support/samples.ts'
import { LENGTH, openWithChain, TABLE } from './audit-damage.ts'

export const auditHeadCases: readonly ConformanceCase[] = [
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
      const cut = { ok: true, checked: 7, firstBad: null, problem: null, cut: null }
      assert.deepEqual(await store.audit.verify(), { ...cut, head: await store.audit.head() })
      for (const expectedHead of [head, head.hash, entries[7]] as (string | AuditHead)[]) {
        const { ok, firstBad, problem } = await store.audit.verify({ expectedHead })
        assert.deepEqual([ok, firstBad, problem], [false, 8, 'cut'])
      }
      assert.equal((await store.audit.verify({ expectedHead: entries[6] as AuditHead })).ok, true)
      // Entries appended after the cut take the free numbers, and do not hide it.
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
        cut: null,
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
