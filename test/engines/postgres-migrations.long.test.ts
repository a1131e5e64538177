// A migration on PostgreSQL whose session is killed: every version is a transaction, so that the
// last complete one is there. The chain itself is in server-migrations.test.ts.

import { expect, test } from 'vitest'
import { createBackend, events } from '../../src/index.ts'
import { MigratedPlaces } from '../support/engines/migrated-places.ts'
import { describeOnServers } from '../support/engines/servers.ts'

describeOnServers(
  'migrations that are killed',
  (places) => {
    const { migrate, withStore, fill } = new MigratedPlaces(places)

    test('a session killed at any step leaves a complete version, and the next run ends the work', async () => {
      const place = await places.create()
      await fill(place, { operations: { tasks: 5, costs: 5, messages: 5 }, plans: 5 })
      for (const at of [3, 17, 40, 71]) {
        const name = `${place}k${at}`
        const store = createBackend(places.urlOf(place, { applicationName: name, poolMax: 1 }))
        await store.connect()
        let step = 0
        store.on(events.migrationStep, () => {
          step += 1
          if (step !== at) return
          void places.cut(name)
        })
        await store.migrate().catch((error: unknown) => error)
        await store.close()
        const { current } = await withStore(place, (reader) => reader.migrationStatus())
        const [newest] = await places.rows(place, 'SELECT max(version) FROM purser_migrations')
        expect(Number(newest?.[0])).toBe(current)
      }
      await migrate(place)
      expect(await withStore(place, (store) => store.drift())).toEqual([])
    })
  },
  ['postgres'],
)
