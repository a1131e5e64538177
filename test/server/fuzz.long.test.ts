// Requests made from the server's own document, as it describes them and spoiled: none ends with a
// fault of the server, and no answer is other than its schema says. PURSER_RUNS asks for more.

import { expect, test } from 'vitest'
import { recordDemo } from '../../src/cli/commands/demo/record.ts'
import { openStore, type Store } from '../../src/index.ts'
import { openApiDocument } from '../../src/server/openapi/document.ts'
import { describeOnServers } from '../support/engines/servers.ts'
import { propertyRuns } from '../support/property-runs.ts'
import { scratchFile } from '../support/scratch.ts'
import type { Document } from '../support/server/any-request.ts'
import { fuzzServer } from '../support/server/fuzz-server.ts'
import { serving } from '../support/server/serving.ts'

const RUNS = propertyRuns(2000)
const seed = Number(process.env.PURSER_SEED ?? Date.now() % 1_000_000)
const document = JSON.parse(JSON.stringify(openApiDocument())) as Document

async function check(store: Store, name: string): Promise<void> {
  await recordDemo(store)
  const { url, faults } = await serving(store)
  const tally = await fuzzServer(url, document, seed, RUNS)
  const { requests, statuses, succeeded, operations } = tally
  console.log(
    `${name}: ${requests} requests of seed ${seed}, ${succeeded} of ${operations} operations succeeded, statuses ${JSON.stringify(statuses)}`,
  )
  expect(tally.faults, `PURSER_SEED=${seed}`).toEqual([])
  expect(faults).toEqual([])
  // A generator that makes only what is refused would find nothing.
  expect(succeeded).toBeGreaterThan(operations / 3)
  expect((await store.doctor({ only: ['integrity', 'audit chain', 'cost totals'] })).ok).toBe(true)
}

test('requests made from the document find no fault on SQLite', async () => {
  await using store = await openStore(`sqlite:${scratchFile()}`)
  await check(store, 'SQLite')
})

describeOnServers('requests made from the document', (places, name) => {
  test('find no fault', async () => {
    await using store = await openStore(places.urlOf(await places.create()))
    await check(store, name)
  })
})
