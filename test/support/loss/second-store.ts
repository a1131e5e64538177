// Ways in which a database is opened and closed a second time in one process, while a first store
// writes to it.

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { backupStore, createBackend, exportToFile, openStore, type Store } from '../../../src/index.ts'
import type { Random } from './random.ts'

const thread = new URL('../children/loss-thread.ts', import.meta.url)
let files = 0

/**
 * Opens and closes the place once, in one of the ways. @param folder where backups and exports go,
 * for as long as they take
 */
export async function secondStore(store: Store, url: string, random: Random, folder: string): Promise<void> {
  files += 1
  const file = join(folder, `purser-loss-${process.pid}-${files}`)
  const ways: readonly (() => Promise<unknown>)[] = [
    async () => {
      await using second = await openStore({ url, backup: false })
      await second.tasks.count()
    },
    async () => {
      const second = createBackend({ url, migrate: 'off' })
      await second.isNew()
      await second.connect()
      await second.migrationStatus()
      await second.healthCheck()
      await second.close()
    },
    () => store.info(),
    async () => {
      const worker = new Worker(thread, { workerData: { url } })
      await new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject))
    },
    async () => {
      if (store.backendName === 'sqlite') await backupStore(store, file)
    },
    () => exportToFile(store, file),
  ]
  try {
    await random.pick(ways)()
  } finally {
    rmSync(file, { force: true })
  }
}
