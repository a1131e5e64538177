// The conformance cases on many rows on SQLite: minutes of work that `npm test` leaves out.

import { runConformance } from '../support/engines/run-conformance.ts'
import { createFileHarness, createMemoryHarness } from '../support/engines/sqlite-harness.ts'

runConformance('SQLite files', createFileHarness, { large: true })
runConformance('SQLite in memory', createMemoryHarness, { everyCase: false, large: true })
