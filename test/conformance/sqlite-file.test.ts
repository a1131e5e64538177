// Every conformance case on SQLite files.

import { runConformance } from '../support/engines/run-conformance.ts'
import { createFileHarness } from '../support/engines/sqlite-harness.ts'

runConformance('SQLite files', createFileHarness)
