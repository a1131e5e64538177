// R6-R8: the beginning of the audit trail is cut off. The rest is verifiable as before, and only an
// approved cut permits deleting an entry.

import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { PersistenceError, QueryError } from '../../errors.ts'
import type { AuditEntry, Store } from '../../index.ts'
import { inThePast } from '../store/clock.ts'
import { type ConformanceCase, feature, openAt } from '../support/case.ts'
import { collect, only, rejection } from '../support/expect.ts'
import type { ConformanceHarness, Place } from '../support/harness.ts'
import { DAY } from '../support/retention-samples.ts'
import { newEntry, ulid } from '../support/samples.ts'

interface OldTrail {
  readonly place: Place
  readonly store: Store
  /** As written, oldest first. */
  readonly entries: readonly AuditEntry[]
}

/** Six entries from 100 days ago, and three from now. */
async function openWithOldTrail(harness: ConformanceHarness): Promise<OldTrail> {
  const place = harness.newPlace()
  const store = await openAt(harness, place)
  await inThePast(100 * DAY, async () => {
    for (let number = 1; number <= 6; number += 1) await store.audit.append(newEntry({ id: ulid(number) }))
  })
  for (let number = 7; number <= 9; number += 1) await store.audit.append(newEntry({ id: ulid(number) }))
  return { place, store, entries: (await collect(store.audit.each())).toReversed() }
}

const sequencesOf = async (store: Store) =>
  (await collect(store.audit.each())).map(({ sequence }) => sequence).toReversed()

export const retentionAuditCases: readonly ConformanceCase[] = [
  {
    id: 'R6d',
    name: 'a cut beside a transaction that appends waits for it, and has nothing to repeat',
    needs: ['shared'],
    async run(harness) {
      const { place, store } = await openWithOldTrail(harness)
      const other = await openAt(harness, place)
      let repeated = 0
      store.on('persistence.transaction.retried', () => {
        repeated += 1
      })
      const started = Promise.withResolvers<void>()
      const appending = other.transaction(async (tx) => {
        for (let number = 0; number < 3; number += 1) await tx.audit.append(newEntry())
        started.resolve()
        // The cut has progressed as far as it can when the chain is appended to once more.
        await pause(500)
        await tx.audit.append(newEntry())
      })
      await started.promise
      const [result] = await Promise.all([store.retention.prune({ audit: '90d' }), appending])
      assert.deepEqual([only(result).rows, repeated], [6, 0])
      const verified = await store.audit.verify()
      // Three existing ones, two of the removal, four of the transaction.
      assert.deepEqual([verified.ok, verified.checked], [true, 9])
    },
  },
  {
    id: 'R6',
    name: 'a cut removes the oldest entries; the rest is proven from the hash that the cut ended at',
    async run(harness) {
      const { store, entries } = await openWithOldTrail(harness)
      const [sixth, ninth] = [entries[5] as AuditEntry, entries[8] as AuditEntry]
      const preview = only(await store.retention.preview({ audit: '90d' }))
      assert.deepEqual(
        [preview.rows, preview.oldest, preview.newest],
        [6, entries[0]?.timestamp, sixth.timestamp],
      )
      const result = only(await store.as('keeper').retention.prune({ audit: '90d' }))
      const cut = { sequence: 6, hash: sixth.hash }
      assert.deepEqual([result.rows, result.left, result.cut], [6, 0, cut])
      // The entry that confirms the cut, and the one that records the removal.
      assert.deepEqual(await sequencesOf(store), [7, 8, 9, 10, 11])
      const [told, signed] = (await store.audit.query({}, { limit: 2 })).items
      assert.deepEqual([told?.action, told?.subjectId, told?.actor], ['retention:prune', 'audit', 'keeper'])
      assert.deepEqual([signed?.action, signed?.actor], ['audit:cut', 'keeper'])
      assert.deepEqual(signed?.details, { ...cut, entries: 6 })
      const [kept] = await store.audit.cuts()
      assert.deepEqual([kept?.sequence, kept?.hash, kept?.entries, kept?.actor], [6, sixth.hash, 6, 'keeper'])
      assert.equal(kept?.id, signed?.subjectId)
      const verified = await store.audit.verify()
      assert.deepEqual([verified.ok, verified.checked, verified.cut], [true, 5, cut])
      for (const head of [cut, sixth.hash, { sequence: 9, hash: ninth.hash }, ninth.hash])
        assert.ok((await store.audit.verify({ expectedHead: head })).ok, JSON.stringify(head))
      const third = { sequence: 3, hash: entries[2]?.hash ?? '' }
      const lost = await store.audit.verify({ expectedHead: third })
      assert.deepEqual([lost.ok, lost.problem, lost.firstBad], [false, 'pruned', 3])
      const wrong = await store.audit.verify({ expectedHead: { sequence: 6, hash: ninth.hash } })
      assert.deepEqual([wrong.ok, wrong.problem, wrong.firstBad], [false, 'changed', 6])
      assert.deepEqual((await store.audit.verify({ from: 2, to: 5 })).checked, 0)
      assert.deepEqual((await store.audit.verify({ from: 8, to: 9 })).checked, 2)
      assert.equal((await store.audit.append(newEntry())).sequence, 12)
      assert.ok((await store.audit.verify()).ok)
      assert.ok((await store.doctor({ only: ['audit chain', 'unreadable columns'] })).ok)
    },
  },
  {
    id: 'R6b',
    name: 'everything before the cut can go; the chain goes on, and is cut again, bounded',
    async run(harness) {
      const store = await openAt(harness, harness.newPlace())
      const append = (count: number) =>
        inThePast(100 * DAY, async () => {
          for (let number = 0; number < count; number += 1) await store.audit.append(newEntry())
        })
      await append(5)
      assert.equal(only(await store.retention.prune({ audit: '90d' })).rows, 5)
      assert.deepEqual(await sequencesOf(store), [6, 7])
      assert.equal(only(await store.retention.prune({ audit: '90d' })).rows, 0)
      // Their clock is behind: the two entries of the cut are younger, and limit what can be
      // deleted.
      await append(4)
      assert.equal(only(await store.retention.prune({ audit: '90d' })).rows, 0)
      assert.deepEqual(await sequencesOf(store), [6, 7, 8, 9, 10, 11])
      const other = await openAt(harness, harness.newPlace())
      await inThePast(100 * DAY, async () => {
        for (let number = 0; number < 7; number += 1) await other.audit.append(newEntry())
      })
      const first = only(await other.retention.prune({ audit: '90d', maxRows: 3 }))
      assert.deepEqual([first.rows, first.left, first.cut?.sequence], [3, 4, 3])
      const second = only(await other.retention.prune({ audit: '90d', maxRows: 3 }))
      assert.deepEqual([second.rows, second.left, second.cut?.sequence], [3, 1, 6])
      assert.deepEqual(
        (await other.audit.cuts()).map(({ sequence, entries }) => [sequence, entries]),
        [
          [6, 3],
          [3, 3],
        ],
      )
      assert.ok((await other.audit.verify()).ok)
    },
  },
  {
    id: 'R7',
    name: 'without a cut the database lets no entry go; cuts themselves are neither changed nor removed',
    needs: ['sql'],
    async run(harness) {
      const { place, store } = await openWithOldTrail(harness)
      const sql = feature(harness, 'sql')
      await assert.rejects(sql(place, 'DELETE FROM audit_entries WHERE sequence = 1'))
      await store.retention.prune({ audit: '90d' })
      const before = await sequencesOf(store)
      for (const statement of [
        'DELETE FROM audit_entries',
        'DELETE FROM audit_entries WHERE sequence = 7',
        'DELETE FROM audit_cuts',
        'UPDATE audit_cuts SET sequence = 9',
        "UPDATE audit_cuts SET actor = 'nobody'",
      ]) {
        await assert.rejects(sql(place, statement), statement)
      }
      assert.deepEqual(await sequencesOf(store), before)
      assert.equal((await store.audit.cuts()).length, 1)
    },
  },
  {
    id: 'R7b',
    name: 'a cut that no entry of the trail confirms is found, and so is a removal beyond a cut',
    needs: ['sql', 'guards'],
    async run(harness) {
      const { place, store, entries } = await openWithOldTrail(harness)
      const sql = feature(harness, 'sql')
      const forge = (sequence: number, hash: string) =>
        sql(
          place,
          'INSERT INTO audit_cuts (id, sequence, hash, entries, actor, reason, timestamp) SELECT ?, ?, ?, 1, actor, NULL, timestamp FROM audit_entries WHERE sequence = 9',
          [ulid(500 + sequence), sequence, hash],
        )
      await store.retention.prune({ audit: '90d' })
      await forge(7, entries[6]?.hash ?? '')
      await sql(place, 'DELETE FROM audit_entries WHERE sequence = 7')
      const forged = await store.audit.verify()
      assert.deepEqual([forged.ok, forged.problem, forged.firstBad], [false, 'forged', 7])
      // One whose hash is not the entry's also breaks the chain.
      await forge(8, entries[0]?.hash ?? '')
      const changed = await store.audit.verify()
      assert.deepEqual([changed.ok, changed.firstBad], [false, 8])
      const other = await openWithOldTrail(harness)
      await other.store.retention.prune({ audit: '90d' })
      await feature(harness, 'guards').lift(other.place, 'audit_entries', async () => {
        await sql(other.place, 'DELETE FROM audit_entries WHERE sequence = 7')
      })
      const missing = await other.store.audit.verify()
      assert.deepEqual([missing.ok, missing.problem, missing.firstBad], [false, 'missing', 7])
    },
  },
  {
    id: 'R7c',
    name: 'entries that a cut covers and that have not gone yet are checked, and go next time',
    needs: ['sql', 'guards'],
    async run(harness) {
      const { place, store } = await openWithOldTrail(harness)
      const abort = new AbortController()
      const onProgress = () => abort.abort(new RangeError('enough'))
      const stopped = store.retention.prune({ audit: '90d', signal: abort.signal, onProgress })
      await assert.rejects(stopped, RangeError)
      assert.deepEqual((await sequencesOf(store)).slice(0, 7), [1, 2, 3, 4, 5, 6, 7])
      const whole = await store.audit.verify()
      assert.deepEqual([whole.ok, whole.checked, whole.cut?.sequence], [true, 11, 6])
      const sql = feature(harness, 'sql')
      await sql(place, 'DELETE FROM audit_entries WHERE sequence <= 3')
      const rest = await store.audit.verify()
      assert.deepEqual([rest.ok, rest.checked], [true, 8])
      await feature(harness, 'guards').lift(place, 'audit_entries', async () => {
        await sql(place, "UPDATE audit_entries SET actor = 'nobody' WHERE sequence = 5")
      })
      assert.equal((await store.audit.verify()).firstBad, 5)
      const next = only(await store.retention.prune({ audit: '90d' }))
      assert.deepEqual([next.rows, next.left, next.cut], [3, 0, null])
      assert.ok((await store.audit.verify()).ok)
      assert.equal((await store.audit.cuts()).length, 1)
    },
  },
  {
    id: 'R8',
    name: 'a part of the trail that is not as it was written is not cut off',
    needs: ['sql', 'guards'],
    async run(harness) {
      const { place, store } = await openWithOldTrail(harness)
      await feature(harness, 'guards').lift(place, 'audit_entries', async () => {
        await feature(harness, 'sql')(place, "UPDATE audit_entries SET actor = 'nobody' WHERE sequence = 4")
      })
      const error = await rejection(QueryError, () => store.retention.prune({ audit: '90d' }))
      assert.ok(error instanceof PersistenceError && error.message.includes('entry 4'))
      assert.deepEqual(await sequencesOf(store), [1, 2, 3, 4, 5, 6, 7, 8, 9])
      assert.deepEqual(await store.audit.cuts(), [])
    },
  },
  {
    id: 'R8b',
    name: 'appends from two stores go on, without a gap, while the trail is cut',
    needs: ['shared'],
    async run(harness) {
      const { place, store } = await openWithOldTrail(harness)
      const other = await openAt(harness, place)
      const append = (through: Store) =>
        Promise.all(Array.from({ length: 20 }, () => through.audit.append(newEntry())))
      const [cut] = await Promise.all([store.retention.prune({ audit: '90d' }), append(store), append(other)])
      assert.equal(only(cut).rows, 6)
      const sequences = await sequencesOf(store)
      assert.deepEqual(
        sequences,
        Array.from({ length: 45 }, (_, index) => index + 7),
      )
      assert.ok((await other.audit.verify()).ok)
    },
  },
]
