// `purser migrate` and `purser status` on a database that a newer Purser has migrated.

import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { latestVersion } from '../../src/migrations/schema-state.ts'
import { workspace } from '../support/cli/purser.ts'

const version = latestVersion + 1

async function newer(breaking: 0 | 1) {
  const here = workspace()
  expect((await here.purser(['migrate'])).code).toBe(0)
  const database = new Database(here.path('purser.db'))
  database
    .prepare(
      "INSERT INTO purser_migrations VALUES (?, 'later', 'c0de', ?, '2030-01-01T00:00:00.000Z', 5, '9.0.0')",
    )
    .run(version, breaking)
  database.close()
  return here
}

describe('U12: a newer schema that this version can work with', () => {
  test('migrate changes nothing, and says what is newer', async () => {
    const { purser } = await newer(0)
    const { code, stdout, stderr } = await purser(['migrate'])
    expect(code).toBe(0)
    expect(stdout + stderr).toContain(
      `is at version ${version}, of a newer Purser; this one knows ${latestVersion}`,
    )
    expect(stdout + stderr).not.toMatch(/undefined|Nothing to do/)
  })

  test('status calls it newer, and healthy', async () => {
    const { purser } = await newer(0)
    const { code, stdout, stderr } = await purser(['status'])
    expect(code).toBe(0)
    expect(stdout).toContain(
      `version ${version}, newer than this Purser (knows ${latestVersion}); made by Purser 9.0.0`,
    )
    expect(stderr).toMatch(/works with it, without what is new. Update Purser here to 9\.0\.0 or later\.\n$/)
    const document = (await purser(['status', '--json'])).json<{ newerPurser: string }>()
    expect([document.status, document.data.newerPurser]).toEqual(['ok', '9.0.0'])
    expect(document.messages).toMatchObject([{ level: 'info', code: 'NEWER_SCHEMA' }])
    expect(stdout).not.toContain('up to date')
    expect(stdout).toMatch(/Health +ok/)
  })
})

describe('U12: a newer schema that this version cannot work with', () => {
  test('migrate refuses, and names the version of Purser that can', async () => {
    const { purser } = await newer(1)
    const { code, stderr } = await purser(['migrate'])
    expect(code).toBe(1)
    expect(stderr).toContain(
      `-later of Purser 9.0.0, which this build (newest: ${latestVersion}) does not know`,
    )
    expect(stderr).toContain('update Purser')
    expect(stderr).not.toContain('undefined')
  })

  test('status does not call it healthy or up to date', async () => {
    const { purser } = await newer(1)
    const { code, stdout, stderr } = await purser(['status'])
    expect(code).toBe(1)
    expect(stdout).toContain(`version ${version}, newer than this Purser (knows ${latestVersion})`)
    expect(stdout).not.toMatch(/up to date|Health +ok/)
    expect(stderr).toContain('of Purser 9.0.0')
  })
})
