// Two processes correct the same decisions on each engine: 1,000 with PURSER_RUNS=10.

import { test } from 'vitest'
import { correctInProcesses } from '../support/engines/correction-race.ts'
import { describeOnServers } from '../support/engines/servers.ts'
import { propertyRuns } from '../support/property-runs.ts'
import { scratchFile } from '../support/scratch.ts'

const RUNS = propertyRuns(100)
const TIME = RUNS * 1000 + 120_000
const title = 'of two processes that correct one decision one wins, and the other is told so'

test(`${title}, on a file`, { timeout: TIME }, async () => {
  await correctInProcesses(`sqlite:${scratchFile()}`, RUNS)
})

describeOnServers('corrections', (places) => {
  test(title, { timeout: TIME }, async () => {
    await correctInProcesses(places.urlOf(await places.create()), RUNS)
  })
})
