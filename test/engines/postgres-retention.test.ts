// Pruning in a process that is killed, on PostgreSQL.

import { afterEach, describe, test } from 'vitest'
import { dropSchemas, SchemaPlace } from './postgres-harness.ts'
import { surviveKills } from './retention-killed.ts'
import { serverUrl } from './server-url.ts'

const server = serverUrl('postgres')

describe.skipIf(server === undefined)('a process killed while it prunes PostgreSQL', () => {
  const made: SchemaPlace[] = []
  afterEach(() =>
    dropSchemas(
      server ?? '',
      made.map(({ schema }) => schema),
    ),
  )

  test('changes no total, and leaves nothing by half', async () => {
    const place = new SchemaPlace(server ?? '')
    made.push(place)
    await surviveKills(place.url())
  })
})
