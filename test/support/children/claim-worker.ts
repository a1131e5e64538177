// Run as a process of its own: two workers on the tasks of a store, until all are completed or the
// process is killed. Prints a line for each completion that was acknowledged. Arguments: URL, the
// name of the process, the lease in milliseconds.

import { writeSync } from 'node:fs'
import { LeaseLostError, openStore } from '../../../src/index.ts'

const [url = '', name = '', lease = '1000'] = process.argv.slice(2)
const store = await openStore(url)
writeSync(1, 'ready\n')
const open = { status: ['created', 'assigned', 'interrupted', 'in_progress'] } as const

async function work(agent: string): Promise<void> {
  for (;;) {
    const claimed = await store.tasks.claim({ agent, limit: 3, lease: Number(lease) })
    if (claimed.length === 0) {
      if ((await store.tasks.count(open)) === 0) return
      await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 30))
    }
    for (const { id, claimId } of claimed) {
      try {
        await store.tasks.complete(id, claimId)
        writeSync(1, `done ${id} ${claimId}\n`)
      } catch (error) {
        if (!(error instanceof LeaseLostError)) throw error
        writeSync(1, `lost ${id} ${claimId}\n`)
      }
    }
  }
}

await Promise.all([work(`${name}-1`), work(`${name}-2`)])
await store.close()
