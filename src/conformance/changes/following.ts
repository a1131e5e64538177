// J10–J19: following the feed of changes, by any number of followers, until they end.

import assert from 'node:assert/strict'
import type { CommittedChanges, FollowChangesOptions, Store } from '../../index.ts'
import { type ConformanceCase, feature, openAt, openFresh } from '../support/case.ts'
import { newMessage, newTask } from '../support/samples.ts'

/** The ids that a follower hears of, in order, up to a number of them; then it ends. */
async function heard(
  store: Store,
  count: number,
  options: FollowChangesOptions = {},
): Promise<readonly string[]> {
  const ids: string[] = []
  if (count === 0) return ids
  for await (const { changes } of store.changes.follow(options)) {
    for (const { id, record } of changes) if (record !== 'audit_entry') ids.push(id)
    if (ids.length >= count) break
  }
  return ids
}

function ids(count: number, from = 0): readonly string[] {
  return Array.from({ length: count }, (_, index) => `message-${String(from + index).padStart(4, '0')}`)
}

async function append(store: Store, wanted: readonly string[]): Promise<void> {
  for (const id of wanted) await store.messages.append(newMessage({ id }))
}

export const changesFollowingCases: readonly ConformanceCase[] = [
  {
    id: 'J10',
    name: 'a follower hears of what its store commits after the call, in order, each once',
    async run(harness) {
      const store = await openFresh(harness)
      await append(store, ids(3))
      const hearing = heard(store, 20)
      await append(store, ids(20, 3))
      assert.deepEqual(await hearing, ids(20, 3))
    },
  },
  {
    id: 'J10b',
    name: 'from a position it hears first of what it missed, then of what comes',
    async run(harness) {
      const store = await openFresh(harness)
      await append(store, ids(2))
      const after = await store.changes.head()
      await append(store, ids(450, 2))
      const hearing = heard(store, 460, { after })
      await append(store, ids(10, 452))
      assert.deepEqual(await hearing, ids(460, 2))
    },
  },
  {
    id: 'J10c',
    name: 'it hears only of the records that it asks for',
    async run(harness) {
      const store = await openFresh(harness)
      const hearing = heard(store, 2, { records: ['task', 'plan'] })
      await append(store, ids(5))
      await store.tasks.create(newTask({ id: 'first' }))
      await append(store, ids(5, 5))
      await store.tasks.create(newTask({ id: 'second' }))
      assert.deepEqual(await hearing, ['first', 'second'])
    },
  },
  {
    id: 'J11',
    name: 'it hears of what another store and another process commit, and misses nothing of either',
    needs: ['shared', 'processes'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      const other = await openAt(harness, place)
      const after = await store.changes.head()
      const hearing = heard(store, 60, { after })
      const messages = ids(20, 40).map((id) => newMessage({ id }))
      await Promise.all([
        append(store, ids(20)),
        append(other, ids(20, 20)),
        feature(harness, 'processes').perform(place, { do: 'append-messages', messages }),
      ])
      const got = await hearing
      assert.deepEqual(got.toSorted(), ids(60))
      // Two readers see one order.
      assert.deepEqual(await heard(other, 60, { after }), got)
    },
  },
  {
    id: 'J12',
    name: 'it ends without an error when its signal is aborted, before or while it waits',
    async run(harness) {
      const store = await openFresh(harness)
      for await (const _ of store.changes.follow({ signal: AbortSignal.abort() })) assert.fail('it began')
      const ending = new AbortController()
      const got: CommittedChanges[] = []
      const following = (async () => {
        for await (const told of store.changes.follow({ signal: ending.signal })) {
          got.push(told)
          // It waits for the next one from here on.
          setImmediate(() => ending.abort())
        }
      })()
      await store.tasks.create(newTask())
      await following
      assert.equal(got.length, 1)
    },
  },
  {
    id: 'J12b',
    name: 'it ends without an error when its store closes',
    async run(harness) {
      const store = await openFresh(harness)
      const hearing = [heard(store, 100), heard(store, 100, { after: await store.changes.head() })]
      await append(store, ids(1))
      await store.close()
      // Whether it has heard of the last commits depends on when it closes; its position says so.
      for (const got of await Promise.all(hearing)) assert.ok(got.length <= 1)
    },
  },
  {
    id: 'J13',
    name: 'a thousand followers each hear of everything',
    large: true,
    async run(harness) {
      const store = await openFresh(harness)
      const hearing = Array.from({ length: 1000 }, () => heard(store, 3))
      await append(store, ids(3))
      for (const got of await Promise.all(hearing)) assert.deepEqual(got, ids(3))
    },
  },
  {
    id: 'J14',
    name: 'a slow follower misses nothing, however much is committed meanwhile',
    async run(harness) {
      const store = await openFresh(harness)
      const got: string[] = []
      const following = (async () => {
        for await (const { changes } of store.changes.follow()) {
          if (got.length === 0) await append(store, ids(600, 1))
          got.push(...changes.map(({ id }) => id))
          if (got.length === 601) break
        }
      })()
      await append(store, ids(1))
      await following
      assert.deepEqual(got, ids(601))
    },
  },
]
