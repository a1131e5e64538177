// Workers in several processes, some of them killed or stopped; see support/engines/claim-race.ts.
// PURSER_CLAIM_TASKS has more tasks worked on: 10,000 take minutes.

import { describe, test } from 'vitest'
import { raceOfWorkers } from '../support/engines/claim-race.ts'
import { describeOnServers } from '../support/engines/servers.ts'
import { scratchFolder } from '../support/scratch.ts'

const TASKS = Number(process.env.PURSER_CLAIM_TASKS ?? 600)
const name = 'eight workers in four processes complete every task once, though they are killed and stopped'
const timeout = 3_600_000

describe('claims on SQLite', () => {
  test(name, { timeout }, () => raceOfWorkers(`sqlite:${scratchFolder()}/claims.db?busyTimeout=60000`, TASKS))
})

describeOnServers('claims', (places) => {
  test(name, { timeout }, async () => raceOfWorkers(places.urlOf(await places.create()), TASKS))
})
