// P5: timestamps that a store generates are monotonic, whatever the computer's clock does.

import assert from 'node:assert/strict'
import { type ConformanceCase, openAt, openFresh } from '../support/case.ts'
import { idsOf } from '../support/expect.ts'
import { newAction, newCost, newEntry, newMessage, newPlan, newProfile, newTask } from '../support/samples.ts'
import { inThePast } from './clock.ts'

const HOUR = 3_600_000

export const storeTimeCases: readonly ConformanceCase[] = [
  {
    id: 'N1',
    name: 'P5: while the clock is an hour behind, times go on from the last one; what came later stays later',
    async run(harness) {
      const store = await openFresh(harness)
      const append = (id: string) => store.messages.append(newMessage({ id }))
      const first = await append('z')
      const later = await inThePast(HOUR, async () => {
        const messages = [await append('y'), await append('x')]
        messages.push(
          ...(await store.messages.appendMany([newMessage({ id: 'w' }), newMessage({ id: 'v' })])),
        )
        messages.push(await store.transaction((tx) => tx.messages.append(newMessage({ id: 'u' }))))
        const cost = await store.costRecords.append(newCost())
        const entry = await store.audit.append(newEntry())
        const task = await store.tasks.create(newTask())
        for (const time of [cost.timestamp, entry.timestamp, task.createdAt])
          assert.ok(time > first.timestamp)
        return messages
      })
      const times = [first, ...later].map(({ timestamp }) => timestamp.getTime())
      for (const [index, time] of times.slice(1).entries()) assert.ok(time > (times[index] as number))
      const { items } = await store.messages.history('parser')
      assert.deepEqual(idsOf(items), ['u', 'v', 'w', 'x', 'y', 'z'])
    },
  },
  {
    id: 'N1b',
    name: 'P5: a change is later than the last one, also when another store whose clock is ahead made that',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      const task = await store.tasks.create(newTask())
      const plan = await store.plans.create(newPlan())
      const action = await store.actions.create(newAction())
      const profile = await store.automationProfiles.create(newProfile())
      await inThePast(HOUR, async () => {
        // This store has never seen the correct time.
        const behind = await openAt(harness, place)
        const changed = [
          await behind.tasks.update(task.id, { maxRetries: 2 }, task),
          await behind.plans.use(plan.planId, plan),
          await behind.actions.update(action.name, { description: 'x' }, action),
        ]
        const known = await behind.automationProfiles.update(
          profile.name,
          { description: 'x' },
          { version: 1 },
        )
        for (const record of [...changed, known]) {
          assert.ok(record.createdAt && record.updatedAt && record.updatedAt > record.createdAt)
        }
        const moved = await behind.plans.start(plan.planId, { version: 2 })
        assert.deepEqual(moved.strategizeStartedAt, moved.updatedAt)
        assert.ok(moved.updatedAt > moved.createdAt)
      })
    },
  },
]
