// Every conformance case on PostgreSQL.

import { describe } from 'vitest'
import { createPostgresHarness } from './postgres-harness.ts'
import { runConformance } from './run-conformance.ts'
import { serverUrl } from './server-url.ts'

const server = serverUrl('postgres')

if (server === undefined) describe.skip('conformance on PostgreSQL (there is no server)', () => undefined)
else runConformance('PostgreSQL', () => createPostgresHarness(server))
