// `purser init`: the file it writes, and that it overwrites nothing.

import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { explainedKeys, settingsFile } from '../../src/cli/commands/init/settings-file.ts'
import { resolveConfig, settingKeys } from '../../src/config/config.ts'
import { workspace } from '../support/cli/purser.ts'

const FILE = 'purser.config.yaml'

describe('the file', () => {
  test('explains every setting there is', () => {
    expect([...explainedKeys].sort()).toEqual([...settingKeys].sort())
  })

  test('sets the URL alone, until a comment is taken off', () => {
    const text = settingsFile({ url: 'sqlite:./purser.db', tenant: undefined })
    expect(parse(text)).toEqual({ url: 'sqlite:./purser.db' })
    const uncommented = parse(text.replaceAll(/^#(?! )/gm, '').replaceAll(/^# {2}(?! )/gm, '  '))
    expect(Object.keys(uncommented).sort()).toEqual([...settingKeys].sort())
  })

  test('is valid with every setting uncommented, and means the defaults where there are any', () => {
    const { path } = workspace()
    const text = settingsFile({ url: 'sqlite:./purser.db', tenant: 'acme' })
    writeFileSync(path(FILE), text.replaceAll(/^#(?=[a-z])/gm, '').replaceAll(/^#(?= {2}\S+: )/gm, ''))
    const config = resolveConfig({}, { environment: {}, file: path(FILE) })
    const defaults = resolveConfig({}, { environment: {}, file: null })
    for (const key of ['migrate', 'backup', 'closeTimeout', 'batch'] as const)
      expect(config[key]).toEqual(defaults[key])
    expect(config.tenant).toBe('acme')
  })

  test('quotes what YAML would read as something else', () => {
    const url = 'postgres://a:p%23w@host/db?sslmode=require # not a comment'
    expect(parse(settingsFile({ url, tenant: undefined }))).toEqual({ url })
  })
})

describe('purser init', () => {
  test('writes it here, for this user alone, and the commands use it', async () => {
    const { done, path } = workspace()
    const { stdout, stderr } = await done(['init', '--url', 'sqlite:./books.db', '--tenant', 'acme'])
    expect(stderr).toBe('')
    expect(stdout).toBe(
      `Wrote ${path(FILE)}: the database is sqlite:./books.db, tenant acme\n\nNext:\n  purser migrate\n`,
    )
    expect(statSync(path(FILE)).mode & 0o777).toBe(0o600)
    await done(['migrate'])
    const { data } = (await done(['status', '--json'])).json<{ urlFrom: string; tenant: string }>()
    expect(data).toMatchObject({ urlFrom: path(FILE), tenant: 'acme' })
  })

  test('makes no database, and leaves out hints with --quiet', async () => {
    const { done, folder } = workspace()
    const { stdout } = await done(['init', '--quiet'])
    expect(stdout.trim().split('\n')).toHaveLength(1)
    expect(readdirSync(folder)).toEqual([FILE])
  })

  test('gives its path as JSON, and no password', async () => {
    const { done, path } = workspace()
    const words = ['init', '--url', 'postgres://me:hush@localhost/books', '--json']
    const { stdout, json } = await done(words)
    expect(stdout).not.toContain('hush')
    const { status, data, messages } = json()
    expect(status).toBe('warn')
    expect(data).toEqual({ path: path(FILE), url: 'postgres://me:***@localhost/books', tenant: null })
    expect(messages).toMatchObject([{ level: 'warn', code: 'PASSWORD_IN_FILE' }])
    expect(parse(readFileSync(path(FILE), 'utf8')).url).toBe('postgres://me:hush@localhost/books')
  })

  test.each(['purser.config.json', 'purser.config.yaml', 'purser.config.yml'])(
    'leaves a %s that is there as it is',
    async (name) => {
      const { purser, path, folder } = workspace()
      writeFileSync(path(name), '{ "url": "sqlite:mine.db" }')
      const { code, stderr } = await purser(['init'])
      expect(code).toBe(1)
      expect(stderr).toBe(
        `purser: ${path(name)} is there already, and is left as it is; edit it, or name another file with --config\n`,
      )
      expect(readdirSync(folder)).toEqual([name])
      expect(readFileSync(path(name), 'utf8')).toBe('{ "url": "sqlite:mine.db" }')
    },
  )

  test.each([
    ['a URL that names no engine', ['--url', 'nosql:x'], 1, /there is no engine for nosql: URLs/],
    ['a tenant that is none', ['--tenant', 'Acme'], 2, /^purser: --tenant must be a small letter/],
    ['a file that is no YAML', ['--config', 'x.json'], 2, /--config must name a \.yaml file/],
    ['a folder that is not there', ['--config', 'no/x.yaml'], 1, /the folder of .*x\.yaml is not there/],
    ['a folder under the name', ['--config', 'folder.yaml'], 1, /is there already/],
  ])('refuses %s, and writes nothing', async (_, words, exitCode, message) => {
    const { purser, path, folder } = workspace()
    mkdirSync(path('folder.yaml'))
    const { code, stdout, stderr } = await purser(['init', ...words])
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' })
    expect(stderr).toMatch(message)
    expect(readdirSync(folder)).toEqual(['folder.yaml'])
  })
})
