// Rows about PostgreSQL: 64 callers of the store against a pool that runs one statement per call,
// and against a handwritten statement that inserts 64 rows at once; all on one server and the same
// tables. Without a server there are no rows.

import pg from 'pg'
import { codec } from '../src/engines/postgres/codec.ts'
import { openStore, type Store, taskDefinition } from '../src/index.ts'
import { createCodec } from '../src/records/model/record-codec.ts'
import { changeRows } from './changes.ts'
import { newTasks } from './inputs.ts'
import { perOperation, takeBoundedTurns, takeTurns, withCallers } from './measure.ts'
import type { Row } from './row.ts'
import { taskLinkRows } from './task-links.ts'

const server = process.env.PURSER_TEST_POSTGRES_URL ?? 'postgres://postgres@127.0.0.1/postgres'
const CALLERS = 64
const tasks = createCodec(taskDefinition, codec, () => undefined)
const { columns, kinds, table } = taskDefinition.shape
const names = columns.map((column) => `"${column}"`).join(', ')
const types = {
  text: 'text',
  integer: 'bigint',
  boolean: 'boolean',
  money: 'bigint',
  instant: 'timestamptz',
  json: 'text',
  bytes: 'bytea',
}

/** The rows that the store would write. */
function rowsOf(count: number): (readonly unknown[])[] {
  const now = new Date()
  return newTasks(count).map((input) =>
    tasks.encode({ ...taskDefinition.parseNew(input), createdAt: now, updatedAt: now, version: 1 }),
  )
}

export async function* postgresRows(): AsyncGenerator<Row> {
  const schema = `bench${process.pid}`
  const pool = new pg.Pool({ connectionString: server, max: 10, options: `-c search_path=${schema}` })
  const reachable = await pool.query('SELECT 1').then(
    () => true,
    () => false,
  )
  if (!reachable) {
    process.stderr.write('no PostgreSQL answers: its rows are left out\n')
    await pool.end()
    return
  }
  await using store = await openStore(`${server}?schema=${schema}`)
  try {
    yield* rows(store, pool)
    yield* taskLinkRows('PostgreSQL', store)
    await using without = await openStore({ url: `${server}?schema=${schema}`, changes: false })
    yield* changeRows('PostgreSQL', store, without)
  } finally {
    await pool.query(`DROP SCHEMA ${schema} CASCADE`)
    await pool.end()
  }
}

async function* rows(store: Store, pool: pg.Pool): AsyncGenerator<Row> {
  const ours = (count: number) => {
    const inputs = newTasks(count)
    return perOperation(count, () =>
      withCallers(CALLERS, count, (index) => store.tasks.create(inputs[index] as (typeof inputs)[number])),
    )
  }
  const one = `INSERT INTO ${table} (${names}) VALUES (${columns.map((_, index) => `$${index + 1}`).join(', ')})`
  const each = (count: number) => {
    const given = rowsOf(count)
    return perOperation(count, () =>
      withCallers(CALLERS, count, (index) =>
        pool.query({ name: 'one', text: one, values: [...(given[index] as readonly unknown[])] }),
      ),
    )
  }
  const arrays = kinds.map((kind, index) => `$${index + 1}::${types[kind]}[]`).join(', ')
  const many = `INSERT INTO ${table} (${names}) SELECT * FROM unnest(${arrays})`
  const client = await pool.connect()
  const sets = (count: number) => {
    const given = rowsOf(count)
    return perOperation(count, async () => {
      for (let start = 0; start < count; start += CALLERS) {
        const part = given.slice(start, start + CALLERS)
        const values = columns.map((_, column) => part.map((row) => row[column]))
        await client.query({ name: 'many', text: many, values })
      }
    })
  }
  const { overRaw, overHand, bound } = await takeBoundedTurns(7, async () => ({
    ours: await ours(6400),
    raw: await each(1280),
    byHand: await sets(6400),
  }))
  yield {
    workload: 'PostgreSQL: tasks.create, 64 callers, against a pool of one statement a call',
    unit: 'µs',
    target: { kind: 'at least', ratio: 6, bound },
    ...overRaw,
  }
  yield {
    workload: 'PostgreSQL: tasks.create, 64 callers, against 64 rows by unnest',
    unit: 'µs',
    target: { kind: 'at least', ratio: 0.7 },
    ...overHand,
  }
  client.release()
  const { items } = await store.tasks.list({}, { limit: 1000 })
  const id = (index: number) => items[(index * 7919) % items.length]?.id ?? ''
  const select = `SELECT ${names} FROM ${table} WHERE id = $1`
  yield {
    workload: 'PostgreSQL: tasks.get, 64 callers, against a pool of one statement a call',
    unit: 'µs',
    target: { kind: 'at least', ratio: 4 },
    ...(await takeTurns(7, async () => ({
      ours: await perOperation(12_800, () =>
        withCallers(CALLERS, 12_800, (index) => store.tasks.get(id(index))),
      ),
      raw: await perOperation(3200, () =>
        withCallers(CALLERS, 3200, (index) => pool.query({ name: 'get', text: select, values: [id(index)] })),
      ),
    }))),
  }
}
