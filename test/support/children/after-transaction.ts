// Run as a process of its own: one transaction, then single appends over the same connection, each
// printed when it is acknowledged; then it waits to be killed. Arguments: URL, with poolMax=1, and
// the number of appends.

import { writeSync } from 'node:fs'
import { newCost, newTask } from '../../../src/conformance/support/samples.ts'
import { openStore } from '../../../src/index.ts'

const [url = '', count = '0'] = process.argv.slice(2)
const store = await openStore(url)
const { id } = await store.transaction((tx) => tx.tasks.create(newTask()))
writeSync(1, `task ${id}\n`)
for (let index = 0; index < Number(count); index += 1)
  writeSync(1, `cost ${(await store.costRecords.append(newCost())).id}\n`)
setInterval(() => undefined, 60_000)
