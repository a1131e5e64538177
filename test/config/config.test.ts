// Where a configuration comes from, which of several wins, and what is said about one that is
// wrong: every wrong key by its name, the file it stands in, and never a password.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { DEFAULT_URL, resolveConfig, type StoreOptions } from '../../src/config/config.ts'
import { CONFIG_FILES } from '../../src/config/config-location.ts'
import { createBackend, openStore, PersistenceConnectionError } from '../../src/index.ts'
import { scratchFolder } from '../support/scratch.ts'

const nowhere = { environment: {}, folder: '/nonexistent' }

function failure(action: () => unknown): PersistenceConnectionError {
  try {
    action()
  } catch (error) {
    expect(error).toBeInstanceOf(PersistenceConnectionError)
    expect((error as PersistenceConnectionError).retryable).toBe(false)
    return error as PersistenceConnectionError
  }
  throw new Error('nothing was thrown')
}

/** Resolves with a file of this name and content in the folder. */
function withFile(name: string, content: string, given?: string | StoreOptions, environment = {}) {
  const folder = scratchFolder()
  writeFileSync(join(folder, name), content)
  return { folder, resolve: () => resolveConfig(given, { environment, folder }) }
}

describe('automation profiles', () => {
  const yaml = 'automationProfile: trusted\nprojectProfiles:\n  web: ci\n  api: local/careful\n'

  test('of the store and of projects come from a file, or from options', () => {
    const { resolve } = withFile('purser.config.yaml', yaml)
    const { automationProfile, projectProfiles } = resolve()
    expect(automationProfile).toBe('trusted')
    expect(projectProfiles).toEqual({ web: 'ci', api: 'local/careful' })
    const options = { automationProfile: 'auto', projectProfiles: { web: 'manual' } }
    expect(withFile('purser.config.yaml', yaml, options).resolve()).toMatchObject(options)
    expect(resolveConfig({}, nowhere)).not.toHaveProperty('automationProfile')
  })

  test('of projects are replaced as a whole by those of the options', () => {
    const given = withFile('purser.config.yaml', yaml, { projectProfiles: { docs: 'auto' } }).resolve()
    expect(given.projectProfiles).toEqual({ docs: 'auto' })
    expect(given.automationProfile).toBe('trusted')
  })

  test('of a project with the name of what every object has are read as any other', async () => {
    const projectProfiles = Object.fromEntries([
      ['constructor', 'ci'],
      ['toString', 'manual'],
    ])
    await using store = await openStore({ url: 'sqlite::memory:', projectProfiles })
    const plan = { name: 'a/b', actionName: 'x', description: 'd' }
    const made = await store.plans.create({ ...plan, projects: [{ name: 'constructor' }] })
    expect(made.automationProfile).toEqual({ name: 'ci', provenance: 'project' })
    const other = await store.plans.create({ ...plan, name: 'a/c', projects: [{ name: 'hasOwnProperty' }] })
    expect(other.automationProfile).toEqual({ name: 'balanced', provenance: 'global' })
  })
})

describe('precedence', () => {
  test('without anything the defaults hold', () => {
    expect(resolveConfig({}, nowhere)).toEqual({
      url: DEFAULT_URL,
      migrate: 'auto',
      prices: [],
      selfApproval: false,
      agentIdleAfter: 300_000,
      backup: true,
      closeTimeout: 10_000,
      batch: { maxRows: 512 },
      changes: { keep: '7d' },
      projectProfiles: {},
      retention: { automatic: false },
      logger: undefined,
      engine: undefined,
    })
    expect(resolveConfig(undefined, nowhere).url).toBe('sqlite:./purser.db')
  })

  test('a file beats the default, the environment the file, an option the environment', () => {
    const file = JSON.stringify({ url: 'sqlite:file.db', tenant: 'of_file', migrate: 'check' })
    const environment = { PURSER_URL: 'sqlite:env.db', PURSER_TENANT: 'of_env' }
    const resolved = (given: StoreOptions, env: object) => {
      const { folder, resolve } = withFile('purser.config.json', file, given, env)
      const { url, tenant, migrate } = resolve()
      return { url: url.replace(`${folder}/`, 'FOLDER/'), tenant, migrate }
    }
    expect(resolved({}, {})).toEqual({ url: 'sqlite:FOLDER/file.db', tenant: 'of_file', migrate: 'check' })
    expect(resolved({}, environment)).toEqual({ url: 'sqlite:env.db', tenant: 'of_env', migrate: 'check' })
    expect(resolved({ url: 'sqlite:option.db' }, environment)).toEqual({
      url: 'sqlite:option.db',
      tenant: 'of_env',
      migrate: 'check',
    })
    expect(resolved({ tenant: 'of_option', migrate: 'off' }, environment)).toEqual({
      url: 'sqlite:env.db',
      tenant: 'of_option',
      migrate: 'off',
    })
  })

  test('a URL alone is the option url; undefined and empty variables count as absent', () => {
    const { resolve } = withFile('purser.config.json', '{"url":"sqlite:file.db"}', 'sqlite:given.db')
    expect(resolve().url).toBe('sqlite:given.db')
    const absent = withFile(
      'purser.config.json',
      '{"url":"sqlite:file.db"}',
      { url: undefined, tenant: undefined },
      { PURSER_URL: '', PURSER_TENANT: '' },
    )
    expect(absent.resolve()).toMatchObject({ url: `sqlite:${absent.folder}/file.db` })
    expect(absent.resolve()).not.toHaveProperty('tenant')
  })

  test('JSON is found before YAML; a named file is read instead of a found one', () => {
    const folder = scratchFolder()
    for (const name of CONFIG_FILES) {
      writeFileSync(
        join(folder, name),
        name.endsWith('json') ? '{"url":"sqlite:json.db"}' : `url: sqlite:${name.slice(-4)}.db`,
      )
    }
    writeFileSync(join(folder, 'other.yaml'), 'url: sqlite:other.db\nbatch:\n  maxRows: 7\n')
    expect(resolveConfig({}, { environment: {}, folder }).url).toBe(`sqlite:${folder}/json.db`)
    expect(resolveConfig({}, { environment: {}, folder, file: 'other.yaml' })).toMatchObject({
      url: `sqlite:${folder}/other.db`,
      batch: { maxRows: 7 },
    })
  })

  test.each(['purser.config.yaml', 'purser.config.yml', 'purser.config.json'])(
    'an empty or comment-only %s sets nothing',
    (name) => {
      const content = name.endsWith('json') ? 'null' : '# nothing yet\n'
      expect(withFile(name, content).resolve().url).toBe(DEFAULT_URL)
    },
  )

  test('the configuration is frozen, all of it', () => {
    const config = resolveConfig({}, nowhere)
    expect(Object.isFrozen(config)).toBe(true)
    expect(Object.isFrozen(config.batch)).toBe(true)
    expect(Object.isFrozen(config.projectProfiles)).toBe(true)
  })
})

describe('what is wrong is named', () => {
  const wrong: Readonly<Record<string, { options: object; says: RegExp }>> = {
    'an unknown key': { options: { colour: 'red' }, says: /configuration: .*colour/ },
    'two unknown keys': { options: { colour: 'red', shape: 'round' }, says: /colour.*shape/s },
    'an age of nothing': {
      options: { retention: { messages: '0d' } },
      says: /retention\.messages: must be an age of at least a day/,
    },
    'an age that is none': {
      options: { retention: { costs: '18mo' } },
      says: /retention\.costs: must be an age/,
    },
    'a kind that is not pruned': { options: { retention: { plans: '90d' } }, says: /retention.*plans/ },
    'automatic retention of nothing': {
      options: { retention: { automatic: true, audit: null } },
      says: /retention: automatic needs an age/,
    },
    'an unknown key inside': { options: { batch: { maxRow: 1 } }, says: /batch.*maxRow/ },
    'a number for the url': { options: { url: 5 }, says: /url: / },
    'an empty url': { options: { url: '' }, says: /url: / },
    'null for the url': { options: { url: null }, says: /url: / },
    'a word that migrate has not': { options: { migrate: 'always' }, says: /migrate: .*auto.*check.*off/ },
    'text for backup': { options: { backup: 'no' }, says: /backup: / },
    'text for a number': { options: { closeTimeout: '5' }, says: /closeTimeout: / },
    'a fraction': { options: { closeTimeout: 1.5 }, says: /closeTimeout: / },
    'a negative number': { options: { closeTimeout: -1 }, says: /closeTimeout: / },
    'not a number': { options: { closeTimeout: Number.NaN }, says: /closeTimeout: / },
    'a blank automation profile': { options: { automationProfile: '' }, says: /automationProfile: / },
    'an automation profile that is no text': {
      options: { automationProfile: 5 },
      says: /automationProfile: .*string/,
    },
    'a blank profile of a project': {
      options: { projectProfiles: { web: '' } },
      says: /projectProfiles\.web: /,
    },
    'profiles of projects that are no texts': {
      options: { projectProfiles: { web: null } },
      says: /projectProfiles\.web: .*string/,
    },
    'profiles of projects in a list': {
      options: { projectProfiles: ['trusted'] },
      says: /projectProfiles: /,
    },
    'a batch of none': { options: { batch: { maxRows: 0 } }, says: /batch\.maxRows: / },
    'an empty root': { options: { root: '' }, says: /root: / },
    'several at once': { options: { url: 5, backup: 1, colour: 'red' }, says: /url.*backup.*colour/s },
  }

  test.each(Object.entries(wrong))('%s, in an object', (_, { options, says }) => {
    expect(failure(() => resolveConfig(options as StoreOptions, nowhere)).message).toMatch(says)
  })

  test.each(Object.entries(wrong))('%s, in a JSON file', (_, { options, says }) => {
    const { folder, resolve } = withFile('purser.config.json', JSON.stringify(options))
    const { message } = failure(resolve)
    expect(message).toContain(join(folder, 'purser.config.json'))
    expect(message).toMatch(new RegExp(says.source.replace('configuration: ', ''), says.flags))
  })

  test('an unknown key, in a YAML file', () => {
    const { folder, resolve } = withFile('purser.config.yaml', 'url: sqlite:x.db\ncolour: red\n')
    expect(failure(resolve).message).toMatch(/colour/)
    expect(failure(resolve).message).toContain(join(folder, 'purser.config.yaml'))
  })

  test.each(['', 'A', 'a-b', '1a', 'a b', 'a.b', '../x', 'a'.repeat(32), 'é', 'a\n'])(
    'the tenant %j',
    (tenant) => {
      expect(failure(() => resolveConfig({ tenant }, nowhere)).message).toContain('tenant: ')
      const environment = { PURSER_TENANT: tenant }
      if (tenant !== '')
        expect(failure(() => resolveConfig({}, { ...nowhere, environment })).message).toContain('tenant: ')
    },
  )

  test.each(['a', 'a_1', 'acme', `a${'9'.repeat(30)}`])('the tenant %j is fine', (tenant) => {
    expect(resolveConfig({ tenant }, nowhere).tenant).toBe(tenant)
  })

  test('keys of the caller alone are not for files', () => {
    for (const key of ['logger', 'engine']) {
      expect(failure(withFile('purser.config.json', `{"${key}": {}}`).resolve).message).toContain(key)
    }
  })

  test('a key that means something to JavaScript only is as unknown as any', () => {
    expect(
      failure(withFile('purser.config.json', '{"__proto__": {"tenant": "acme"}}').resolve).message,
    ).toContain('__proto__')
    expect(failure(withFile('purser.config.json', '{"constructor": 1}').resolve).message).toContain(
      'constructor',
    )
  })

  test.each([null, 5, true, [], 'x', () => 1])('%s for the options as a whole', (given) => {
    if (given === 'x') expect(() => createBackend('x')).toThrow(PersistenceConnectionError)
    else expect(failure(() => resolveConfig(given as StoreOptions, nowhere)).message).toMatch(/object|URL/)
  })
})

describe('a file that is malformed', () => {
  test.each([
    { name: 'purser.config.json', content: '{"url": ', says: /is not valid JSON/ },
    { name: 'purser.config.json', content: '', says: /is not valid JSON/ },
    { name: 'purser.config.json', content: '[]', says: /must be|expected/ },
    { name: 'purser.config.json', content: '"sqlite:x.db"', says: /must be|expected/ },
    { name: 'purser.config.yaml', content: 'url: [', says: /is not valid YAML/ },
    { name: 'purser.config.yaml', content: 'a: 1\na: 2\n', says: /is not valid YAML/ },
    { name: 'purser.config.yaml', content: '\tx: 1\n', says: /is not valid YAML/ },
    { name: 'purser.config.yaml', content: 'url: !!js/function x\n- y', says: /is not valid YAML/ },
    { name: 'purser.config.yml', content: '- a\n- b\n', says: /must be|expected/ },
  ])('$name with $content is refused by its name', ({ name, content, says }) => {
    const { folder, resolve } = withFile(name, content)
    const { message } = failure(resolve)
    expect(message).toContain(join(folder, name))
    expect(message).toMatch(says)
  })

  test.each([
    { name: 'purser.config.json', content: '{"url": "postgres://u:hunter2@h/db",, }' },
    { name: 'purser.config.yaml', content: 'url: "postgres://u:hunter2@h/db\n' },
    { name: 'purser.config.yaml', content: 'url: postgres://u:hunter2@h/db\nurl: b\n' },
    { name: 'purser.config.json', content: '{"url": ["postgres://u:hunter2@h/db"]}' },
  ])('$name: what it holds is not quoted', ({ name, content }) => {
    const error = failure(withFile(name, content).resolve)
    expect(inspect(error, { depth: 5 })).not.toContain('hunter2')
  })

  test('aliases that multiply without end are refused, quickly', () => {
    const levels = Array.from(
      { length: 12 },
      (_, index) =>
        `l${index}: &l${index} [${
          index === 0
            ? 'x'
            : Array(10)
                .fill(`*l${index - 1}`)
                .join(', ')
        }]`,
    )
    const started = performance.now()
    failure(withFile('purser.config.yaml', levels.join('\n')).resolve)
    expect(performance.now() - started).toBeLessThan(2000)
  })

  test('a named file that is missing, or a folder, cannot be read', () => {
    const folder = scratchFolder()
    mkdirSync(join(folder, 'purser.config.json'))
    expect(failure(() => resolveConfig({}, { environment: {}, folder })).message).toContain('cannot be read')
    const named = () => resolveConfig({}, { environment: {}, folder, file: 'gone.json' })
    expect(failure(named).message).toContain('gone.json cannot be read')
  })
})

describe('what cannot be read', () => {
  const thrower = (): never => {
    throw new TypeError('read')
  }
  const { proxy: gone, revoke } = Proxy.revocable({}, {})
  revoke()
  test.each<[string, unknown, unknown]>([
    ['options', new Proxy({}, { ownKeys: thrower }), undefined],
    ['options', gone, undefined],
    ['options', { retention: gone }, undefined],
    [
      'options',
      {
        get url() {
          return thrower()
        },
      },
      undefined,
    ],
    ['sources', undefined, gone],
    ['sources', undefined, { environment: 5 }],
    ['sources', undefined, { environment: { PURSER_URL: 5 } }],
    ['sources', undefined, { folder: 5, file: null }],
    ['sources', undefined, { file: {} }],
  ])('%s', (_, options, sources) => {
    const error = failure(() => resolveConfig(options as StoreOptions, sources as object))
    expect(error.message).toMatch(/^(sources of the )?configuration: /)
  })

  test.each(['x'.repeat(5000), 'a\0b'])('a file whose name no file can have', (file) => {
    expect(failure(() => resolveConfig({}, { file, environment: {} })).message).toMatch(/cannot be read/)
  })

  test('a database whose path is too long', async () => {
    const store = createBackend(`sqlite:/tmp/${'x'.repeat(5000)}`, { file: null, environment: {} })
    await expect(store.isNew()).rejects.toBeInstanceOf(PersistenceConnectionError)
    await expect(store.connect()).rejects.toBeInstanceOf(PersistenceConnectionError)
  })

  test('the environment of the process can be read', () => {
    expect(resolveConfig('sqlite:x.db', { environment: process.env, file: null }).url).toBe('sqlite:x.db')
  })
})

describe('URLs', () => {
  test.each([
    { url: 'purser.db', says: /no scheme.*sqlite:PATH/ },
    { url: '/data/purser.db', says: /no scheme/ },
    { url: 'nosql://localhost/x', says: /no engine for nosql: URLs/ },
    { url: 'http://localhost/x', says: /no engine for http: URLs/ },
    { url: 'constructor://ada@host/db', says: /no engine for constructor: URLs/ },
    { url: `s${'x'.repeat(500)}://host/db`, says: /no engine for sx{29}: URLs/ },
    { url: 'postgres://ada:hun/ter2@host/db', says: /an @ stands behind the host; .*write %2F for \// },
    { url: 'postgres://ada:1?hunter2@host/db', says: /an @ stands behind the host/ },
    { url: 'mariadb://ada\ud800@host/db', says: /url: must be well-formed Unicode/ },
    { url: 'sqlite:', says: /names no file/ },
    { url: 'sqlite:?journal=wal', says: /names no file/ },
    { url: 'sqlite:x.db?jurnal=wal', says: /unknown setting "jurnal".*journal, synchronous/ },
    { url: 'sqlite:x.db?__proto__=wal', says: /unknown setting "__proto__"/ },
    { url: 'sqlite:x.db?journal=memory', says: /journal must be one of wal, delete/ },
    { url: 'sqlite:x.db?synchronous=off', says: /synchronous must be one of full, normal/ },
    { url: 'sqlite:x.db?busyTimeout=-1', says: /busyTimeout must be a whole number/ },
    { url: 'sqlite:x.db?busyTimeout=1e3', says: /busyTimeout must be a whole number/ },
    { url: 'sqlite:x.db?busyTimeout=', says: /busyTimeout must be a whole number/ },
    { url: 'sqlite:x.db?busyTimeout=99999999999', says: /busyTimeout must be a whole number up to/ },
    { url: 'sqlite:x.db?journalSizeLimit=big', says: /journalSizeLimit must be a whole number/ },
  ])('$url', ({ url, says }) => {
    expect(failure(() => createBackend(url)).message).toMatch(says)
  })

  test.each([
    'postgres://user:hunter2@host/db?ssl=on',
    'postgres://user:1/hunter2@host/db',
    'postgres://user:1?hunter2@host/db',
    'postgres://user:1?hunter2=x@host/db',
    'mariadb://user:hunter2@host/db?poolMax=x',
    'mysql://root:hunter2@localhost:99999/db',
    'sqlite:x.db?password=hunter2',
    'sqlite:x.db?busyTimeout=hunter2',
    '//user:hunter2@host/db',
    'user:hunter2@host/db',
  ])('no password of %s is repeated', (url) => {
    const error = failure(() => createBackend({ url }))
    const seen = [error.message, String(error.stack), JSON.stringify(error), String(error.cause)].join('\n')
    expect(seen.replaceAll(/^.*at .*$/gm, '')).not.toContain('hunter2')
  })
})
