// Fills the disk under a store's tables by writing, for the tests of servers whose disk is full.

import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import type { PersistenceError, Store } from '../../../src/index.ts'
import type { SmallDisk } from '../small-disk.ts'

const message = { sender: 'a', to: 'b', channel: 'c', type: 'announcement' } as const
/**
 * Servers would make less of a text that repeats itself; one that takes pages of its own can be the
 * end of MariaDB on a full disk.
 */
const TEXT = randomBytes(1500).toString('base64')

export interface FilledUp {
  /** What the first write that did not fit ended in. */
  readonly error: PersistenceError | undefined
  /** The next one finds no room either, inside a transaction too, and reads go on. */
  refusesMore(): Promise<void>
  /** Gives room back; what was acknowledged must be there, and writes must go through. */
  worksAgain(): Promise<void>
}

/** @param atOnce how many writes share a set */
export async function fillUp(store: Store, disk: SmallDisk, atOnce: number): Promise<FilledUp> {
  await store.messages.append({ ...message, id: 'before', content: 'before' })
  disk.leave(2_000_000)
  const acknowledged = ['before']
  let error: PersistenceError | undefined
  for (let turn = 0; turn < 5000 && !error; turn += 1) {
    const ids = Array.from({ length: atOnce }, (_, index) => `${turn}-${index}`)
    const appends = ids.map((id) => store.messages.append({ ...message, id, content: TEXT }))
    for (const [index, result] of (await Promise.allSettled(appends)).entries()) {
      if (result.status === 'fulfilled') acknowledged.push(ids[index] ?? '')
      else error ??= result.reason as PersistenceError
    }
  }
  return {
    error,
    refusesMore: async () => {
      const many = Array.from({ length: atOnce }, () => ({ ...message, content: TEXT }))
      await expect(store.transaction((tx) => tx.messages.appendMany(many))).rejects.toMatchObject({
        code: error?.code,
        retryable: false,
      })
      expect((await store.messages.get('before'))?.content).toBe('before')
    },
    worksAgain: async () => {
      disk.free()
      await store.messages.append({ ...message, id: 'after', content: TEXT })
      acknowledged.push('after')
      const there = await store.messages.getMany(acknowledged)
      expect(acknowledged.filter((id) => !there.has(id))).toEqual([])
    },
  }
}
