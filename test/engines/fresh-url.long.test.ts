// The databases that tests of URLs get: empty, apart from each other, and gone afterwards, on every
// engine.

import { expect, test } from 'vitest'
import { openStore } from '../../src/index.ts'
import { serverUrl } from '../support/engines/server-url.ts'
import { placesAt } from '../support/engines/servers.ts'
import { describeOnEngines, freshUrl } from '../support/fresh-url.ts'

describeOnEngines('a fresh URL', (engine) => {
  let left = ''

  test('leads to an empty place of its own', async () => {
    const urls = [await freshUrl(engine), await freshUrl(engine)] as const
    left = urls[0]
    await using one = await openStore(urls[0])
    await using other = await openStore(urls[1])
    expect(one.backendName).toBe(engine)
    expect((await one.migrationStatus()).pending).toEqual([])
    await one.tasks.create({ title: 'T', description: 'D', project: 'P', createdBy: 'ada', type: 'admin' })
    expect([await one.tasks.count(), await other.tasks.count()]).toEqual([1, 0])
  })

  test('leaves nothing behind', async () => {
    if (engine === 'sqlite') return
    const places = placesAt(engine, serverUrl(engine) ?? '')
    const name = new URL(left).searchParams.get('schema') ?? new URL(left).pathname.slice(1)
    const there = await places.rows(
      undefined,
      `SELECT schema_name FROM information_schema.schemata WHERE schema_name = '${name}'`,
    )
    expect(there).toEqual([])
  })
})
