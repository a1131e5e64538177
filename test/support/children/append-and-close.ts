// Run as a process or as a thread: appends five messages to a store, prints their ids and `ready`,
// closes the store when a line comes in, and prints `closed`. Arguments: URL, how the ids begin.

import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { newMessage } from '../../../src/conformance/support/samples.ts'
import { openStore } from '../../../src/index.ts'

const [url = '', prefix = ''] = process.argv.slice(2)
const input = createInterface({ input: process.stdin })
const store = await openStore(url)
for (let turn = 0; turn < 5; turn += 1) {
  const { id } = await store.messages.append(newMessage({ id: `${prefix}-${turn}` }))
  console.log(id)
}
const asked = once(input, 'line')
console.log('ready')
await asked
await store.close()
input.close()
console.log('closed')
