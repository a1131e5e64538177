// A store goes through every engine and comes back as it was: from a file to PostgreSQL, to
// MariaDB, and into a file again, with everything that the ancestors' databases and random
// organisations hold, values that cannot be read included.

import { chmodSync, copyFileSync, existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CopyReport, copyRecords, type Store } from '../../src/index.ts'
import { contentOf } from '../support/database-content.ts'
import { freshUrl } from '../support/fresh-url.ts'
import { makeAncestor } from '../support/legacy.ts'
import { migrateFile } from '../support/migrated.ts'
import { damage } from '../support/organisation.ts'
import { scratchFile } from '../support/scratch.ts'
import { fill, type Organisation, organisation } from '../support/transfer/any-organisation.ts'
import { connected, hasServers, opened, placeNames, source, target } from '../support/transfer/places.ts'
import { recordLines } from '../support/transfer/record-lines.ts'

if (!hasServers) console.warn(`SKIPPED: copies go through ${placeNames.join(', ')} only`)

const folder = fileURLToPath(new URL('../../../shared/fixtures/legacy/', import.meta.url))
const SEVERAL_MINUTES = 300_000

interface Stop {
  readonly store: Store
  readonly report: CopyReport | undefined
}

/**
 * Copies a store through every other place and into a file again; all of them, the first included.
 */
async function roundTrip(first: Store): Promise<{ stops: readonly Stop[]; path: string }> {
  const stops: Stop[] = [{ store: first, report: undefined }]
  const path = scratchFile('last.db')
  const urls = [...(await Promise.all(placeNames.slice(1).map((place) => freshUrl(place)))), `sqlite:${path}`]
  for (const url of urls) {
    const from = stops.at(-1)?.store ?? first
    const to = await connected(url)
    stops.push({ store: to, report: await copyRecords(from, to) })
  }
  return { stops, path }
}

const sums = ({ tables }: CopyReport) => tables.map(({ table, rows, checksum }) => [table, rows, checksum])

/** Every copy says that it is whole, with the same checksums as the first. */
function expectWhole(stops: readonly Stop[]): void {
  const reports = stops.flatMap(({ report }) => report ?? [])
  for (const report of reports) {
    expect(report).toMatchObject({ ok: true, problemCount: 0, problems: [], continued: false })
    expect(report.tables.every(({ verified, others }) => verified && others === 0)).toBe(true)
    expect(sums(report)).toEqual(sums(reports[0] as CopyReport))
  }
}

/** What people ask of a store, with the same answer from each. */
async function answers(store: Store) {
  const { checks } = await store.doctor()
  return {
    doctor: checks.map(({ name, status, count }) => [name, status, count]),
    audit: await store.audit.verify(),
    totals: await store.costRecords.aggregate({}, { by: ['agent', 'currency'] }),
    days: await store.costRecords.aggregate({}, { by: ['day', 'currency'] }),
    findings: (await store.findings({ limit: 1000 })).items,
    messages: (await store.messages.query({}, { limit: 50 })).items,
    tasks: (await store.tasks.list({}, { limit: 50 })).items,
    plans: (await store.plans.list({}, { limit: 50 })).items,
  }
}

async function expectSameEverywhere(stops: readonly Stop[]): Promise<void> {
  expectWhole(stops)
  const [first, ...others] = stops
  if (!first) return
  const [lines, known] = [await recordLines(first.store), await answers(first.store)]
  for (const { store } of others) {
    expect(await recordLines(store)).toEqual(lines)
    expect(await answers(store)).toEqual(known)
    expect(await store.drift()).toEqual([])
  }
}

/** Rows of the ancestors' layout, after going down on a copy of the file. */
async function layoutOfAncestors(path: string) {
  await migrateFile(path, { to: 1, allowDataLoss: true })
  const { tables } = contentOf(path)
  return tables
}

const ancestors = {
  'operations-v1.db': () => makeAncestor(scratchFile('a.db'), { operations: true }),
  'plans-m4_003.db': () => makeAncestor(scratchFile('a.db'), { plans: true }),
  'plans-corrupt.db': () => makeAncestor(scratchFile('a.db'), { plans: 60, damage: ['planOrphans'] }),
} as const

describe.each(Object.entries(ancestors))('adopted like %s', (name, make) => {
  test('comes back byte for byte, and every store on the way answers alike', {
    timeout: SEVERAL_MINUTES,
  }, async () => {
    // The real one where it is at hand, and one of the same layout otherwise.
    const real = `${folder}${name}`
    const path = existsSync(real) ? scratchFile('a.db') : make()
    if (existsSync(real)) copyFileSync(real, path)
    chmodSync(path, 0o600)
    await migrateFile(path)
    const { stops, path: last } = await roundTrip(await opened(`sqlite:${path}`))
    await expectSameEverywhere(stops)
    for (const { store } of stops) await store.close()
    // What migrations have kept went along: going down puts the same originals back.
    expect(await layoutOfAncestors(last)).toEqual(await layoutOfAncestors(path))
  })
})

test('both halves of an ancestor with damaged values of every kind come back byte for byte', {
  timeout: SEVERAL_MINUTES,
}, async () => {
  const path = makeAncestor(scratchFile('a.db'), {
    operations: true,
    plans: true,
    damage: ['timesWithoutOffset', 'timesUnreadable', 'brokenJson', 'strangeMoney', 'planOrphans'],
  })
  await migrateFile(path)
  const { stops, path: last } = await roundTrip(await opened(`sqlite:${path}`))
  await expectSameEverywhere(stops)
  for (const { store } of stops) await store.close()
  expect(await layoutOfAncestors(last)).toEqual(await layoutOfAncestors(path))
})

test('values that cannot be read go along as they are', { timeout: SEVERAL_MINUTES }, async () => {
  const path = scratchFile('a.db')
  const first = await opened(`sqlite:${path}`)
  for (const id of ['a', 'b', 'c', 'd']) {
    await first.tasks.create({
      id,
      title: 't',
      description: 'd',
      project: 'p',
      createdBy: 'x',
      type: 'admin',
    })
  }
  const [message] = await first.messages.appendMany([
    { sender: 'ada', to: 'bo', channel: 'deck', type: 'announcement', content: 'hello' },
  ])
  await first.close()
  damage(
    path,
    `UPDATE tasks SET reviewers = '{"a":   1}', metadata = '[1, 2]', delegation_chain = '"text"' WHERE id = 'a'`,
    `UPDATE tasks SET dependencies = ' [ "x" ,5 ] ', priority = 'odd', status = 'lost' WHERE id = 'b'`,
    `UPDATE tasks SET metadata = '{"b": 1,  "a": 1e2, "a": 2}', coordination_topology = '' WHERE id = 'c'`,
    `UPDATE tasks SET max_retries = 9007199254740993, title = '', deadline = 'never' WHERE id = 'd'`,
    `UPDATE messages SET type = 'shout', parts = '[{"kind": "smell"}]', metadata = '{"task_id": "a", "mood": "calm"}' WHERE id = '${message?.id}'`,
  )
  const { stops } = await roundTrip(await opened(`sqlite:${path}`))
  await expectSameEverywhere(stops)
  const [task] = (await recordLines(stops.at(-1)?.store as Store, ['task'])).map((line) => JSON.parse(line))
  expect(task.stored).toEqual({
    reviewers: '{"a":   1}',
    metadata: '[1, 2]',
    delegation_chain: '"text"',
  })
})

test('random organisations have equal checksums and equal lines on every engine', {
  timeout: SEVERAL_MINUTES,
}, async () => {
  await fc.assert(
    fc.asyncProperty(organisation, async (made: Organisation) => {
      const first = await source()
      await fill(first, made)
      const { stops } = await roundTrip(first)
      expectWhole(stops)
      const lines = await recordLines(first)
      const last = stops.at(-1)?.store as Store
      expect(await recordLines(last)).toEqual(lines)
      expect((await last.audit.verify()).ok).toBe(true)
      expect(await last.costRecords.aggregate({}, { by: ['agent', 'currency'] })).toEqual(
        await first.costRecords.aggregate({}, { by: ['agent', 'currency'] }),
      )
      for (const { store } of stops) await store.close()
    }),
    { numRuns: 4, endOnFailure: true },
  )
})

test('an empty store makes an empty one that is ready for use, on every engine', async () => {
  const first = await source()
  for (const place of placeNames) {
    const to = await target(place)
    const report = await copyRecords(first, to)
    expect(report).toMatchObject({ ok: true, continued: false, problemCount: 0 })
    expect(report.tables.every(({ rows, verified }) => rows === 0 && verified)).toBe(true)
    await to.tasks.create({ title: 't', description: 'd', project: 'p', createdBy: 'x', type: 'admin' })
    expect(await to.tasks.count()).toBe(1)
  }
})
