// Every conformance case that a database in memory can show. A second store or process cannot reach it.

import { runConformance } from './run-conformance.ts'
import { createMemoryHarness } from './sqlite-harness.ts'

runConformance('SQLite in memory', createMemoryHarness)
