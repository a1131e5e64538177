// Many followers cost as many queries as one, whether they wait or hear; and latency: a follower
// hears of its own store's commits at once.

import { expect, test } from 'vitest'
import { newMessage } from '../../src/conformance/support/samples.ts'
import type { Engine, Query } from '../../src/engines/contract/engine.ts'
import { createSqliteEngine } from '../../src/engines/sqlite/index.ts'
import { openStore, type Store } from '../../src/index.ts'
import { sqliteDefaults } from '../support/driver.ts'

/** An engine that counts the reads of the feed. */
function countingEngine(): { readonly engine: Engine; readonly reads: () => number } {
  const engine = createSqliteEngine({ ...sqliteDefaults, path: ':memory:' })
  let count = 0
  const read = engine.read.bind(engine)
  engine.read = (query: Query) => {
    if (query.sql.includes('purser_changes')) count += 1
    return read(query)
  }
  return { engine, reads: () => count }
}

/** Reads while so many followers, all of them waiting, hear of twenty commits one after the other. */
async function readsOf(followers: number): Promise<number> {
  const { engine, reads } = countingEngine()
  await using store: Store = await openStore({ engine })
  const after = await store.changes.head()
  let heard = 0
  let arrived: () => void = () => undefined
  const hearing = Array.from({ length: followers }, async () => {
    let own = 0
    for await (const _ of store.changes.follow({ after })) {
      own += 1
      heard += 1
      if (heard % followers === 0) arrived()
      if (own === 21) return
    }
  })
  const commit = async () => {
    const all = new Promise<void>((resolve) => {
      arrived = resolve
    })
    await store.messages.append(newMessage())
    await all
  }
  // Each reads what was there when it began by itself.
  await commit()
  const before = reads()
  for (let number = 0; number < 20; number += 1) await commit()
  await Promise.all(hearing)
  return reads() - before
}

test('a thousand followers that hear of commits read as much as one', async () => {
  const one = await readsOf(1)
  const thousand = await readsOf(1000)
  expect(thousand).toBeLessThan(2 * one + 60)
})

test('a follower hears of a commit of its store within 20 ms', async () => {
  await using store = await openStore('sqlite::memory:')
  let heardAt = 0
  let heard: () => void = () => undefined
  const ending = new AbortController()
  const following = (async () => {
    for await (const _ of store.changes.follow({ signal: ending.signal })) {
      heardAt = performance.now()
      heard()
    }
  })()
  const latencies: number[] = []
  for (let round = 0; round < 21; round += 1) {
    const hearing = new Promise<void>((resolve) => {
      heard = resolve
    })
    await store.messages.append(newMessage())
    const committedAt = performance.now()
    await hearing
    latencies.push(heardAt - committedAt)
  }
  ending.abort()
  await following
  expect(latencies.toSorted((a, b) => a - b)[10]).toBeLessThan(20)
})
