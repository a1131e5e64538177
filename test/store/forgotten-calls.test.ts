// A call inside a transaction that nobody awaits is found even when it settles before the callback
// ends: stored or refused, it would otherwise be lost without a word.

import { expect, test } from 'vitest'
import { openStore, QueryError, type Transaction } from '../../src/index.ts'

const message = {
  sender: 'lead',
  to: 'agent',
  channel: 'parser',
  type: 'question',
  content: 'Ready?',
} as const

const forgotten: readonly (readonly [string, (tx: Transaction) => unknown])[] = [
  ['one that is stored', (tx) => tx.messages.append({ ...message, id: 'new' })],
  ['one that is refused', (tx) => tx.messages.append({ ...message, id: 'there' })],
  ['a read', (tx) => tx.messages.get('there')],
  ['a nested part', (tx) => tx.transaction(async (inner) => void (await inner.messages.append(message)))],
]

test.each(forgotten)('%s', async (_name, forget) => {
  await using store = await openStore('sqlite::memory:')
  await store.messages.append({ ...message, id: 'there' })
  const work = store.transaction(async (tx) => {
    forget(tx)
    for (let turn = 0; turn < 5; turn += 1) await tx.messages.append(message)
  })
  await expect(work).rejects.toThrow(QueryError)
  await expect(work).rejects.toThrow('not awaited')
  expect(await store.messages.count()).toBe(1)
})

test('calls that are awaited late, together, or for their failure are not forgotten', async () => {
  await using store = await openStore('sqlite::memory:')
  await store.messages.append({ ...message, id: 'there' })
  await store.transaction(async (tx) => {
    const early = tx.messages.append(message)
    await Promise.all([tx.messages.append(message), tx.messages.append(message)])
    await expect(tx.messages.append({ ...message, id: 'there' })).rejects.toThrow('already has')
    await early
  })
  expect(await store.messages.count()).toBe(4)
})
