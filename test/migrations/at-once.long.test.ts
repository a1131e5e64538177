// G4: several processes, or several stores of one process, that migrate one database at the same
// time: one runs, the others wait, all end well, and every migration was applied once.

import { expect, test } from 'vitest'
import { type MigrationReport, openStore } from '../../src/index.ts'
import { startChild } from '../support/child-process.ts'
import { contentOf, sound, soundness, withDatabase } from '../support/database-content.ts'
import { makeAncestor, smallOperations } from '../support/legacy.ts'
import { latest, migrateFile, versions } from '../support/migrated.ts'
import { schemaFacts } from '../support/schema-facts.ts'
import { scratchFile } from '../support/scratch.ts'

async function migrateAtOnce(path: string, processes: number, to = 0): Promise<readonly MigrationReport[]> {
  const children = Array.from({ length: processes }, () => startChild('migrate', [path, to, 0, 'wait']))
  await Promise.all(children.map((child) => child.line('ready')))
  for (const child of children) child.say('go')
  return Promise.all(
    children.map(async (child) => {
      const { code, errors } = await child.ended
      expect({ code, errors }).toEqual({ code: 0, errors: '' })
      return JSON.parse((await child.line('report ')).slice('report '.length)) as MigrationReport
    }),
  )
}

const versionsOf = (reports: readonly MigrationReport[]) =>
  reports.flatMap((report) => report.applied.map((migration) => migration.version)).sort((a, b) => a - b)

test.each([2, 4])('%i processes adopt one ancestor', async (processes) => {
  const size = { tasks: 400, costs: 1500, messages: 1500 }
  const path = makeAncestor(scratchFile(), {
    operations: size,
    plans: 900,
    damage: ['timesUnreadable', 'planOrphans'],
  })
  const reports = await migrateAtOnce(path, processes)
  expect(versionsOf(reports)).toEqual(versions)
  expect(reports.map((report) => report.to)).toEqual(reports.map(() => latest))
  const tables = contentOf(path).tables
  expect(tables.tasks?.rows).toHaveLength(size.tasks)
  expect(tables.cost_records?.rows).toHaveLength(size.costs)
  expect(tables.messages?.rows).toHaveLength(size.messages)
  expect(tables.plans?.rows).toHaveLength(900)
  expect(soundness(path)).toEqual(sound)
})

test('three processes make one new database', async () => {
  const path = scratchFile()
  expect(versionsOf(await migrateAtOnce(path, 3))).toEqual([latest])
  const alone = scratchFile()
  await migrateFile(alone)
  expect(schemaFacts(path)).toEqual(schemaFacts(alone))
})

test('two processes go down at the same time', async () => {
  const path = makeAncestor(scratchFile(), { operations: true })
  const before = contentOf(path)
  await migrateFile(path)
  const reports = await migrateAtOnce(path, 2, 1)
  expect(versionsOf(reports)).toEqual(versions.slice(1))
  expect(contentOf(path, Object.keys(before.tables)).tables).toEqual(before.tables)
})

test('eight stores of one process open one ancestor', async () => {
  const path = makeAncestor(scratchFile(), { operations: true })
  const stores = await Promise.all(
    Array.from({ length: 8 }, () => openStore({ url: `sqlite:${path}`, backup: false })),
  )
  const counts = await Promise.all(stores.map((store) => store.tasks.count()))
  expect(counts).toEqual(stores.map(() => smallOperations.tasks))
  await Promise.all(stores.map((store) => store.close()))
  const ledger = withDatabase(path, (handle) =>
    handle.prepare('SELECT version FROM purser_migrations').pluck().all(),
  )
  expect(ledger).toEqual(versions)
})
