// The feed by server-sent events: every commit once, also over a lost connection.

import { expect, test } from 'vitest'
import { createClient } from '../../src/client/index.ts'
import { newTask } from '../../src/conformance/support/samples.ts'
import { openStore } from '../../src/index.ts'
import { serving } from '../support/server/serving.ts'

test('follows what is committed, misses nothing while the connection is away, and ends with its signal', async () => {
  await using store = await openStore('sqlite::memory:')
  const { url } = await serving(store, {
    authenticate: () => ({ role: 'reader', actor: null, tenant: null, key: 'k', via: 'application' }),
  })
  const connections: AbortController[] = []
  const from: (string | null)[] = []
  const client = createClient({
    url,
    fetch: (request) => {
      if (!request.headers.get('accept')?.includes('event-stream')) return fetch(request)
      const cut = new AbortController()
      connections.push(cut)
      from.push(request.headers.get('last-event-id'))
      return fetch(new Request(request, { signal: AbortSignal.any([request.signal, cut.signal]) }))
    },
  })
  const head = await client.changes.head()
  const stop = new AbortController()
  const seen: string[] = []
  const following = (async () => {
    for await (const { at, position, changes } of client.changes.follow({
      after: head,
      records: ['task'],
      signal: stop.signal,
    })) {
      expect(at).toBeInstanceOf(Date)
      for (const { id } of changes) seen.push(id)
      if (seen.length === 1) {
        // The next one is committed while there is no connection.
        connections[0]?.abort()
        await store.tasks.create(newTask({ id: 't-2' }))
        expect(from).toEqual([head])
        from.push(position)
      }
      if (seen.length === 2) await store.tasks.create(newTask({ id: 't-3' }))
      if (seen.length === 3) stop.abort()
    }
  })()
  await store.tasks.create(newTask({ id: 't-1' }))
  await following
  expect(seen).toEqual(['t-1', 't-2', 't-3'])
  expect(from).toEqual([head, from[1], from[1]])
  const { items } = await client.changes.read({ after: head, records: ['task'], limit: 2 })
  expect(items.map(({ changes }) => changes[0]?.id)).toEqual(['t-1', 't-2'])
})

test('a position of another database is an error in the loop', async () => {
  await using store = await openStore('sqlite::memory:')
  const { url } = await serving(store, {
    authenticate: () => ({ role: 'reader', actor: null, tenant: null, key: 'k', via: 'application' }),
  })
  const client = createClient({ url })
  const loop = async () => {
    for await (const _ of client.changes.follow({ after: 'nonsense' })) throw new Error('unreachable')
  }
  await expect(loop()).rejects.toMatchObject({ code: 'INVALID_RECORD' })
})
