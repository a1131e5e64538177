// TLS against a PostgreSQL of the test's own, with certificates of an authority of the test's own:
// what each sslmode takes and refuses.

import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore, PersistenceConnectionError } from '../../src/index.ts'
import { type Authority, hasOpenssl, makeAuthority } from '../support/certificates.ts'
import { serverUrl } from '../support/engines/server-url.ts'
import { hasPostgres, type PostgresProcess, startPostgres } from '../support/server-process.ts'

const isPossible = hasPostgres && hasOpenssl
if (!isPossible) console.warn('SKIPPED: TLS of PostgreSQL; this machine has no binaries of it, or no openssl')

const access =
  'local all all trust\nhostssl all safe 127.0.0.1/32 trust\nhost all postgres 127.0.0.1/32 trust\n'

describe.skipIf(serverUrl('postgres') === undefined || !isPossible)('TLS to a PostgreSQL', () => {
  let server: PostgresProcess
  let authority: Authority
  const url = (host: string, settings: string, user = 'postgres') =>
    `postgres://${user}:hunter2@${host}:${server.port}/postgres?schema=tls&${settings}`
  const refusal = async (given: string): Promise<PersistenceConnectionError> => {
    const error = await openStore(given).then(
      (store) => store.close().then(() => new Error('it was opened')),
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(PersistenceConnectionError)
    expect(inspect(error)).not.toContain('hunter2')
    return error as PersistenceConnectionError
  }
  /** Whether the sessions of a store are encrypted, as the server sees it. */
  const isEncrypted = async (given: string) => {
    await using store = await openStore(`${given}&applicationName=looked-at`)
    expect((await store.healthCheck()).ok).toBe(true)
    const rows = await server.query(
      "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'looked-at'",
    )
    return rows.map(([ssl]) => ssl)
  }
  const present = async (files: { readonly cert: string; readonly key: string }) => {
    server.own(files.cert)
    server.own(files.key)
    await server.query(`ALTER SYSTEM SET ssl_cert_file = '${files.cert}'`)
    await server.query(`ALTER SYSTEM SET ssl_key_file = '${files.key}'`)
    await server.query('ALTER SYSTEM SET ssl = on')
    await server.query('SELECT pg_reload_conf()')
    const deadline = performance.now() + 10_000
    const isThere = async () =>
      (await server.query('SHOW ssl_cert_file')).flat()[0] === files.cert &&
      (await server.query('SHOW ssl')).flat()[0] === 'on'
    while (!(await isThere()) && performance.now() < deadline)
      await new Promise((resolve) => setImmediate(resolve))
  }

  beforeAll(async () => {
    server = await startPostgres(() => ({}), { access })
    authority = makeAuthority(server.folder)
    await server.query('CREATE ROLE safe LOGIN SUPERUSER')
  }, 120_000)
  afterAll(() => server?.remove())

  test('a server without TLS: prefer does without, require says what to do', async () => {
    expect(await isEncrypted(url('localhost', 'sslmode=prefer'))).toEqual([false])
    for (const mode of ['require', 'verify-ca', 'verify-full']) {
      const error = await refusal(url('localhost', `sslmode=${mode}`))
      expect(error.retryable).toBe(false)
      expect(error.message).toMatch(/does not offer TLS; turn it on there, or do without by sslmode=disable/)
    }
  })

  test('require encrypts, verify-full believes the named authority and the name alone', async () => {
    await present(authority.sign('localhost', 'localhost'))
    const root = `sslrootcert=${encodeURIComponent(authority.path)}`
    expect(await isEncrypted(url('localhost', 'sslmode=disable'))).toEqual([false])
    expect(await isEncrypted(url('localhost', 'sslmode=require'))).toEqual([true])
    expect(await isEncrypted(url('localhost', 'sslmode=require', 'safe'))).toEqual([true])
    expect(await isEncrypted(url('localhost', `sslmode=verify-full&${root}`))).toEqual([true])
    expect(await isEncrypted(url('127.0.0.1', `sslmode=verify-ca&${root}`))).toEqual([true])

    const stranger = await refusal(url('localhost', 'sslmode=verify-full'))
    expect(stranger.retryable).toBe(false)
    expect(stranger.message).toMatch(/not trusted \([A-Z_]+\); name its authority with sslrootcert/)
    const elsewhere = await refusal(url('127.0.0.1', `sslmode=verify-full&${root}`))
    expect(elsewhere.retryable).toBe(false)
    expect(elsewhere.message).toMatch(/is for another name/)
    const plain = await refusal(url('localhost', 'sslmode=disable', 'safe'))
    expect(plain.retryable).toBe(false)
    expect(plain.message).toMatch(/does not let this user in from here/)
  })

  test('a certificate for another name, and one of another authority, are refused', async () => {
    await present(authority.sign('other', 'db.example'))
    const root = `sslrootcert=${encodeURIComponent(authority.path)}`
    expect((await refusal(url('localhost', `sslmode=verify-full&${root}`))).message).toMatch(/another name/)
    expect(await isEncrypted(url('localhost', `sslmode=verify-ca&${root}`))).toEqual([true])
    const { cert } = authority.sign('stranger', 'localhost')
    const wrong = `sslrootcert=${encodeURIComponent(cert)}`
    for (const mode of ['require', 'verify-ca', 'verify-full']) {
      const error = await refusal(url('localhost', `sslmode=${mode}&${wrong}`))
      expect(error.retryable).toBe(false)
      expect(error.message).toMatch(/not trusted/)
    }
  })
})
