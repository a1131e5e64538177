// T3 under concurrency: writes that are pending together share one batch, and each gets its own
// outcome.

import assert from 'node:assert/strict'
import { type ConformanceCase, openFresh } from '../support/case.ts'
import { codesOf, idsOf, tally } from '../support/expect.ts'
import { newMessage, newTask } from '../support/samples.ts'

export const concurrentWriteCases: readonly ConformanceCase[] = [
  {
    id: 'T3b',
    name: 'of many concurrent creates of one id exactly one is stored, and the others are refused alone',
    async run(harness) {
      const store = await openFresh(harness)
      const tasks = Array.from({ length: 32 }, (_, index) =>
        newTask({ id: index % 2 === 0 ? 'same' : `t${index}`, title: `Title ${index}` }),
      )
      const results = await Promise.allSettled(tasks.map((task) => store.tasks.create(task)))
      const states = results.map((result) =>
        result.status === 'fulfilled' ? 'stored' : (result.reason as Error).name,
      )
      assert.deepEqual(tally(states), { stored: 17, DuplicateRecordError: 15 })
      const stored = results.find((result, index) => index % 2 === 0 && result.status === 'fulfilled')
      assert.ok(stored?.status === 'fulfilled')
      assert.deepEqual(await store.tasks.get('same'), stored.value)
      assert.equal(await store.tasks.count(), 17)
    },
  },
  {
    id: 'T3d',
    name: 'of concurrent writes those that the database refuses fail alone; the others are stored',
    async run(harness) {
      const store = await openFresh(harness)
      const refused = new Set([0, 7, 8, 19])
      const tasks = Array.from({ length: 20 }, (_, index) =>
        newTask({ id: `t${index}`, planId: refused.has(index) ? 'no-plan' : null }),
      )
      const check = (results: readonly PromiseSettledResult<unknown>[]) => {
        assert.deepEqual(tally(codesOf(results)), { stored: 16, CONSTRAINT_VIOLATION: 4 })
        for (const index of refused) assert.equal(results[index]?.status, 'rejected', `${index}`)
      }
      await store.transaction(async (tx) => {
        check(
          await Promise.allSettled(tasks.map((task) => tx.tasks.create({ ...task, id: `tx ${task.id}` }))),
        )
      })
      check(await Promise.allSettled(tasks.map((task) => store.tasks.create(task))))
      assert.equal(await store.tasks.count(), 32)
    },
  },
  {
    id: 'T3e',
    name: 'more concurrent writes than one set holds are all answered and stored, in the order of their calls',
    async run(harness) {
      for (const [writes, maxRows] of [
        [1300, 512],
        [20, 1],
        [20, 7],
      ] as const) {
        const store = await openFresh(harness, { batch: { maxRows } })
        const calls = Array.from({ length: writes }, (_, index) =>
          store.messages.append(newMessage({ timestamp: '2026-01-31T09:30:00Z', content: `${index}` })),
        )
        const made = await Promise.all(calls)
        assert.deepEqual(
          made.map((message) => message.content),
          Array.from({ length: writes }, (_, index) => `${index}`),
        )
        assert.equal(await store.messages.count(), writes)
        const newest = await store.messages.history('parser', { limit: 10 })
        assert.deepEqual(idsOf(newest.items), idsOf(made.slice(-10)).toReversed())
        await store.close()
      }
    },
  },
]
