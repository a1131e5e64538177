// `purser status`: which database this is, what names it, how it is, what to do next.

import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { workspace } from '../support/cli/purser.ts'
import { makeAncestor, makeOperations, smallOperations } from '../support/legacy.ts'
import { hashOf } from '../support/scratch.ts'

interface StatusData {
  readonly engine: string
  readonly url: string
  readonly schemaVersion: number
  readonly latestVersion: number
  readonly pending: number
  readonly rows: Readonly<Record<string, number>>
  readonly location: string
  readonly health: { readonly ok: boolean }
}

const rows = {
  tasks: smallOperations.tasks,
  cost_records: smallOperations.costs,
  messages: smallOperations.messages,
}

describe('status', () => {
  test('says that there is no database, and makes none', async () => {
    const { purser, folder } = workspace()
    const plain = await purser(['status'])
    expect(plain).toMatchObject({ code: 1, stdout: '' })
    expect(plain.stderr).toMatch(
      /^purser: there is no database at .*purser\.db; make one with "purser migrate"/,
    )
    const json = await purser(['status', '--json'])
    expect(json.json()).toMatchObject({
      status: 'error',
      exitCode: 1,
      data: null,
      messages: [{ code: 'NO_DATABASE' }],
    })
    expect(readdirSync(folder)).toEqual([])
  })

  test('shows a database of an ancestor, what to do with it, and leaves it alone', async () => {
    const { purser, path } = workspace()
    makeOperations(path('old.db'))
    const before = hashOf(path('old.db'))
    const plain = await purser(['status', '--url', 'sqlite:old.db'])
    expect(plain.code).toBe(0)
    expect(plain.stdout).toMatch(/Schema +version 0 of \d+, \d+ migrations pending/)
    expect(plain.stdout).toMatch(/^ {2}tasks +36$/m)
    expect(plain.stdout).toContain('Next:\n  purser migrate --url sqlite:old.db')
    expect(plain.stderr).toMatch(
      /^warn: this is a database of one of Purser's ancestors.*run purser migrate\n$/,
    )
    const { status, exitCode, data } = (
      await purser(['status', '--url', 'sqlite:old.db', '--json'])
    ).json<StatusData>()
    expect([status, exitCode]).toEqual(['warn', 0])
    expect(data).toMatchObject({
      engine: 'sqlite',
      url: 'sqlite:old.db',
      schemaVersion: 0,
      pending: data.latestVersion,
      rows,
      location: path('old.db'),
      health: { ok: true },
    })
    expect(hashOf(path('old.db'))).toBe(before)
  })

  test('shows a database that is up to date', async () => {
    const { purser, path, done } = workspace()
    makeOperations(path('purser.db'))
    await done(['migrate', '--no-backup'])
    const plain = await purser(['status'])
    expect(plain.stderr).toBe('')
    expect(plain.stdout).toMatch(/Schema +version \d+, up to date/)
    expect(plain.stdout).toMatch(/Health +ok, answers in/)
    expect(plain.stdout).toMatch(/Next:\n {2}purser tasks list --status failed +# \d+ tasks? failed\n/)
    expect(plain.stdout).toMatch(/^ {2}purser costs report +# what it cost$/m)
    const { status, data } = (await purser(['status', '--json'])).json<StatusData>()
    expect(status).toBe('ok')
    expect(data).toMatchObject({ pending: 0, schemaVersion: data.latestVersion })
    expect(data.rows).toMatchObject(rows)
  })

  test('says what is wrong with a database that cannot be used', async () => {
    const { purser, path } = workspace()
    makeAncestor(path('foreign.db'), { afterwards: ['CREATE TABLE recipes (name TEXT)'] })
    const { code, stdout, stderr } = await purser(['status', '--url', 'sqlite:foreign.db'])
    expect(code).toBe(1)
    expect(stdout).toContain('Engine')
    expect(stderr).toMatch(/^error: .*tables that are not Purser's/)
  })
})

describe('status says what names the database', () => {
  test('a flag, a variable, a file, or nothing', async () => {
    const { purser, done, path } = workspace()
    await done(['migrate', '--quiet'])
    const namedBy = async (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
      /Named by +(.*)/.exec((await done(['status', ...words], { env })).stdout)?.[1]
    expect(await namedBy([])).toBe('the default')
    expect(await namedBy(['--url', 'sqlite:purser.db'])).toBe('--url')
    expect(await namedBy([], { PURSER_URL: 'sqlite:purser.db' })).toBe('PURSER_URL')
    await done(['init'])
    expect(await namedBy([])).toBe(path('purser.config.yaml'))
    const { stderr } = await purser(['status'], { env: { PURSER_URL: 'sqlite:elsewhere.db' } })
    expect(stderr).toContain('elsewhere.db (named by PURSER_URL); make one with')
  })

  test('and what to do with an empty one', async () => {
    const { done } = workspace()
    await done(['migrate', '--quiet'])
    const { stdout, json } = await done(['status', '--json'])
    expect(stdout).toContain('"urlFrom": "the default"')
    expect(json<{ next: object[] }>().data.next).toMatchObject([
      { command: 'purser plans create --help' },
      { command: 'purser tasks create --help' },
      { command: 'purser demo' },
    ])
  })
})
