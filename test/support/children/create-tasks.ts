// Creates a task for each line of its input, by its title, and says when it was committed.

import { createInterface } from 'node:readline'
import { openStore } from '../../../src/index.ts'

const [url = ''] = process.argv.slice(2)
const store = await openStore(url)
for await (const title of createInterface({ input: process.stdin })) {
  await store.tasks.create({ title, description: 'x', project: 'tide-api', createdBy: 'mira', type: 'admin' })
  console.log(`${title} ${Date.now()}`)
}
await store.close()
