// URLs and configuration files that were mistyped, damaged, or made by somebody who means harm:
// each is understood, or refused with an error of the closed set. No message, and no place that a
// store names, has a piece of a password. PURSER_RUNS=20 tries 2,000 of each.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { createBackend, PersistenceError, resolveConfig } from '../../src/index.ts'
import { hostile, spoiled } from '../support/fuzz/hostile.ts'
import { firstSeed, type Random, randomFrom } from '../support/loss/random.ts'
import { propertyRuns } from '../support/property-runs.ts'
import { scratchFolder } from '../support/scratch.ts'

const RUNS = propertyRuns(100)
/** So that each piece of four characters is found nowhere else. */
const PASSWORD = 'xqzjvwkqzx'
const pieces = Array.from({ length: PASSWORD.length - 3 }, (_, index) => PASSWORD.slice(index, index + 4))

const urls = [
  `postgres://ada:${PASSWORD}@db.example:5432/books?schema=main&sslmode=require&poolMax=5`,
  `postgres://ada:${PASSWORD}@one,two:6000,[::1]:7/books?connectTimeout=2000&applicationName=x%20y`,
  `mariadb://ada:${PASSWORD}@db.example/books?sslrootcert=ca.pem&lockTimeout=0`,
  'sqlite:./books.db?journal=delete&busyTimeout=100',
  'sqlite:///srv/books.db?synchronous=normal',
  'sqlite::memory:',
]

/** What people and programs put into URLs. */
const texts = [
  '@',
  ':',
  '/',
  '//',
  '?',
  '#',
  '&',
  '=',
  '%',
  '%00',
  '%zz',
  '%25',
  '%40',
  '[',
  ']',
  ',',
  '\\',
  '..',
  '~',
  '~root/',
  ' ',
  '\0',
  '\n',
  '\ud800',
  '\u202e',
  'é',
  '٣',
  '-1',
  '1e9',
  '99999',
  '__proto__',
  'constructor:',
  'constructor',
  'toString',
  'javascript:',
  'file:',
  'HTTP://',
  'sqlite:',
  'x'.repeat(5000),
]

function mistyped(url: string, random: Random): string {
  let text = url
  for (let count = random.pick([1, 1, 2, 3]); count > 0; count -= 1) {
    const at = random.whole(0, text.length)
    const end = at + random.pick([0, 0, 1, 3, random.whole(0, text.length)])
    text = text.slice(0, at) + (random.chance(0.75) ? random.pick(texts) : '') + text.slice(end)
  }
  return text
}

/** Everything that is told of it. */
function toldOf(error: unknown): string {
  return `${inspect(error, { depth: 8 })}\n${(error as Error)?.stack}\n${JSON.stringify(error)}`
}

function leaks(text: string): boolean {
  return pieces.some((piece) => text.includes(piece))
}

function faultsOf(work: () => string): readonly string[] {
  try {
    const location = work()
    return leaks(location) ? [`its location tells of the password: ${location}`] : []
  } catch (error) {
    if (!(error instanceof PersistenceError)) return [`not of the closed set: ${toldOf(error)}`]
    const told = toldOf(error)
    const faults = leaks(told) ? [`tells of the password: ${error.message.slice(0, 300)}`] : []
    return error.message.length > 2000
      ? [...faults, `a message of ${error.message.length} characters`]
      : faults
  }
}

const none = { environment: {}, file: null }

test('URLs', { timeout: 60_000 + RUNS * 100 }, () => {
  const first = firstSeed()
  const faults: string[] = []
  for (let seed = first; seed < first + RUNS; seed += 1) {
    const random = randomFrom(seed)
    const url = mistyped(random.pick(urls), random)
    // Where the colon before it is gone, it is a name.
    if (leaks(/^\w+:\/\/([^:@]*)/.exec(url)?.[1] ?? '')) continue
    const tenant = random.chance(0.2) ? { tenant: random.pick(['acme', '__proto__', '../x', 'A', '']) } : {}
    const found = [
      ...faultsOf(() => createBackend({ url, ...tenant }, none).location),
      ...faultsOf(() => createBackend(undefined, { file: null, environment: { PURSER_URL: url } }).location),
    ]
    faults.push(
      ...found.map((fault) => `PURSER_SEED=${seed}, ${JSON.stringify(url.slice(0, 200))}: ${fault}`),
    )
  }
  expect(faults).toEqual([])
})

const settings = {
  url: urls[0],
  tenant: 'acme',
  migrate: 'check',
  backup: false,
  root: '/srv',
  closeTimeout: 1000,
  automationProfile: 'cautious',
  projectProfiles: { web: 'trusted' },
  retention: { messages: '90d', costs: null, automatic: true },
  batch: { maxRows: 100 },
}

const contents = [
  'null',
  '[]',
  '{',
  '}',
  ',',
  ':',
  '"',
  "'",
  '-',
  '&a',
  '*a',
  '<<:',
  '!!binary',
  '!!js/function',
  '? ',
  '---\n',
  '...\n',
  '%YAML 9\n',
  '\t',
  '\r',
  '\0',
  '\ufeff',
  '\ud800',
  '1e999',
  '.nan',
  '~',
  '{"__proto__":{"polluted":1}}',
  '{__proto__: {polluted: 1}}',
  '['.repeat(20_000),
  '{a: '.repeat(5000),
  '# ',
  '|\n',
  '>-\n',
  '@',
  '`',
]

/** A file that was edited, byte by byte or as a whole, and what its name says that it is. */
function edited(random: Random): { readonly name: string; readonly bytes: Uint8Array } {
  const name = random.pick(['purser.config.json', 'purser.config.yaml', 'purser.config.yml'])
  const given = random.chance(0.3) ? withOther(random) : { ...settings, url: random.pick(urls) }
  const text =
    random.chance(0.8) === name.endsWith('.json') ? JSON.stringify(given, null, 2) : stringify(given)
  let bytes = Buffer.from(text)
  for (let count = random.pick([0, 1, 1, 2]); count > 0; count -= 1) {
    const at = random.whole(0, bytes.length)
    const end = at + random.pick([0, 1, random.whole(0, 40)])
    const put = random.chance(0.5) ? Buffer.from(random.pick(contents)) : Buffer.from([random.whole(0, 255)])
    bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(end)])
  }
  return { name, bytes: random.chance(0.05) ? bytes.subarray(0, random.whole(0, bytes.length)) : bytes }
}

/** One setting, as far as JSON has the value, replaced. */
function withOther(random: Random): unknown {
  const name = random.pick(Object.keys(settings))
  const inner = random.pick(['', 'messages', 'maxRows', 'web', '__proto__'])
  for (;;) {
    const value = hostile(random, 0)
    try {
      const json = JSON.stringify(inner === '' ? value : { [inner]: value })
      return { ...settings, [name]: JSON.parse(json) }
    } catch {
      // JSON has no such value.
    }
  }
}

test('configuration files', { timeout: 60_000 + RUNS * 100 }, () => {
  const first = firstSeed()
  const folder = scratchFolder()
  const faults: string[] = []
  for (let seed = first; seed < first + RUNS; seed += 1) {
    const { name, bytes } = edited(randomFrom(seed))
    const file = join(folder, name)
    writeFileSync(file, bytes)
    const found = faultsOf(() => createBackend(undefined, { environment: {}, file, folder }).location)
    if ('polluted' in {}) faults.push(`PURSER_SEED=${seed}: every object has a new property`)
    faults.push(...found.map((fault) => `PURSER_SEED=${seed}, ${name}: ${fault}`))
  }
  expect(faults).toEqual([])
})

test('options and sources', () => {
  const first = firstSeed()
  const faults: string[] = []
  for (let seed = first; seed < first + RUNS; seed += 1) {
    const random = randomFrom(seed)
    const [options, sources] = spoiled(
      [{ ...settings }, { environment: { PURSER_URL: urls[0] }, file: null, folder: '/' }],
      random,
    ).value
    const given = random.chance(0.1) ? hostile(random) : options
    const found = faultsOf(() => resolveConfig(given as object, sources as object).url.slice(0, 4))
    faults.push(...found.map((fault) => `PURSER_SEED=${seed}: ${fault}`))
  }
  expect(faults).toEqual([])
})
