// A database of every earlier version, with rows in every table that the version has, is opened by
// this build: it goes up, is as declared and in order, and goes back down with what it had. Databases
// of the ancestors are in earlier-versions-adopted.long.test.ts.

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LiveSchema } from '../../src/engines/contract/schema.ts'
import { openStore } from '../../src/index.ts'
import { bad } from '../support/diagnose.ts'
import { type AnyPlace, anyPlaces, byName } from '../support/engines/any-places.ts'
import { writeEverything } from '../support/everything.ts'
import { describeOnEngines } from '../support/fresh-url.ts'
import { latest, versions } from '../support/migrated.ts'

const earlier = versions.filter((version) => version < latest)

/** Whether a table is empty where all is well: findings, steps of a run that died, a search index. */
const mayBeEmpty = (table: string): boolean =>
  /^purser_(?:findings|originals|changes_new|migration_.*)$|_fts/.test(table)

describeOnEngines('a database that an earlier version made', (engine) => {
  const places = anyPlaces(engine)
  afterAll(() => places.dropAll())
  const made = new Map<number, LiveSchema>()
  let whole: AnyPlace
  let pruned: AnyPlace

  beforeAll(async () => {
    const empty = await places.create()
    for (const to of earlier) {
      await empty.migrate({ to })
      made.set(to, byName(await empty.schema()))
    }
    whole = await filled(false)
    pruned = await filled(true)
  })

  async function filled(isPruned: boolean): Promise<AnyPlace> {
    const place = await places.create()
    await using store = await openStore(place.url)
    await writeEverything(store, { isPruned })
    expect(bad(await store.doctor())).toEqual([])
    return place
  }

  // Downwards: what a version has a place for is then there, as that version would have written it.
  test.each(earlier.toReversed())('version %i', async (version) => {
    const schema = made.get(version)
    // A version without cuts takes a trail that was cut for a broken one.
    const place = schema?.tables.some(({ name }) => name === 'audit_cuts') ? pruned : whole
    await place.migrate({ to: version, allowDataLoss: true })
    expect(byName(await place.schema())).toEqual(schema)
    const before = await place.rows()
    const empty = Object.keys(before).filter((table) => before[table]?.length === 0)
    expect(empty.filter((table) => !mayBeEmpty(table))).toEqual([])

    {
      await using store = await openStore(place.url)
      expect((await store.migrationStatus()).current).toBe(latest)
      expect(await store.drift()).toEqual([])
      expect(bad(await store.doctor())).toEqual([])
    }
    await place.migrate({ to: version })
    expect(await place.rows()).toEqual(before)
  })
})
