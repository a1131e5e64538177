// A database of the ancestors that an earlier version took over is opened by this build: it goes up,
// is as declared, is in order but for what the ancestors brought, and goes back down with what it
// had.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore } from '../../src/index.ts'
import { bad } from '../support/diagnose.ts'
import { type AnyPlace, anyPlaces } from '../support/engines/any-places.ts'
import { describeOnEngines } from '../support/fresh-url.ts'
import type { AncestorOptions } from '../support/legacy.ts'
import { latest, versions } from '../support/migrated.ts'

const operations = { tasks: 24, costs: 24, messages: 24 }
const plans = 24
const operationsDamage = ['timesWithoutOffset', 'timesUnreadable', 'brokenJson'] as const
const plansDamage = ['planProfiles', 'planTimes', 'planJson', 'planNames', 'planOrphans'] as const

const both: AncestorOptions = { operations, plans, damage: [...operationsDamage, ...plansDamage] }

/** A file is of one ancestor or of both; a server's layout has both halves. */
const ancestors: Readonly<Record<'sqlite' | 'server', Readonly<Record<string, AncestorOptions>>>> = {
  sqlite: {
    'the operations ancestor': { operations, damage: operationsDamage },
    'the plans ancestor': { plans, damage: plansDamage },
    'both ancestors': both,
  },
  server: { 'both ancestors': both },
}

describeOnEngines('a database that an earlier version took over', (engine) => {
  const places = anyPlaces(engine)
  afterAll(() => places.dropAll())

  describe.each(Object.entries(ancestors[engine === 'sqlite' ? 'sqlite' : 'server']))(
    'of %s',
    (_, options) => {
      let place: AnyPlace
      let findings = 0
      beforeAll(async () => {
        place = await places.adopt(options)
      })

      // Upwards, as every version was reached once: a database that came down was at home above.
      test.each(versions.filter((version) => version < latest))('version %i', async (version) => {
        findings += (await place.migrate({ to: version })).findings.total
        const before = [await place.schema(), await place.rows()]
        {
          await using store = await openStore(place.url)
          expect((await store.migrationStatus()).current).toBe(latest)
          expect(await store.drift()).toEqual([])
          expect(bad(await store.doctor())).toEqual([
            expect.objectContaining({ name: 'findings', status: 'warn' }),
          ])
        }
        await place.migrate({ to: version })
        expect([await place.schema(), await place.rows()]).toEqual(before)
      })

      test('the newest version, with every finding once', async () => {
        findings += (await place.migrate({})).findings.total
        await using store = await openStore(place.url)
        expect(bad(await store.doctor())).toEqual([
          expect.objectContaining({ name: 'findings', count: findings }),
        ])
        expect(findings).toBeGreaterThan(10)
      })
    },
  )
})
