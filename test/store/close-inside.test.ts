// Closing a store inside the callback of its own transaction would wait for the transaction, which
// waits for it.

import { expect, test } from 'vitest'
import { openStore, QueryError } from '../../src/index.ts'

test('is refused at once, and the transaction can go on', async () => {
  await using store = await openStore('sqlite::memory:')
  await store.transaction(async () => {
    const started = performance.now()
    await expect(store.close()).rejects.toBeInstanceOf(QueryError)
    expect(performance.now() - started).toBeLessThan(1000)
  })
  expect(store.isConnected).toBe(true)
})
