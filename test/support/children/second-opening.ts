// Run as a process of its own: writes to a file, has it opened a second time in one way, waits
// until others have looked at it, and writes on without end. Each message that was acknowledged is
// a line. Arguments: URL, the way, a folder for what is made, and `inside` when all of that is to
// happen while a transaction stands open.

import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Worker } from 'node:worker_threads'
import { newMessage } from '../../../src/conformance/support/samples.ts'
import { backupStore, copyRecords, createBackend, exportToFile, openStore } from '../../../src/index.ts'

const [url = '', way = '', folder = '', inside = ''] = process.argv.slice(2)
const store = await openStore(url)
let count = 0

async function append(): Promise<void> {
  count += 1
  const { id } = await store.messages.append(newMessage({ id: `m-${count}` }))
  writeSync(1, `${id}\n`)
}

const ways: Readonly<Record<string, () => Promise<unknown>>> = {
  'a second store': async () => {
    await using second = await openStore(url)
    await second.messages.count()
  },
  'a worker thread': async () => {
    const worker = new Worker(new URL('loss-thread.ts', import.meta.url), { workerData: { url } })
    await once(worker, 'exit')
  },
  'a backup': () => backupStore(store, join(folder, 'backup.db')),
  'a copy': async () => {
    await using from = await openStore(url)
    await using to = createBackend({ url: `sqlite:${join(folder, 'copy.db')}`, migrate: 'off' })
    await to.connect()
    await copyRecords(from, to)
  },
  'an export': async () => {
    await using from = await openStore(url)
    await exportToFile(from, join(folder, 'export.jsonl'))
  },
  status: async () => {
    await using second = createBackend({ url, migrate: 'off' })
    await second.isNew()
    await second.connect()
    await second.migrationStatus()
    await second.info()
    await second.healthCheck()
  },
  doctor: async () => {
    await using second = await openStore(url)
    await second.doctor()
    await second.drift()
  },
}

async function openAndWait(): Promise<void> {
  await ways[way]?.()
  writeSync(1, 'opened\n')
  await once(createInterface({ input: process.stdin }), 'line')
}

for (let turn = 0; turn < 5; turn += 1) await append()
if (inside === 'inside') {
  await store.transaction(async (tx) => {
    await tx.messages.append(newMessage())
    await openAndWait()
  })
} else {
  await openAndWait()
}
for (;;) await append()
