// Rows about MariaDB: 64 callers of the store against a pool that runs one statement per call, and
// against a handwritten statement that inserts 64 rows at once; all on one server and the same
// tables. Without a server there are no rows.

import mysql, { type Pool } from 'mysql2/promise'
import { codec } from '../src/engines/mariadb/codec.ts'
import { openStore, type Store, taskDefinition } from '../src/index.ts'
import { createCodec } from '../src/records/model/record-codec.ts'
import { changeRows } from './changes.ts'
import { newTasks } from './inputs.ts'
import { perOperation, takeBoundedTurns, takeTurns, withCallers } from './measure.ts'
import type { Row } from './row.ts'
import { taskLinkRows } from './task-links.ts'

const server = process.env.PURSER_TEST_MARIADB_URL ?? 'mariadb://root@127.0.0.1/mysql'
const CALLERS = 64
const tasks = createCodec(taskDefinition, codec, () => undefined)
const { columns, table } = taskDefinition.shape
const names = columns.map((column) => `\`${column}\``).join(', ')
const places = `(${columns.map(() => '?').join(', ')})`

/** The rows that the store would write. */
function rowsOf(count: number): (string | null)[][] {
  const now = new Date()
  return newTasks(count).map((input) =>
    tasks
      .encode({ ...taskDefinition.parseNew(input), createdAt: now, updatedAt: now, version: 1 })
      .map((value) => (value === null ? null : String(value))),
  )
}

export async function* mariadbRows(): AsyncGenerator<Row> {
  const database = `purser_bench_${process.pid}`
  const { hostname, port, username, password } = new URL(server)
  const options = { host: hostname, port: Number(port || 3306), user: username, password, charset: 'utf8mb4' }
  const admin = await mysql.createConnection(options).catch(() => undefined)
  if (!admin) {
    process.stderr.write('no MariaDB answers: its rows are left out\n')
    return
  }
  await admin.query(`CREATE DATABASE ${database} CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin`)
  const pool = mysql.createPool({ ...options, database, connectionLimit: 10 })
  const url = new URL(server)
  url.pathname = `/${database}`
  const store = await openStore(url.href)
  try {
    yield* rows(store, pool)
    yield* taskLinkRows('MariaDB', store)
    await using without = await openStore({ url: url.href, changes: false })
    yield* changeRows('MariaDB', store, without)
  } finally {
    await store.close()
    await pool.end()
    await admin.query(`DROP DATABASE ${database}`)
    await admin.end()
  }
}

async function* rows(store: Store, pool: Pool): AsyncGenerator<Row> {
  const ours = (count: number) => {
    const inputs = newTasks(count)
    return perOperation(count, () =>
      withCallers(CALLERS, count, (index) => store.tasks.create(inputs[index] as (typeof inputs)[number])),
    )
  }
  const one = `INSERT INTO ${table} (${names}) VALUES ${places}`
  const each = (count: number) => {
    const given = rowsOf(count)
    return perOperation(count, () =>
      withCallers(CALLERS, count, (index) => pool.execute(one, given[index] as (string | null)[])),
    )
  }
  const many = `INSERT INTO ${table} (${names}) VALUES ${Array(CALLERS).fill(places).join(', ')}`
  const connection = await pool.getConnection()
  const sets = (count: number) => {
    const given = rowsOf(count)
    return perOperation(count, async () => {
      for (let start = 0; start < count; start += CALLERS)
        await connection.execute(many, given.slice(start, start + CALLERS).flat())
    })
  }
  const { overRaw, overHand, bound } = await takeBoundedTurns(7, async () => ({
    ours: await ours(6400),
    raw: await each(1280),
    byHand: await sets(6400),
  }))
  yield {
    workload: 'MariaDB: tasks.create, 64 callers, against a pool of one statement a call',
    unit: 'µs',
    target: { kind: 'at least', ratio: 5, bound },
    ...overRaw,
  }
  yield {
    workload: 'MariaDB: tasks.create, 64 callers, against 64 rows a statement',
    unit: 'µs',
    target: { kind: 'none' },
    ...overHand,
  }
  connection.release()
  const { items } = await store.tasks.list({}, { limit: 1000 })
  const id = (index: number) => items[(index * 7919) % items.length]?.id ?? ''
  const select = `SELECT ${names} FROM ${table} WHERE id = ?`
  yield {
    workload: 'MariaDB: tasks.get, 64 callers, against a pool of one statement a call',
    unit: 'µs',
    target: { kind: 'none' },
    ...(await takeTurns(7, async () => ({
      ours: await perOperation(12_800, () =>
        withCallers(CALLERS, 12_800, (index) => store.tasks.get(id(index))),
      ),
      raw: await perOperation(3200, () =>
        withCallers(CALLERS, 3200, (index) => pool.execute(select, [id(index)])),
      ),
    }))),
  }
}
