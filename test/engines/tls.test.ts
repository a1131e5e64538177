// What the URL of a server asks of TLS, as the ways to try and what is checked of a certificate.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { tlsRefusal, tlsWays } from '../../src/engines/server/tls.ts'
import { parseServerUrl } from '../../src/engines/server/url.ts'
import { PersistenceConnectionError } from '../../src/index.ts'
import { scratchFolder } from '../support/scratch.ts'

const ways = (host: string, parameters: string) => {
  const url = `postgres://me@${host}/books?${parameters}`
  const settings = parseServerUrl({ url }, { scheme: 'postgres', port: 5432 })
  const [first] = settings.hosts
  if (!first) throw new Error('a URL has a host')
  return tlsWays(settings, first)
}
const checks = (host: string, parameters: string) =>
  ways(host, parameters).map((way) => (way === undefined ? 'plain' : way.checks))

describe('the ways to try', () => {
  const rootIn = (folder: string) => {
    const path = join(folder, 'ca.pem')
    writeFileSync(path, 'an authority')
    return `sslrootcert=${encodeURIComponent(path)}`
  }

  test.each([
    ['db.example', '', ['nothing', 'plain']],
    ['db.example', 'sslmode=disable', ['plain']],
    ['db.example', 'sslmode=require', ['nothing']],
    ['db.example', 'sslmode=require&ROOT', ['authority']],
    ['db.example', 'sslmode=verify-ca', ['authority']],
    ['db.example', 'sslmode=verify-full', ['name']],
    ['localhost', '', ['plain']],
    ['127.0.0.1', 'sslmode=prefer', ['plain']],
    ['[::1]', '', ['plain']],
    ['localhost', 'sslmode=require', ['nothing']],
    ['%2Frun%2Fpostgresql', 'sslmode=verify-full', ['plain']],
  ])('%s?%s', (host, parameters, expected) => {
    expect(checks(host, parameters.replace('ROOT', rootIn(scratchFolder())))).toEqual(expected)
  })

  test('files are read; one that cannot be is refused for good, without its content', () => {
    expect(ways('db.example', `sslmode=verify-ca&${rootIn(scratchFolder())}`)[0]?.files).toEqual({
      ca: 'an authority',
    })
    const missing = () => ways('db.example', 'sslmode=verify-ca&sslkey=/no/such/file')
    expect(missing).toThrow(PersistenceConnectionError)
    expect(missing).toThrow(/the file of sslkey cannot be read/)
  })
})

test.each([
  ['ERR_TLS_CERT_ALTNAME_INVALID', /for another name/],
  ['CERT_HAS_EXPIRED', /has expired/],
  ['SELF_SIGNED_CERT_IN_CHAIN', /not trusted \(SELF_SIGNED_CERT_IN_CHAIN\)/],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /name its authority with sslrootcert/],
])('%s says what to do', (code, says) => {
  expect(tlsRefusal(code)).toMatch(says)
})

test('other codes are not about certificates', () => {
  expect(tlsRefusal('ECONNREFUSED')).toBeUndefined()
})
