// Two processes make plans below those that the other ends, on each engine: 1,000 with PURSER_RUNS=10.

import { test } from 'vitest'
import { endInProcesses } from '../support/engines/ended-plan-race.ts'
import { describeOnServers } from '../support/engines/servers.ts'
import { propertyRuns } from '../support/property-runs.ts'
import { scratchFile } from '../support/scratch.ts'

const RUNS = propertyRuns(100)
const TIME = RUNS * 1000 + 120_000
const title = 'of a plan that one process makes below one that another ends, one is refused'

test(`${title}, on a file`, { timeout: TIME }, async () => {
  await endInProcesses(`sqlite:${scratchFile()}`, RUNS)
})

describeOnServers('ended plans', (places) => {
  test(title, { timeout: TIME }, async () => {
    await endInProcesses(places.urlOf(await places.create()), RUNS)
  })
})
