// TLS against a MariaDB of the test's own, with certificates of an authority of the test's own:
// what each sslmode takes and refuses.

import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore, PersistenceConnectionError } from '../../src/index.ts'
import { type Authority, hasOpenssl, makeAuthority } from '../support/certificates.ts'
import { serverUrl } from '../support/engines/server-url.ts'
import { hasMariadb, type MariadbProcess, startMariadb } from '../support/server-process.ts'

const isPossible = hasMariadb && hasOpenssl
if (!isPossible) console.warn('SKIPPED: TLS of MariaDB; this machine has no binaries of it, or no openssl')

describe.skipIf(serverUrl('mariadb') === undefined || !isPossible)('TLS to a MariaDB', () => {
  let plain: MariadbProcess
  let server: MariadbProcess
  let authority: Authority
  let present: (label: string, hostName: string) => Promise<void>
  const url = (host: string, settings: string, { at = server, user = 'app' } = {}) =>
    `mariadb://${user}:hunter2@${host}:${at.port}/agents?${settings}`
  const refusal = async (given: string): Promise<PersistenceConnectionError> => {
    const error = await openStore(given).then(
      (store) => store.close().then(() => new Error('it was opened')),
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(PersistenceConnectionError)
    expect(inspect(error)).not.toContain('hunter2')
    return error as PersistenceConnectionError
  }
  const opens = async (given: string) => {
    await using store = await openStore(given)
    expect((await store.healthCheck()).ok).toBe(true)
  }
  const users = `CREATE DATABASE agents CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
    CREATE USER app@'%' IDENTIFIED BY 'hunter2'; GRANT ALL ON agents.* TO app@'%';
    CREATE USER safe@'%' IDENTIFIED BY 'hunter2' REQUIRE SSL; GRANT ALL ON agents.* TO safe@'%'`

  beforeAll(async () => {
    plain = await startMariadb(() => ({ 'skip-ssl': '1' }))
    await plain.query(users)
    server = await startMariadb((folder, own) => {
      authority = makeAuthority(folder)
      const { cert, key } = authority.sign('server', 'localhost')
      for (const file of [authority.path, cert, key]) own(file)
      return { 'ssl-ca': authority.path, 'ssl-cert': cert, 'ssl-key': key }
    })
    await server.query(users)
    present = async (label, hostName) => {
      for (const file of Object.values(authority.sign(label, hostName))) server.own(file)
      await server.query('FLUSH SSL')
    }
  }, 120_000)
  afterAll(async () => {
    await plain?.remove()
    await server?.remove()
  })

  test('a server without TLS: prefer does without, require says what to do', async () => {
    await opens(url('localhost', 'sslmode=prefer', { at: plain }))
    for (const mode of ['require', 'verify-ca', 'verify-full']) {
      const error = await refusal(url('localhost', `sslmode=${mode}`, { at: plain }))
      expect(error.retryable).toBe(false)
      expect(error.message).toMatch(/does not offer TLS; turn it on there, or do without by sslmode=disable/)
    }
  })

  test('require encrypts, verify-full believes the named authority and the name alone', async () => {
    const root = `sslrootcert=${encodeURIComponent(authority.path)}`
    await opens(url('localhost', 'sslmode=disable'))
    // The server lets this user in over TLS alone.
    for (const settings of ['sslmode=require', `sslmode=verify-ca&${root}`, `sslmode=verify-full&${root}`])
      await opens(url('localhost', settings, { user: 'safe' }))
    await opens(url('127.0.0.1', `sslmode=verify-ca&${root}`, { user: 'safe' }))

    const stranger = await refusal(url('localhost', 'sslmode=verify-full'))
    expect(stranger.retryable).toBe(false)
    expect(stranger.message).toMatch(/not trusted \([A-Z_]+\); name its authority with sslrootcert/)
    const address = await refusal(url('127.0.0.1', `sslmode=verify-full&${root}`))
    expect(address.retryable).toBe(false)
    expect(address.message).toMatch(/needs the name of the host/)
    expect((await refusal(url('localhost', 'sslmode=disable', { user: 'safe' }))).retryable).toBe(false)
  })

  test('a certificate for another name, and one of another authority, are refused', async () => {
    await present('server', 'db.example')
    const root = `sslrootcert=${encodeURIComponent(authority.path)}`
    expect((await refusal(url('localhost', `sslmode=verify-full&${root}`))).message).toMatch(/another name/)
    await opens(url('localhost', `sslmode=verify-ca&${root}`))
    const { cert } = authority.sign('stranger', 'localhost')
    const wrong = `sslrootcert=${encodeURIComponent(cert)}`
    for (const mode of ['require', 'verify-ca', 'verify-full']) {
      const error = await refusal(url('localhost', `sslmode=${mode}&${wrong}`))
      expect(error.retryable).toBe(false)
      expect(error.message).toMatch(/not trusted/)
    }
  })
})
