// Run as a process of its own: opens a store on a place again and again, reads, and closes it.
// Arguments: URL, seed.

import { setTimeout as pause } from 'node:timers/promises'
import { openStore, PersistenceError } from '../../../src/index.ts'
import { randomFrom } from '../loss/random.ts'

const [url = '', seed = '0'] = process.argv.slice(2)
const random = randomFrom(Number(seed))
process.stdout.write('ready\n')
for (;;) {
  try {
    await using store = await openStore({ url, backup: false })
    await store.messages.search('word', { limit: 5 })
    await store.costRecords.aggregate()
  } catch (error) {
    if (!(error instanceof PersistenceError && error.retryable)) throw error
  }
  await pause(random.whole(0, 40))
}
