// The disk fills up under a store that is being written to: the callers whose writes do not fit are
// told so, everything acknowledged before stays, reads go on, and with space again the store works
// as if nothing had been.

import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openStore, PersistenceError } from '../../src/index.ts'
import { sound, soundness } from '../support/database-content.ts'
import { canMount, smallDisk } from '../support/small-disk.ts'

const message = { sender: 's', to: 't', channel: 'c', type: 'question' } as const
const content = 'ballast '.repeat(250)

describe.skipIf(!canMount).each(['wal', 'delete'])('a full disk, journal=%s', (journal) => {
  test('loses nothing that was acknowledged', async () => {
    const disk = smallDisk(6)
    const path = join(disk.folder, 'purser.db')
    const store = await openStore(`sqlite:${path}?journal=${journal}`)
    disk.leave(600_000)
    const stored: string[] = []
    const refused: unknown[] = []
    const append = async (id: string) => {
      try {
        await store.messages.append({ ...message, id, content })
        stored.push(id)
      } catch (error) {
        refused.push(error)
      }
    }
    for (let round = 0; refused.length === 0 && round < 200; round += 1) {
      await Promise.all(Array.from({ length: 16 }, (_, caller) => append(`m-${round}-${caller}`)))
    }
    expect(stored.length).toBeGreaterThan(16)
    expect(refused.length).toBeGreaterThan(0)
    for (const error of refused) {
      expect(error).toBeInstanceOf(PersistenceError)
      expect(error).toMatchObject({
        code: 'QUERY_FAILED',
        message: expect.stringContaining('the disk is full'),
      })
      expect((error as Error).message).not.toContain('ballast')
    }
    expect([...(await store.messages.getMany(stored)).keys()].sort()).toEqual([...stored].sort())
    expect(await store.messages.count()).toBe(stored.length)
    // Still full: told again, not stuck.
    await expect(store.messages.append({ ...message, content: content.repeat(100) })).rejects.toBeInstanceOf(
      PersistenceError,
    )

    disk.free()
    await store.messages.append({ ...message, id: 'after', content })
    const transferred = await store.transaction((tx) =>
      tx.messages.append({ ...message, id: 'in-tx', content }),
    )
    expect(transferred.id).toBe('in-tx')
    expect(await store.messages.count()).toBe(stored.length + 2)
    expect((await store.messages.search('ballast', { limit: 1 })).items).toHaveLength(1)
    await store.close()
    expect(soundness(path)).toEqual(sound)
  })
})
