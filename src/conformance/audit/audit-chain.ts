// A1, A6: the chain: numbers without gaps under concurrent appends and rollbacks, and hashes that
// anyone can recompute.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { DuplicateRecordError, InvalidRecordError } from '../../errors.ts'
import type { AuditEntry, Store } from '../../index.ts'
import { type ConformanceCase, feature, openAt, openFresh } from '../support/case.ts'
import { collect, rejection, signal } from '../support/expect.ts'
import { fullEntry, newEntry, newPlan } from '../support/samples.ts'

/** JSON as RFC 8785 specifies it, reimplemented here so that it shares nothing with the library. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item)).join()}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return `{${pairs.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join()}}`
}

function recomputed({ hash: _, unreadable: __, ...entry }: AuditEntry): string {
  return createHash('sha256')
    .update(canonical({ ...entry, timestamp: entry.timestamp.toISOString() }))
    .digest('hex')
}

/** Numbers 1 to n, each entry linked to the previous one, and each hash as its fields give it. */
async function assertChain(store: Pick<Store, 'audit'>, length: number): Promise<readonly AuditEntry[]> {
  const entries = (await collect(store.audit.each())).toReversed()
  assert.deepEqual(
    entries.map((entry) => entry.sequence),
    Array.from({ length }, (_, index) => index + 1),
  )
  let previous = '0'.repeat(64)
  for (const entry of entries) {
    assert.equal(entry.previousHash, previous, `entry ${entry.sequence}`)
    assert.equal(entry.hash, recomputed(entry), `entry ${entry.sequence}`)
    previous = entry.hash
  }
  const head = length === 0 ? null : { sequence: length, hash: previous }
  assert.deepEqual(await store.audit.head(), head)
  const verified = { ok: true, checked: length, firstBad: null, problem: null, head, cut: null }
  assert.deepEqual(await store.audit.verify(head ? { expectedHead: head } : {}), verified)
  return entries
}

export const auditChainCases: readonly ConformanceCase[] = [
  {
    id: 'A1d',
    name: '64 concurrent appends of one store get the numbers 1 to 64 in the order of their calls',
    async run(harness) {
      const store = await openFresh(harness)
      const made = await Promise.all(
        Array.from({ length: 64 }, (_, index) => store.audit.append(newEntry({ details: { index } }))),
      )
      assert.deepEqual(
        made.map((entry) => entry.sequence),
        Array.from({ length: 64 }, (_, index) => index + 1),
      )
      assert.deepEqual(await assertChain(store, 64), made)
    },
  },
  {
    id: 'A1e',
    name: '64 concurrent appends from two stores get the numbers 1 to 64, each once',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const stores = [await openAt(harness, place), await openAt(harness, place)] as const
      for (let round = 1; round <= 3; round += 1) {
        const made = await Promise.all(
          Array.from({ length: 64 }, (_, index) => stores[index % 2 === 0 ? 0 : 1].audit.append(newEntry())),
        )
        const entries = await assertChain(stores[0], 64 * round)
        const byId = new Map(entries.map((entry) => [entry.id, entry]))
        for (const entry of made) assert.deepEqual(byId.get(entry.id), entry)
      }
    },
  },
  {
    id: 'A1f',
    name: 'three processes append at once: the chain has every entry of each and no gap',
    needs: ['processes'],
    async run(harness) {
      const { perform } = feature(harness, 'processes')
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      const [first, second] = [signal(), signal()]
      const job = { do: 'append-entries', times: 120 } as const
      const elsewhere = [
        perform(place, { ...job, actor: 'one' }, { started: first.fire }),
        perform(place, { ...job, actor: 'two' }, { started: second.fire }),
      ]
      await Promise.race([Promise.all([first.reached, second.reached]), Promise.all(elsewhere)])
      for (let turn = 0; turn < 60; turn += 1) {
        await Promise.all([store.audit.append(newEntry()), store.plans.create(newPlan())])
      }
      const [one, two] = (await Promise.all(elsewhere)) as [number[], number[]]
      const entries = await assertChain(store, 360)
      for (const [actor, numbers] of [
        ['one', one],
        ['two', two],
      ] as const) {
        const own = entries.filter((entry) => entry.actor === actor).map((entry) => entry.sequence)
        assert.deepEqual(
          numbers.toSorted((a, b) => a - b),
          own,
        )
        assert.equal(own.length, 120)
      }
    },
  },
  {
    id: 'A6',
    name: 'a transaction that is rolled back leaves no entry and no gap, and neither does a call that is refused',
    async run(harness) {
      const store = await openFresh(harness)
      await store.audit.append(fullEntry())
      const failing = store.transaction(async (tx) => {
        const inside = await tx.audit.append(newEntry())
        assert.equal(inside.sequence, 2)
        await tx.plans.create(newPlan())
        assert.equal((await tx.audit.head())?.sequence, 3)
        assert.equal((await tx.audit.verify()).checked, 3)
        throw new RangeError('on purpose')
      })
      await assert.rejects(failing, RangeError)
      assert.equal((await store.audit.append(newEntry())).sequence, 2)
      await rejection(DuplicateRecordError, () => store.audit.append(fullEntry()))
      await rejection(InvalidRecordError, () => store.audit.append(newEntry({ reason: '' })))
      const lost = store.transaction(async (tx) => {
        await tx.audit.append(newEntry())
        await tx.audit.append(fullEntry())
      })
      await assert.rejects(lost, DuplicateRecordError)
      assert.equal((await store.audit.append(newEntry())).sequence, 3)
      await assertChain(store, 3)
    },
  },
  {
    id: 'A6b',
    name: 'a part that fails leaves no gap, and the outer transaction goes on with the next number',
    async run(harness) {
      const store = await openFresh(harness)
      const kept = await store.transaction(async (tx) => {
        const numbers = [(await tx.audit.append(newEntry())).sequence]
        for (let round = 0; round < 3; round += 1) {
          const part = tx.transaction(async (inner) => {
            await Promise.all([inner.audit.append(newEntry()), inner.audit.append(newEntry())])
            await inner.transaction((deepest) => deepest.plans.create(newPlan()))
            throw new RangeError('on purpose')
          })
          await assert.rejects(part, RangeError)
          numbers.push((await tx.audit.append(newEntry())).sequence)
          const inner = await tx.transaction((kept) => kept.audit.append(newEntry()))
          numbers.push(inner.sequence)
        }
        await rejection(DuplicateRecordError, () =>
          tx.plans.createMany([newPlan({ name: 'local/a' }), newPlan({ name: 'local/a' })]),
        )
        numbers.push((await tx.plans.create(newPlan())).version)
        return numbers
      })
      assert.deepEqual(kept, [1, 2, 3, 4, 5, 6, 7, 1])
      await assertChain(store, 8)
    },
  },
  {
    id: 'A6c',
    name: 'entries of a transaction are seen inside at once, outside after its end, with the numbers they were told',
    needs: ['shared'],
    async run(harness) {
      const store = await openFresh(harness)
      const [wrote, end] = [signal(), signal()]
      const work = store.transaction(async (tx) => {
        const made = await Promise.all([1, 2, 3].map((details) => tx.audit.append(newEntry({ details }))))
        assert.equal(await tx.audit.count(), 3)
        wrote.fire()
        await end.reached
        return made
      })
      await Promise.race([wrote.reached, work])
      assert.equal(await store.audit.head(), null)
      end.fire()
      assert.deepEqual(await work, await assertChain(store, 3))
    },
  },
]
