// W8: dependencies that form a cycle are refused when they are written, whoever writes them, and
// however long it is.

import assert from 'node:assert/strict'
import { InvalidRecordError } from '../../errors.ts'
import type { Store } from '../../index.ts'
import { type ConformanceCase, openAt, openFresh } from '../support/case.ts'
import { only, rejection } from '../support/expect.ts'
import { newTask } from '../support/samples.ts'
import { readyIds, stored } from './claim-samples.ts'

/** The ids of the cycle that a call is refused for. */
async function cycleOf(call: () => unknown): Promise<readonly string[]> {
  const issue = only((await rejection(InvalidRecordError, call)).issues)
  assert.deepEqual([issue.code, issue.path], ['cycle', ['dependencies']])
  assert.ok(issue.ids)
  for (const id of issue.ids.slice(0, 3)) assert.ok(issue.message.includes(id))
  return issue.ids
}

/** At most two of three writers that close a cycle together may succeed. */
async function raceForCycle(stores: readonly Store[]): Promise<void> {
  const [first] = stores as readonly [Store, ...Store[]]
  for (let round = 0; round < 6; round += 1) {
    const ids = ['a', 'b', 'c'].map((name) => `${name}-${round}`)
    await first.tasks.createMany(ids.map((id) => newTask({ id })))
    const writes = ids.map((id, index) => {
      const { tasks } = stores[index % stores.length] as Store
      return tasks.update(id, { dependencies: [ids[(index + 1) % 3] as string] }, { version: 1 })
    })
    const results = await Promise.allSettled(writes)
    const refused = results.filter(({ status }) => status === 'rejected')
    const { reason } = only(refused) as PromiseRejectedResult
    assert.ok(reason instanceof InvalidRecordError, String(reason))
    assert.deepEqual([...(only(reason.issues).ids ?? [])].sort(), ids)
  }
}

export const dependencyCases: readonly ConformanceCase[] = [
  {
    id: 'W8',
    name: 'a task depends neither on itself, nor on one that depends on it',
    async run(harness) {
      const store = await openFresh(harness)
      const { tasks } = store
      await rejection(InvalidRecordError, () => tasks.create(newTask({ id: 'self', dependencies: ['self'] })))
      const a = await tasks.create(newTask({ id: 'a', dependencies: ['later'] }))
      await tasks.create(newTask({ id: 'b', dependencies: ['a', 'else'] }))
      await rejection(InvalidRecordError, () => tasks.update('a', { dependencies: ['a'] }, a))
      assert.deepEqual(await cycleOf(() => tasks.update('a', { dependencies: ['x', 'b'] }, a)), ['a', 'b'])
      assert.deepEqual(await cycleOf(() => tasks.create(newTask({ id: 'later', dependencies: ['b'] }))), [
        'later',
        'b',
        'a',
      ])
      assert.deepEqual(await cycleOf(() => tasks.save(newTask({ id: 'later', dependencies: ['b'] }))), [
        'later',
        'b',
        'a',
      ])
      assert.deepEqual(await stored(store, 'a'), a)
      assert.equal(await tasks.get('later'), null)
      await tasks.create(newTask({ id: 'later' }))
      const chain = await tasks.update('later', { dependencies: ['end'] }, { version: 1 })
      const patch = { assignedTo: 'ada', dependencies: ['b'] }
      await cycleOf(() => tasks.transition('later', 'assigned', { version: 2, patch }))
      assert.deepEqual(await stored(store, 'later'), chain)
      assert.equal((await tasks.update('a', { dependencies: ['end'] }, a)).version, 2)
    },
  },
  {
    id: 'W8b',
    name: 'tasks of one call, and of one transaction, form no cycle either; then none is stored',
    async run(harness) {
      const store = await openFresh(harness)
      const ring = ['a', 'b', 'c', 'd'].map((id, index, all) =>
        newTask({ id, dependencies: [all[(index + 1) % 4] as string] }),
      )
      const cycle = await cycleOf(() => store.tasks.createMany([newTask({ id: 'x' }), ...ring]))
      assert.deepEqual([...cycle].sort(), ['a', 'b', 'c', 'd'])
      assert.equal(await store.tasks.count(), 0)
      await cycleOf(() =>
        store.transaction(async (tx) => {
          for (const task of ring) await tx.tasks.create(task)
        }),
      )
      assert.equal(await store.tasks.count(), 0)
      await store.tasks.createMany(ring.slice(0, 3))
      assert.equal((await readyIds(store)).length, 0)
    },
  },
  {
    id: 'W8c',
    name: 'three writers of one store close no cycle together',
    async run(harness) {
      await raceForCycle([await openFresh(harness)])
    },
  },
  {
    id: 'W8d',
    name: 'three writers of three stores close no cycle together',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const stores = [
        await openAt(harness, place),
        await openAt(harness, place),
        await openAt(harness, place),
      ]
      await raceForCycle(stores)
    },
  },
  {
    id: 'W8e',
    name: 'a cycle of 10,000 tasks is found, and all its ids are named',
    large: true,
    async run(harness) {
      const store = await openFresh(harness)
      const ids = Array.from({ length: 10_000 }, (_, index) => `t-${index}`)
      for (let start = 0; start < ids.length; start += 1000) {
        const part = ids.slice(start, start + 1000)
        await store.tasks.createMany(
          part.map((id, index) =>
            newTask({ id, dependencies: start + index === 0 ? [] : [ids[start + index - 1] as string] }),
          ),
        )
      }
      const last = ids.at(-1) as string
      const cycle = await cycleOf(() => store.tasks.update('t-0', { dependencies: [last] }, { version: 1 }))
      assert.equal(cycle.length, ids.length)
      assert.deepEqual(await readyIds(store), ['t-0'])
    },
  },
]
