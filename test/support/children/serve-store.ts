// Run as a process of its own: serves a store to everyone as an operator, prints the port, and for
// each line of its input the bytes of its memory after a collection. Arguments: URL of the store.

import { createInterface } from 'node:readline'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { openStore } from '../../../src/index.ts'
import { createServer } from '../../../src/server/index.ts'
import { listen } from '../../../src/server/listen.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const [url = ''] = process.argv.slice(2)
const store = await openStore(url)
const server = createServer({
  store,
  rate: { perSecond: 1_000_000, burst: 1_000_000 },
  authenticate: () => ({ role: 'operator', actor: 'load', tenant: null, key: 'load', via: 'application' }),
  onFault: (error) => console.error(error),
})
const { port, stop } = await listen(server, { host: '127.0.0.1', port: 0 })
console.log(`port ${port}`)
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'stop') break
  collect()
  collect()
  const { rss, heapUsed } = process.memoryUsage()
  console.log(`memory ${line} ${JSON.stringify({ rss, heapUsed })}`)
}
await stop()
await store.close()
process.exit(0)
