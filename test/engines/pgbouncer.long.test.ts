// P3: a pooler that has one connection to give. Whoever comes second waits for connectTimeout, and
// is told what for.

import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createBackend, openStore, PersistenceError, type Store } from '../../src/index.ts'
import { newSchemaName, onServer } from '../support/engines/postgres-schemas.ts'
import { serverUrl } from '../support/engines/server-url.ts'
import {
  findPrograms,
  freePort,
  makeServerFolder,
  type RunningServer,
  run,
} from '../support/server-programs.ts'

const CONNECT_TIMEOUT = 2000
/** A machine that does other things too. */
const SLACK = 4000

const programs = findPrograms('pgbouncer', '/usr/sbin')
const server = serverUrl('postgres')
const isHere = programs !== undefined && server !== undefined
if (!isHere) console.warn('NOT TESTED: a pooler before PostgreSQL: there is no pgbouncer, or no server')

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

describe.skipIf(!isHere)('P3: PgBouncer in session mode with a pool of one', () => {
  let pooler: RunningServer
  let port: number
  const schema = newSchemaName()
  const given = new URL(server ?? 'postgres://localhost/postgres')

  beforeAll(async () => {
    const { folder, owner, own } = makeServerFolder('postgres')
    port = await freePort()
    const database = decodeURIComponent(given.pathname.slice(1))
    const target = `host=${given.hostname} port=${given.port || 5432} user=${decodeURIComponent(given.username)}${given.password ? ` password=${decodeURIComponent(given.password)}` : ''}`
    const settings = [
      '[databases]',
      `${database} = ${target}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = any',
      'pool_mode = session',
      'default_pool_size = 1',
      'ignore_startup_parameters = extra_float_digits,options,search_path',
    ]
    const path = join(folder, 'pgbouncer.ini')
    writeFileSync(path, `${settings.join('\n')}\n`)
    own(path)
    const launch = () =>
      spawn(join(programs ?? '', 'pgbouncer'), ['-q', path], { cwd: folder, stdio: 'ignore', ...owner })
    pooler = await run(folder, launch, () => answers(port), 'SIGKILL')
    await (await openStore(`${server}?schema=${schema}`)).close()
  })
  afterAll(async () => {
    await pooler?.remove()
    if (server)
      await onServer(server, undefined, (client) => client.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`))
  })

  const through = (settings: string) =>
    `postgres://${given.username}@127.0.0.1:${port}${given.pathname}?schema=${schema}&connectTimeout=${CONNECT_TIMEOUT}${settings}`

  const calls: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
    status: async (store) => {
      await store.connect()
      return store.migrationStatus()
    },
    migrate: async (store) => {
      await store.connect()
      return store.migrate()
    },
    'a health check': (store) => store.connect().then(() => store.healthCheck()),
  }

  test.each(Object.entries(calls))(
    '%s ends in time while another store has it, and says what it waits for',
    async (_, call) => {
      await using first = await openStore(through('&poolMax=1'))
      await first.tasks.count()
      const second = createBackend({ url: through('&poolMax=1'), migrate: 'off' })
      const started = performance.now()
      const error = await call(second).catch((reason: unknown) => reason)
      expect(performance.now() - started).toBeLessThan(CONNECT_TIMEOUT + SLACK)
      expect(error).toBeInstanceOf(PersistenceError)
      expect(error).toMatchObject({
        retryable: true,
        message: expect.stringMatching(/connectTimeout \(2000 ms\).*pooler/),
      })
      await second.close()
    },
  )

  test('a store alone has what it needs with poolMax=1, and with more ends in time', async () => {
    await using store = await openStore(through('&poolMax=1'))
    await Promise.all([store.tasks.count(), store.plans.count(), store.messages.count()])
    await store.close()
    const wide = createBackend({ url: through('&poolMax=5'), migrate: 'off' })
    const started = performance.now()
    const outcomes = await wide
      .connect()
      .then(() =>
        Promise.allSettled([wide.migrate(), wide.tasks.count(), wide.plans.count(), wide.messages.count()]),
      )
    expect(performance.now() - started).toBeLessThan(2 * (CONNECT_TIMEOUT + SLACK))
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ message: expect.stringContaining('pooler') })
    await wide.close()
  })
})
