// L11–L13 and file modes: what persists after close, what another process or store sees, and
// readers concurrent with a writer.

import assert from 'node:assert/strict'
import type { AuditHead } from '../../index.ts'
import { type ConformanceCase, feature, openAt } from '../support/case.ts'
import { signal } from '../support/expect.ts'
import { readSamples, writeSamples } from '../support/record-samples.ts'
import { newMessage, newTask } from '../support/samples.ts'

export const sharingCases: readonly ConformanceCase[] = [
  {
    id: 'L11',
    name: 'what keeps acknowledged writes is in force by default and as configured, also when reopened',
    needs: ['durability', 'persistent'],
    async run(harness) {
      const modes = feature(harness, 'durability')
      assert.ok(modes.length > 0)
      const place = harness.newPlace()
      // Both directions: a store is not affected by the mode of the previous one.
      for (const mode of [...modes, ...modes.toReversed()]) {
        const store = mode.create(place)
        harness.closeAfterwards(store)
        await store.connect()
        await store.migrate()
        assert.equal(await mode.inForce(place, store), mode.expected, mode.name)
        const { id } = await store.tasks.create(newTask())
        await store.close()
        const again = mode.create(place)
        harness.closeAfterwards(again)
        await again.connect()
        assert.equal((await again.tasks.get(id))?.id, id)
        assert.equal(await mode.inForce(place, again), mode.expected, mode.name)
        await again.close()
      }
    },
  },
  {
    id: 'L12',
    name: 'data survive close: every field of every record',
    needs: ['persistent'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      const written = await writeSamples(store)
      const total = await store.costRecords.aggregate()
      await store.close()
      await store.connect()
      assert.deepEqual(await readSamples(store), written)
      await store.close()
      const other = await openAt(harness, place)
      assert.deepEqual(await readSamples(other), written)
      assert.deepEqual(await other.costRecords.aggregate(), total)
      assert.deepEqual((await other.messages.search('parser')).items, written.messages)
      const { checked } = await other.audit.verify({ expectedHead: written.audit[0] as AuditHead })
      assert.equal(checked, written.audit.length)
    },
  },
  {
    id: 'L12b',
    name: 'data are there in a new process',
    needs: ['processes'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      const written = await writeSamples(store)
      await store.close()
      const read = await feature(harness, 'processes').perform(place, { do: 'read' })
      assert.deepEqual(read, JSON.parse(JSON.stringify(written)))
    },
  },
  {
    id: 'L13',
    name: 'three readers read at once while a fourth has an open transaction, and see it after its end',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const writer = await openAt(harness, place)
      const readers = [
        await openAt(harness, place),
        await openAt(harness, place),
        await openAt(harness, place),
      ]
      await writer.tasks.create(newTask({ id: 'before' }))
      const [wrote, end] = [signal(), signal()]
      const work = writer.transaction(async (tx) => {
        await tx.tasks.create(newTask({ id: 'inside' }))
        await tx.tasks.update('before', { title: 'Changed' }, { version: 1 })
        wrote.fire()
        await end.reached
      })
      await wrote.reached
      for (const reader of [...readers, writer]) {
        assert.equal(await reader.tasks.get('inside'), null)
        assert.equal((await reader.tasks.get('before'))?.version, 1)
        assert.equal(await reader.tasks.count(), 1)
      }
      end.fire()
      await work
      for (const reader of [...readers, writer]) {
        assert.equal((await reader.tasks.get('inside'))?.id, 'inside')
        assert.equal((await reader.tasks.get('before'))?.title, 'Changed')
      }
    },
  },
  {
    id: 'L13b',
    name: 'three processes read while this one writes: counts only rise, up to the last',
    needs: ['processes'],
    async run(harness) {
      const { perform } = feature(harness, 'processes')
      const place = harness.newPlace()
      const writer = await openAt(harness, place)
      const total = 120
      const started = [signal(), signal(), signal()]
      const watching = started.map((start) =>
        perform(place, { do: 'watch', channel: 'parser', until: total }, { started: start.fire }),
      )
      // A watcher that fails ends the wait too; its error surfaces below.
      await Promise.race([Promise.all(started.map((start) => start.reached)), Promise.all(watching)])
      for (let written = 0; written < total; written += 1) await writer.messages.append(newMessage())
      for (const counts of (await Promise.all(watching)) as number[][]) {
        assert.equal(counts[0], 0)
        assert.equal(counts.at(-1), total)
        assert.deepEqual(
          counts,
          [...counts].sort((a, b) => a - b),
        )
      }
    },
  },
  {
    id: 'L13c',
    name: 'two processes write at once: every write of both is stored',
    needs: ['processes'],
    async run(harness) {
      const { perform } = feature(harness, 'processes')
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      const messages = (from: string) =>
        Array.from({ length: 50 }, (_, index) => newMessage({ id: `${from}-${index}` }))
      const start = signal()
      const job = { do: 'append-messages', messages: messages('other') } as const
      const elsewhere = perform(place, job, { started: start.fire })
      await Promise.race([start.reached, elsewhere])
      for (const message of messages('own')) await store.messages.append(message)
      await elsewhere
      assert.equal(await store.messages.count(), 100)
    },
  },
  {
    id: 'L18',
    name: 'what a store makes is private: nobody who was given nothing can read or change it',
    needs: ['strangers'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      await writeSamples(store)
      const { tried, reached } = await feature(harness, 'strangers')(place)
      assert.ok(tried > 1)
      assert.deepEqual(reached, [])
    },
  },
]
