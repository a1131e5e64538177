// The feed of changes under many writes of several processes, some of them stopped or killed; see
// support/engines/feed-race.ts. PURSER_RUNS=10 makes them 100,000.

import { describe, test } from 'vitest'
import { raceOfWriters } from '../support/engines/feed-race.ts'
import { describeOnServers } from '../support/engines/servers.ts'
import { propertyRuns } from '../support/property-runs.ts'
import { scratchFolder } from '../support/scratch.ts'

const WRITES = propertyRuns(10_000)
const name = 'every reader sees every commit of four processes, of which one is stopped and one killed'

describe('the feed on SQLite', () => {
  test(name, { timeout: 1_800_000 }, () =>
    raceOfWriters(`sqlite:${scratchFolder()}/feed.db?busyTimeout=60000`, WRITES),
  )
})

describeOnServers('the feed', (places) => {
  test(name, { timeout: 1_800_000 }, async () => raceOfWriters(places.urlOf(await places.create()), WRITES))
})
