// Pruning in a process that is killed, on each server.

import { test } from 'vitest'
import { surviveKills } from '../support/engines/retention-killed.ts'
import { describeOnServers } from '../support/engines/servers.ts'

describeOnServers('a process killed while it prunes', (places) => {
  test('changes no total, and leaves nothing by half', async () => {
    await surviveKills(places.urlOf(await places.create()))
  })
})
