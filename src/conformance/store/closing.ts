// L17: close waits for pending work, refuses later calls, and says so if it cannot wait any longer.

import assert from 'node:assert/strict'
import { PersistenceConnectionError, TimeoutError } from '../../errors.ts'
import { type ConformanceCase, openAt, openFresh } from '../support/case.ts'
import { outcome, rejection, signal, turn } from '../support/expect.ts'
import { newMessage, newTask } from '../support/samples.ts'

export const closingCases: readonly ConformanceCase[] = [
  {
    id: 'L17',
    name: 'close waits for writes in flight and refuses new ones',
    async run(harness) {
      const store = await openFresh(harness)
      const writes = [
        ...Array.from({ length: 40 }, (_, index) => store.tasks.create(newTask({ id: `t${index}` }))),
        store.messages.appendMany([newMessage(), newMessage()]),
      ]
      const closing = store.close()
      await turn()
      await rejection(PersistenceConnectionError, () => store.tasks.create(newTask()))
      await closing
      const settled = await Promise.allSettled(writes)
      assert.deepEqual(
        settled.filter((result) => result.status === 'rejected'),
        [],
      )
    },
  },
  {
    id: 'L17b',
    name: 'what close waited for is stored',
    needs: ['persistent'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      const writes = Array.from({ length: 40 }, (_, index) =>
        store.tasks.create(newTask({ id: `t${index}` })),
      )
      await store.close()
      await Promise.all(writes)
      assert.equal(await (await openAt(harness, place)).tasks.count(), 40)
    },
  },
  {
    id: 'L17c',
    name: 'close waits for a transaction in flight, and gives up after closeTimeout with an error',
    async run(harness) {
      const patient = await openFresh(harness)
      const [inside, release] = [signal(), signal()]
      const work = patient.transaction(async (tx) => {
        inside.fire()
        await release.reached
        await tx.tasks.create(newTask({ id: 'a' }))
      })
      await inside.reached
      const closing = patient.close()
      await turn()
      assert.equal(patient.isConnected, false)
      release.fire()
      await Promise.all([work, closing])

      const hasty = await openFresh(harness, { closeTimeout: 30 })
      const [stuck, end] = [signal(), signal()]
      const endless = hasty.transaction(async (tx) => {
        await tx.tasks.create(newTask({ id: 'b' }))
        stuck.fire()
        await end.reached
      })
      await stuck.reached
      const error = await rejection(TimeoutError, () => hasty.close())
      assert.equal(error.retryable, true)
      assert.equal(hasty.isConnected, false)
      end.fire()
      assert.ok((await outcome(() => endless)) instanceof Error)
    },
  },
]
