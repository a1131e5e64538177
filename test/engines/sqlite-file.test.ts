// Every conformance case on SQLite files.

import { runConformance } from './run-conformance.ts'
import { createFileHarness } from './sqlite-harness.ts'

runConformance('SQLite files', createFileHarness)
