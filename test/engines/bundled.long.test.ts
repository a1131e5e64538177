// Applications that were bundled with esbuild, as modules and as CommonJS, with drivers inside the
// bundle and outside: they work as the sources do, and nothing of the application's own gets into
// the database.

import { describe, expect, test } from 'vitest'
import { LEDGER_TABLE } from '../../src/engines/contract/schema.ts'
import { createEngine } from '../../src/engines/registry.ts'
import { purserVersion } from '../../src/version.ts'
import { bundle, type Format } from '../support/bundles.ts'
import { describeOnEngines, type EngineName, freshUrl } from '../support/fresh-url.ts'
import { scratchFile } from '../support/scratch.ts'

const packages: Readonly<Record<EngineName, string>> = {
  sqlite: 'better-sqlite3',
  postgres: 'pg',
  mariadb: 'mysql2',
}
const formats: readonly Format[] = ['esm', 'cjs']
/** The entry of the driver whose compiled part a bundler can follow. */
const entry = `better-sqlite3/${process.platform}-${process.arch}`

/** Writes, reads, copies, and prints what it found as JSON. */
function programOf(driver: { readonly code: string; readonly option: string }): string {
  return `
import { backupStore, openStore } from 'purser'
${driver.code}
async function main() {
  const [url, copy] = process.argv.slice(2)
  const store = await openStore({ url${driver.option} }, { file: null })
  const task = await store.tasks.create({ title: 'T', description: 'D', project: 'P', createdBy: 'ada', type: 'admin' })
  const report = await store.doctor()
  const backup = await backupStore(store, copy).then(({ kind }) => kind)
  await store.close()
  const again = await openStore({ url${driver.option} }, { file: null })
  const read = await again.tasks.get(task.id)
  await again.close()
  console.log(JSON.stringify({
    title: read.title,
    sound: report.ok,
    backup,
  }))
}
main().catch((error) => { console.error(error.name + ': ' + error.message); process.exitCode = 1 })
`
}

const loaded = { code: '', option: '' }
const purser = 'src/index.ts'

describeOnEngines('P2: a bundled application', (engine) => {
  const name = packages[engine]
  const wanted = {
    title: 'T',
    sound: true,
    backup: engine === 'sqlite' ? 'file' : 'tool',
  }

  async function answers(run: Awaited<ReturnType<typeof bundle>>) {
    const url = await freshUrl(engine)
    const ran = await run([url, scratchFile()])
    expect(ran).toMatchObject({ code: 0, errors: '' })
    expect(await versionsInLedger(url)).toEqual([purserVersion])
    return JSON.parse(ran.output)
  }

  for (const format of formats) {
    test(`as ${format}, with the driver installed beside it`, async () => {
      const run = await bundle(programOf(loaded), { format, external: [name], purser })
      expect(await answers(run)).toEqual(wanted)
    })

    test(`as ${format}, with the driver inside and handed in`, async () => {
      const from = engine === 'sqlite' ? entry : name
      const driver = { code: `import driver from '${from}'`, option: ', driver' }
      const run = await bundle(programOf(driver), { format, external: [], purser })
      expect(await answers(run)).toEqual(wanted)
    })

    if (engine !== 'sqlite') {
      test(`as ${format}, with the driver inside`, async () => {
        const run = await bundle(programOf(loaded), { format, external: [], purser })
        expect(await answers(run)).toEqual(wanted)
      })
    }

    test(`U4: as ${format}, without the driver says what to install`, async () => {
      const run = await bundle(programOf(loaded), { format, external: [name], installed: false, purser })
      const ran = await run([await freshUrl(engine), scratchFile()])
      expect(ran.code).toBe(1)
      expect(ran.errors).toMatch(
        new RegExp(
          `^PersistenceConnectionError: .*the driver ${name} is not installed; run npm install ${name}`,
        ),
      )
    })
  }
})

describe('P2: a bundled application with SQLite', () => {
  for (const format of formats) {
    test(`as ${format} without the compiled part of the driver says so`, async () => {
      const run = await bundle(programOf(loaded), { format, external: [], purser })
      const ran = await run([await freshUrl('sqlite'), scratchFile()])
      expect(ran.code).toBe(1)
      expect(ran.errors).toContain('the driver better-sqlite3 cannot load its compiled part')
      expect(ran.errors).not.toContain('not installed')
    })
  }
})

/** Which versions of Purser say that they migrated the database. */
async function versionsInLedger(url: string): Promise<readonly string[]> {
  const engine = createEngine({ url })
  await engine.connect()
  try {
    const rows = await engine.read({
      sql: `SELECT DISTINCT purser_version FROM ${LEDGER_TABLE}`,
      parameters: [],
    })
    return rows.map(([version]) => String(version))
  } finally {
    await engine.disconnect()
  }
}
