// Rows about reading: one record by id, and lists and totals that must not slow down as a table
// grows.

import { type CostRecord, costRecordDefinition, openStore, type Store, taskDefinition } from '../src/index.ts'
import { newTasks } from './inputs.ts'
import { perOperation, takeTurns } from './measure.ts'
import { openRaw } from './raw.ts'
import type { Row } from './row.ts'

export async function* readRows(folder: string): AsyncGenerator<Row> {
  yield await getById(`${folder}/get.db`)
  yield* await growing(folder)
}

async function getById(path: string): Promise<Row> {
  await using store = await openStore(`sqlite:${path}`)
  const inputs = newTasks(5000)
  await store.tasks.createMany(inputs)
  const ids = inputs.map((input) => input.id)
  const raw = openRaw(path)
  const { columns, table } = taskDefinition.shape
  const statement = raw.prepare(
    `SELECT ${columns.map((column) => `"${column}"`).join(', ')} FROM ${table} WHERE id = ?`,
  )
  const measured = await takeTurns(15, async () => ({
    ours: await perOperation(ids.length, async () => {
      for (const id of ids) await store.tasks.get(id)
    }),
    raw: await perOperation(ids.length, () => {
      for (const id of ids) statement.get(id)
    }),
  }))
  raw.close()
  return {
    workload: 'tasks.get by id, against a bare row',
    unit: 'µs',
    target: { kind: 'at least', ratio: 0.5 },
    ...measured,
  }
}

const small = 1000
const large = 1_000_000

/** The same call on few rows and on a million: the ratio is small / large. */
async function* growing(folder: string): AsyncGenerator<Row> {
  await using few = await filled(`${folder}/few.db`, small)
  await using many = await filled(`${folder}/many.db`, large)
  const compare = async (
    workload: string,
    calls: number,
    call: (store: Store) => Promise<unknown>,
  ): Promise<Row> => {
    const time = (store: Store) =>
      perOperation(calls, async () => {
        for (let index = 0; index < calls; index += 1) await call(store)
      })
    const measured = await takeTurns(15, async () => ({ ours: await time(many), raw: await time(few) }))
    return { workload, unit: 'µs', target: { kind: 'at least', ratio: 0.5 }, ...measured }
  }
  yield await compare('messages.history, last 50 of 1,000,000, against 1,000', 100, (store) =>
    store.messages.history('channel', { limit: 50 }),
  )
  yield await compare('costRecords.aggregate of an agent after 1,000,000, against 1,000', 300, (store) =>
    store.costRecords.aggregate({ agentId: 'agent-1' } satisfies Partial<CostRecord>),
  )
}

/**
 * A store with this many messages on one channel and as many cost records, filled by SQL for speed;
 * triggers run as usual.
 */
async function filled(path: string, rows: number): Promise<Store> {
  const store = await openStore(`sqlite:${path}`)
  const raw = openRaw(path)
  raw.pragma('synchronous = off')
  const count = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})`
  const time = "strftime('%Y-%m-%dT%H:%M:%S', 1700000000 + i / 10, 'unixepoch') || printf('.%03dZ', i % 10)"
  raw.exec(`INSERT INTO messages (id, timestamp, sender, "to", channel, type, content) ${count}
    SELECT printf('%026d', i), ${time}, 'agent-' || (i % 7), 'agent-' || (i % 5), 'channel', 'task_update', 'message number ' || i FROM n`)
  raw.exec(`INSERT INTO ${costRecordDefinition.shape.table} (id, agent_id, task_id, provider, model, input_tokens, output_tokens, cost, timestamp) ${count}
    SELECT printf('%026d', i), 'agent-' || (i % 7), 'task-' || (i / 3), 'acme', 'large-' || (i % 3), 1200, 80, 1309000, ${time} FROM n`)
  raw.close()
  return store
}
