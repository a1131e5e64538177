// Transactions that stay open on a server: what others commit meanwhile is heard at once, and what
// they commit in the end is not missed. Two stores that look at once give no position twice.

import { expect, test } from 'vitest'
import { newMessage } from '../../src/conformance/support/samples.ts'
import { NEW_CHANGES_TABLE, type Query } from '../../src/engines/contract/engine.ts'
import { openStore, type Store } from '../../src/index.ts'
import { describeOnServers, engineAt } from '../support/engines/servers.ts'

async function idsAfter(store: Store, after: string): Promise<readonly string[]> {
  const { items } = await store.changes.read({ after, limit: 1000 })
  return items.flatMap(({ changes }) => changes.map(({ id }) => id))
}

describeOnServers('a transaction that is open', (places) => {
  test('delays no reader, and is reported when it commits', async () => {
    const url = places.urlOf(await places.create())
    await using store = await openStore(url)
    await using other = await openStore(url)
    const head = await store.changes.head()
    let position = head
    await store.transaction(async (tx) => {
      await tx.messages.append(newMessage({ id: 'early' }))
      await other.messages.append(newMessage({ id: 'late' }))
      expect(await idsAfter(other, head)).toEqual(['late'])
      position = await other.changes.head()
    })
    expect(await idsAfter(other, position)).toEqual(['early'])
    expect(await idsAfter(store, head)).toEqual(['late', 'early'])
  })

  test('between its row of the feed and its commit delays no reader either', async () => {
    const url = places.urlOf(await places.create())
    await using store = await openStore(url)
    const head = await store.changes.head()
    const engine = engineAt(places.engine, url)
    await engine.connect()
    const transaction = await engine.begin()
    const insert: Query = {
      sql: `insert into ${NEW_CHANGES_TABLE} (at, actor, changes) values (current_timestamp, 'stopped', '[["message","c","stopped"]]')`,
      parameters: [],
    }
    await transaction.writeSet([{ kind: 'execute', query: insert }])
    await store.messages.append(newMessage({ id: 'meanwhile' }))
    expect(await idsAfter(store, head)).toEqual(['meanwhile'])
    await transaction.commit()
    expect(await idsAfter(store, head)).toEqual(['meanwhile', 'stopped'])
    await engine.disconnect()
  })

  test('stores that look at once agree on one order without gaps', async () => {
    const url = places.urlOf(await places.create())
    const stores = await Promise.all(Array.from({ length: 4 }, () => openStore(url)))
    const [store] = stores as [Store]
    const head = await store.changes.head()
    await Promise.all(
      stores.map(async (each, index) => {
        for (let number = 0; number < 40; number += 1) {
          await each.messages.append(newMessage({ id: `${index}-${number}` }))
          await each.changes.read({ after: head, limit: 1 })
        }
      }),
    )
    const orders = await Promise.all(stores.map((each) => idsAfter(each, head)))
    for (const order of orders) expect(order).toEqual(orders[0])
    expect(new Set(orders[0]).size).toBe(160)
    await Promise.all(stores.map((each) => each.close()))
  })

  test('a lost connection ends no follower, and it misses nothing', async () => {
    const place = await places.create()
    const url = places.urlOf(place)
    await using store = await openStore(url)
    await using writer = await openStore(url)
    const heard: string[] = []
    const following = (async () => {
      for await (const { changes } of store.changes.follow()) {
        heard.push(...changes.map(({ id }) => id))
        if (heard.includes('second')) break
      }
    })()
    await writer.messages.append(newMessage({ id: 'first' }))
    await places.cut(place)
    for (;;) {
      const sent = await writer.messages.append(newMessage({ id: 'second' })).catch(() => undefined)
      if (sent || (await writer.messages.get('second').catch(() => null))) break
    }
    await following
    expect(heard).toEqual(['first', 'second'])
  })
})
