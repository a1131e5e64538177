// A store that was pruned goes through every engine, and through a file of records: totals, cuts of
// the audit trail and entries that have not gone yet come along, and the copy is pruned and
// appended to like the original.

import { expect, test } from 'vitest'
import { inThePast } from '../../src/conformance/store/clock.ts'
import { DAY, daysAgo, everyTotal, oldCosts } from '../../src/conformance/support/retention-samples.ts'
import { newEntry, newMessage } from '../../src/conformance/support/samples.ts'
import { copyRecords, exportRecords, importRecords, type Store } from '../../src/index.ts'
import { freshUrl } from '../support/fresh-url.ts'
import { connected, hasServers, opened, placeNames, source } from '../support/transfer/places.ts'

if (!hasServers) console.warn(`SKIPPED: copies go through ${placeNames.join(', ')} only`)

const ages = { messages: '30d', costs: '30d', audit: '90d' } as const

async function pruned(isWhole: boolean): Promise<Store> {
  const store = await opened(await freshUrl('sqlite'))
  // First, since the times that a store makes never go back.
  await inThePast(100 * DAY, async () => {
    for (let number = 0; number < 6; number += 1) await store.audit.append(newEntry())
  })
  await store.costRecords.appendMany(oldCosts(200))
  await store.messages.appendMany(
    Array.from({ length: 30 }, (_, index) => newMessage({ timestamp: daysAgo(index * 2 + 1) })),
  )
  await store.audit.append(newEntry())
  if (isWhole) await store.retention.prune(ages)
  else {
    // The trail is cut, and its entries are still there.
    await store.retention.prune({ costs: '30d' })
    const abort = new AbortController()
    const onProgress = () => abort.abort(new RangeError('enough'))
    const stopped = store.retention.prune({ audit: '90d', signal: abort.signal, onProgress })
    await expect(stopped).rejects.toThrow(RangeError)
  }
  return store
}

test.each([
  ['pruned', true],
  ['cut, with entries that have not gone yet', false],
])('a store that was %s', async (_, isWhole) => {
  let store = await pruned(isWhole)
  const answers = async () => ({
    totals: await everyTotal(store),
    audit: await store.audit.verify(),
    cuts: await store.audit.cuts(),
  })
  const first = await answers()
  expect(first.audit).toMatchObject({ ok: true, cut: { sequence: 6 } })
  for (const place of [...placeNames.slice(1), 'sqlite' as const]) {
    const copy = await connected(await freshUrl(place))
    expect(await copyRecords(store, copy)).toMatchObject({ ok: true, problemCount: 0 })
    store = copy
    expect(await answers(), place).toEqual(first)
    const { checks } = await store.doctor()
    expect(
      checks.filter(({ status }) => status !== 'ok'),
      place,
    ).toEqual([])
  }
  const imported = await source()
  expect(await importRecords(imported, exportRecords(store))).toMatchObject({ failed: 0 })
  store = imported
  expect(await answers(), 'imported').toEqual(first)
  await store.retention.prune(ages)
  expect(await everyTotal(store)).toEqual(first.totals)
  await store.audit.append(newEntry())
  expect(await store.audit.verify()).toMatchObject({ ok: true, cut: { sequence: 6 } })
})
