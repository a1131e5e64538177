// The conformance cases on many rows, on every engine: minutes of work that `npm test` leaves out.

import { runConformance } from '../support/engines/run-conformance.ts'
import { describeOnServers, harnessesOn } from '../support/engines/servers.ts'
import { createFileHarness, createMemoryHarness } from '../support/engines/sqlite-harness.ts'

runConformance('SQLite files', createFileHarness, { large: true })
runConformance('SQLite in memory', createMemoryHarness, { everyCase: false, large: true })
describeOnServers('the engine', (places, name) => runConformance(name, harnessesOn(places), { large: true }))
