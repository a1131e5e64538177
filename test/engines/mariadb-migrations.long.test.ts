// A migration on MariaDB that dies: no transaction holds a version together there, so that every
// statement is noted, and the next run goes on behind the last. The chain itself is in
// server-migrations.test.ts.

import { expect, test } from 'vitest'
import { createMariadbEngine } from '../../src/engines/mariadb/index.ts'
import { parseServerUrl } from '../../src/engines/server/url.ts'
import { createBackend, MigrationError, openStore } from '../../src/index.ts'
import { FailingMariadbDriver } from '../support/engines/failing-mariadb-driver.ts'
import { MigratedPlaces, timeless } from '../support/engines/migrated-places.ts'
import { describeOnServers } from '../support/engines/servers.ts'
import type { AncestorOptions } from '../support/legacy.ts'

describeOnServers(
  'migrations that die',
  (places) => {
    const { migrate, withStore, fill, factsOf, contentOf } = new MigratedPlaces(places)

    /**
     * Cuts the connection before the statement of a number; true when the run came to its end
     * before that.
     */
    async function dieOnce(database: string, to: number | undefined, statements: number): Promise<boolean> {
      const driver = new FailingMariadbDriver()
      const engine = createMariadbEngine({
        ...parseServerUrl({ url: places.urlOf(database) }, { scheme: 'mariadb', port: 3306 }),
        open: driver.open,
      })
      const store = createBackend({ engine })
      await store.connect()
      let left = statements
      driver.watch = (_sql, handle) => {
        left -= 1
        if (left !== 0) return
        handle.destroy()
        throw Object.assign(new Error('cut off'), { code: 'PROTOCOL_CONNECTION_LOST', fatal: true })
      }
      try {
        await store.migrate({ to, allowDataLoss: true })
        return true
      } catch {
        return false
      } finally {
        driver.watch = undefined
        await store.close()
      }
    }

    /**
     * Every run dies some statements further than the last one could go, at each time at another
     * kind of place; some of them far enough for the longest transaction, which begins anew.
     */
    async function dieUntilDone(database: string, to: number | undefined): Promise<number> {
      for (let deaths = 0; deaths < 200; deaths += 1) {
        if (await dieOnce(database, to, 29 + ((deaths * 11) % 97))) return deaths
      }
      throw new Error('the migration does not get on')
    }

    test('a run that dies at any statement, up and down, is gone on with by the next', {
      timeout: 300_000,
    }, async () => {
      const options: AncestorOptions = { operations: { tasks: 5, costs: 5, messages: 5 }, plans: 5 }
      const whole = await places.create()
      await fill(whole, options)
      const before = await contentOf(whole, 'old')
      await migrate(whole)

      const database = await places.create()
      await fill(database, options)
      expect(await dieUntilDone(database, undefined)).toBeGreaterThan(5)
      expect(await factsOf(database)).toEqual(await factsOf(whole))
      expect(timeless(await contentOf(database, 'new'))).toEqual(timeless(await contentOf(whole, 'new')))
      expect(await dieUntilDone(database, 1)).toBeGreaterThan(5)
      expect(await contentOf(database, 'old')).toEqual(before)
    })

    test('a creation that dies at any statement is completed by the next run', async () => {
      const whole = await places.create()
      await migrate(whole)
      const database = await places.create()
      expect(await dieUntilDone(database, undefined)).toBeGreaterThan(2)
      expect(await factsOf(database)).toEqual(await factsOf(whole))
      const ledger = 'SELECT version, name, checksum, breaking FROM purser_migrations ORDER BY version'
      expect(await places.rows(database, ledger)).toEqual(await places.rows(whole, ledger))
      expect(await withStore(database, (store) => store.drift())).toEqual([])
    })

    test('a migration that another build began is left to it', async () => {
      const database = await places.create()
      await dieOnce(database, undefined, 40)
      await places.rows(
        database,
        `UPDATE purser_migration_steps SET run = REGEXP_REPLACE(run, '"checksum":"[0-9a-f]+"', '"checksum":"00"')`,
      )
      await expect(withStore(database, (store) => store.migrationPlan())).rejects.toThrow(/cut off/)
      await expect(migrate(database)).rejects.toThrow(/begun by another build/)
      // Opening without migrating does not take what is left of it for a whole database.
      await expect(openStore({ url: places.urlOf(database), migrate: 'check' })).rejects.toBeInstanceOf(
        MigrationError,
      )
    })
  },
  ['mariadb'],
)
