// Every conformance case on SQLite files.

import { runConformance } from '../engines/run-conformance.ts'
import { createFileHarness } from '../engines/sqlite-harness.ts'

runConformance('SQLite files', createFileHarness)
