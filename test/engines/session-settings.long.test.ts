// Servers whose defaults change what statements mean: a MariaDB of the test's own, and a database
// of PostgreSQL, with settings under which writes stay uncommitted, results are cut short and NULL
// becomes a text. A store works as on any other.

import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newCost, newEntry, newMessage, newPlan, newTask } from '../../src/conformance/support/samples.ts'
import { sessionVariables } from '../../src/engines/mariadb/session-settings.ts'
import { sessionSettings } from '../../src/engines/postgres/session-settings.ts'
import { openStore, type Store } from '../../src/index.ts'
import { startChild } from '../support/child-process.ts'
import { newName, onMariadb, rowsOf } from '../support/engines/mariadb-databases.ts'
import { onServer } from '../support/engines/postgres-schemas.ts'
import { type PrivateServer, startPrivateMariadb } from '../support/engines/private-servers.ts'
import { serverUrl } from '../support/engines/server-url.ts'
import { engineAt, placesAt } from '../support/engines/servers.ts'
import { mariadbDefaults, postgresDefaults, spoilMariadb } from '../support/engines/worst-settings.ts'

const limits = { statementTimeout: 30_000, lockTimeout: 5000 }
/** More than `sql_select_limit` lets through. */
const MANY = 12

/** What every limit on rows would cut, and what every change of meaning would spoil. */
async function expectWholeResults(store: Store): Promise<void> {
  const root = await store.plans.create(newPlan())
  const parents = [root.planId]
  for (let index = 1; index < MANY; index += 1) {
    const parentPlanId = parents[index >> 1] ?? root.planId
    const { planId } = await store.plans.create(newPlan({ parentPlanId }))
    parents.push(planId)
    await store.costRecords.append(newCost({ agentId: `agent-${index}`, planId, cost: '0.5' }))
    await store.messages.append(newMessage({ content: `word ${index}` }))
  }
  expect((await store.plans.tree(root.planId))?.nodes.size).toBe(MANY)
  expect((await store.plans.cost(root.planId, { tree: true })).cost).toBe(String((MANY - 1) / 2))
  expect(await store.costRecords.aggregate({}, { by: ['agent'] })).toHaveLength(MANY - 1)
  expect((await store.messages.search('word')).items).toHaveLength(MANY - 1)
  const listed: string[] = []
  for await (const { planId } of store.plans.each()) listed.push(planId)
  expect(listed.sort()).toEqual([...parents].sort())
  expect(await store.audit.verify()).toMatchObject({ ok: true })
  expect((await store.doctor()).ok).toBe(true)
}

describe.skipIf(serverUrl('mariadb') === undefined)('a MariaDB with other defaults', () => {
  let server: PrivateServer | undefined
  beforeAll(async () => {
    server = await startPrivateMariadb()
    if (server === undefined && process.env.CI)
      throw new Error('there are no programs to start a MariaDB with, and CI is set')
    if (server === undefined) return
    await spoilMariadb(server.url)
  })
  afterAll(() => server?.stop())
  const testOn = (title: string, work: (url: string, server: string) => Promise<void>) =>
    test(title, async (context) => {
      if (!server) return context.skip('there are no programs to start a MariaDB with')
      const places = placesAt('mariadb', server.url)
      await work(places.urlOf(await places.create(), { poolMax: 1, ...limits }), server.url)
    })

  testOn('L2: single appends after a transaction outlive the process that wrote them', async (url) => {
    await using store = await openStore(url)
    const child = startChild('after-transaction', [url, 20])
    await child.lineCount(21)
    child.kill()
    await child.ended
    const idsOf = (kind: string) =>
      child.lines.flatMap((line) => (line.startsWith(`${kind} `) ? [line.slice(kind.length + 1)] : []))
    expect([...(await store.tasks.getMany(idsOf('task'))).keys()]).toHaveLength(1)
    const there: string[] = []
    for await (const { id } of store.costRecords.each()) there.push(id)
    expect(there.sort()).toEqual(idsOf('cost').sort())
    expect(there).toHaveLength(20)
  })

  testOn('L3: it migrates, and trees, totals, lists and searches are whole', async (url) => {
    await using store = await openStore(url)
    await expectWholeResults(store)
    await using again = await openStore(url)
    expect(await again.migrationStatus()).toEqual(await store.migrationStatus())
    expect(await again.plans.count()).toBe(MANY)
  })

  testOn('L3: no variable that is set keeps what the server gives', async (url, serverOfOwn) => {
    const names = Object.keys(sessionVariables(limits))
    const variables = `SELECT ${names.map((name) => `@@session.${name}`).join(', ')}`
    const engine = engineAt('mariadb', url)
    await engine.connect()
    const [found] = await engine.read({ sql: variables, parameters: [] }).finally(() => engine.disconnect())
    const shared = engineAt('mariadb', await otherDatabase())
    await shared.connect()
    const [usual] = await shared.read({ sql: variables, parameters: [] }).finally(() => shared.disconnect())
    expect(found).toEqual(usual)
    const [given] = await onMariadb(serverOfOwn, undefined, (connection) =>
      rowsOf(connection, `SELECT ${names.map((name) => `@@global.${name}`).join(', ')}`),
    )
    const kept = Object.keys(mariadbDefaults).filter((name) => {
      const place = names.indexOf(name)
      return String(given?.[place]) === String(found?.[place])
    })
    expect(kept).toEqual([])
  })

  /** An existing database on the server of the run, whose defaults are the usual ones. */
  const otherDatabase = async () => {
    const url = new URL(serverUrl('mariadb') ?? '')
    for (const [name, value] of Object.entries(limits)) url.searchParams.set(name, String(value))
    return url.href
  }
})

const shared = serverUrl('postgres')

describe.skipIf(shared === undefined)('a database of PostgreSQL with other defaults', () => {
  const database = newName()
  const url = new URL(shared ?? 'postgres://localhost')
  url.pathname = `/${database}`
  const own = url.href
  for (const [name, value] of Object.entries(limits)) url.searchParams.set(name, String(value))
  beforeAll(() =>
    onServer(shared ?? '', undefined, async (client) => {
      await client.query(`CREATE DATABASE ${database} ENCODING 'UTF8' TEMPLATE template0`)
      for (const [name, value] of Object.entries(postgresDefaults))
        await client.query(`ALTER DATABASE ${database} SET ${name} = '${value}'`)
    }),
  )
  afterAll(() =>
    onServer(shared ?? '', undefined, async (client) => {
      await client.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`)
    }),
  )

  /** In a schema of its own. */
  const openOwn = () => openStore(`${url.href}&schema=s${randomBytes(6).toString('hex')}`)

  test('L4: it migrates, NULL stays NULL, and the audit trail verifies', async () => {
    await using store = await openOwn()
    // At once, so that they are written as one set.
    const entries = await Promise.all([
      store.audit.append(newEntry()),
      store.audit.append(newEntry({ details: { why: 'NULL' } })),
    ])
    const tasks = await store.tasks.createMany([newTask({ description: 'NULL' }), newTask()])
    for (const task of tasks) {
      expect(await store.tasks.get(task.id)).toEqual(task)
      expect(task).toMatchObject({ assignedTo: null, planId: null })
    }
    const costs = await store.costRecords.appendMany([newCost({ taskId: null }), newCost({ taskId: 'NULL' })])
    for (const cost of costs) expect(await store.costRecords.get(cost.id)).toEqual(cost)
    for (const entry of entries) expect(await store.audit.get(entry.id)).toEqual(entry)
    expect(await store.audit.verify()).toMatchObject({ ok: true })
    await expectWholeResults(store)
  })

  test('L4: no setting that is set keeps what the database gives', async () => {
    const wanted = { ...sessionSettings(limits), synchronous_commit: 'on' }
    const names = Object.keys(wanted)
    // In the units of the settings; those of a language are listed once it is used.
    const raw = (name: string) =>
      `coalesce((SELECT setting FROM pg_settings WHERE name = '${name}'), current_setting('${name}', true))`
    const sql = `SELECT ${names.map(raw).join(', ')}`
    const engine = engineAt('postgres', url.href)
    await engine.connect()
    const [found] = await engine.read({ sql, parameters: [] }).finally(() => engine.disconnect())
    expect(Object.fromEntries(names.map((name, index) => [name, found?.[index]]))).toEqual(wanted)
    const given = await onServer(own, undefined, (client) => client.query({ text: sql, rowMode: 'array' }))
    const before = given.rows[0] as readonly unknown[]
    const kept = Object.keys(postgresDefaults).filter(
      (name) => before[names.indexOf(name)] === found?.[names.indexOf(name)],
    )
    expect(kept).toEqual([])
  })
})
