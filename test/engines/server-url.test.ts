// The URLs of servers: several hosts, the documented parameters, and no password in anything that
// is shown.

import { userInfo } from 'node:os'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseServerUrl } from '../../src/engines/server/url.ts'
import { createBackend, PersistenceConnectionError } from '../../src/index.ts'

const parse = (url: string, tenant?: string) =>
  parseServerUrl({ url, tenant }, { scheme: 'postgres', port: 5432 })

test('what a URL leaves out has a default', () => {
  expect(parse('postgres://')).toEqual({
    hosts: [{ host: 'localhost', port: 5432 }],
    user: userInfo().username,
    password: undefined,
    database: userInfo().username,
    schema: undefined,
    tenant: undefined,
    sslmode: 'prefer',
    sslrootcert: undefined,
    sslcert: undefined,
    sslkey: undefined,
    poolMax: 10,
    connectTimeout: 5000,
    statementTimeout: 30_000,
    lockTimeout: 5000,
    applicationName: 'purser',
    mustExist: false,
    location: `postgres://${userInfo().username}@localhost/${userInfo().username}`,
  })
})

test('every part of a URL arrives, with its escapes read', () => {
  const url =
    'postgresql://ann%40home:p%2Fw%3A%40x@db1,db2:6543,[::1]:7,%2Frun%2Fpg/the%20books?schema=s_1&sslmode=verify-full&sslrootcert=/ca.pem&sslcert=/c.pem&sslkey=/k.pem&poolMax=3&connectTimeout=1&statementTimeout=2&lockTimeout=0&applicationName=night%20run'
  expect(parse(url, 'acme')).toMatchObject({
    hosts: [
      { host: 'db1', port: 5432 },
      { host: 'db2', port: 6543 },
      { host: '::1', port: 7 },
      { host: '/run/pg', port: 5432 },
    ],
    user: 'ann@home',
    password: 'p/w:@x',
    database: 'the books',
    schema: 's_1',
    tenant: 'acme',
    sslmode: 'verify-full',
    sslrootcert: '/ca.pem',
    sslcert: '/c.pem',
    sslkey: '/k.pem',
    poolMax: 3,
    connectTimeout: 1,
    statementTimeout: 2,
    lockTimeout: 0,
    applicationName: 'night run',
    location: 'postgres://ann%40home@db1,db2:6543,[::1]:7,%2Frun%2Fpg/the%20books?schema=s_1',
  })
})

test.each([
  ['ssl=true', 'unknown'],
  ['poolMax=0', 'from 1 to 1000'],
  ['poolMax=ten', 'whole number'],
  ['poolMax=1&poolMax=2', 'twice'],
  ['sslmode=allow', 'must be one of'],
  ['schema=Upper', 'small letters'],
  ['schema=a__b', 'single underscores'],
  ['schema=a_', 'single underscores'],
  ['schema=', 'small letters'],
  ['applicationName=a%0Ab', 'plain characters'],
  ['sslrootcert=', 'must have a value'],
  ['connectTimeout=0', 'from 1'],
  ['statementTimeout=-1', 'whole number'],
])('%s is refused with words that help', (search, words) => {
  expect(() => parse(`postgres://u:hunter2@h/d?${search}`)).toThrow(words)
})

test('a password is in no location and in no error, wherever it stands and whatever is wrong', () => {
  const broken = fc.constantFrom(
    '@h:99999/d',
    '@h/d?x=1',
    '@h/%ZZ',
    '@h/d#f',
    '@h:a/d',
    '@[h]:1/d',
    '@h/d?poolMax=-',
  )
  fc.assert(
    fc.property(fc.stringMatching(/^[a-zA-Z0-9]{8,20}$/), broken, (secret, rest) => {
      const password = `pw${secret}`
      expect(parse(`postgres://u:${password}@h/d`).location).not.toContain(password)
      for (const scheme of ['postgres', 'postgresql']) {
        try {
          createBackend(`${scheme}://u:${password}${rest}`)
        } catch (error) {
          expect(error).toBeInstanceOf(PersistenceConnectionError)
          expect(inspect(error)).not.toContain(password)
        }
      }
    }),
  )
})
