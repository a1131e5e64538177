// Every conformance case that a database in memory can have: a second store or process cannot reach
// it, and it ends with its store.

import { runConformance } from '../support/engines/run-conformance.ts'
import { createMemoryHarness } from '../support/engines/sqlite-harness.ts'

runConformance('SQLite in memory', createMemoryHarness, { everyCase: false })
