// Reservations from four processes, fifty times on each engine.

import { test } from 'vitest'
import { reserveInProcesses } from '../support/engines/budget-processes.ts'
import { describeOnServers } from '../support/engines/servers.ts'
import { scratchFile } from '../support/scratch.ts'

const RUNS = 50
const title = '64 callers in four processes get exactly 100 holds of 0.01 out of 1.00, fifty times'

test(`${title}, on a file`, async () => {
  await reserveInProcesses(`sqlite:${scratchFile()}`, RUNS)
})

describeOnServers('budgets', (places) => {
  test(title, async () => {
    await reserveInProcesses(places.urlOf(await places.create()), RUNS)
  })
})
