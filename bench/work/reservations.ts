// Rows about budgets: 64 callers that reserve what a call will cost and settle it by its cost
// record, under one budget; against a program by hand on the raw driver that does so with one
// transaction for each call, a counter, and the same row of the cost record.

import { codec } from '../../src/engines/sqlite/codec.ts'
import { costRecordDefinition, newId, openStore, type Store } from '../../src/index.ts'
import { createCodec } from '../../src/records/model/record-codec.ts'
import { newCostRecords } from '../inputs.ts'
import { perOperation, takeTurns, withCallers } from '../measure.ts'
import { insertStatement, openRaw } from '../raw.ts'
import type { Row } from '../row.ts'

const CALLERS = 64
const BUDGET = 'everything'
const LIMIT = '1000000'
const ESTIMATE = '0.002'
/** Billionths of a unit, as the store keeps money. */
const UNIT = 1_000_000_000

export async function* reservationRows(folder: string): AsyncGenerator<Row> {
  await using store = await openStore(`sqlite:${folder}/reservations.db`)
  await store.budgets.create({ name: BUDGET, scope: 'everything', period: 'total', limit: LIMIT })
  const byHand = openByHand(`${folder}/reservations-raw.db`)
  yield {
    workload: `SQLite: reserve + settle, ${CALLERS} callers, one budget, against one transaction a call by hand`,
    unit: 'µs',
    target: { kind: 'at least', ratio: 5 },
    ...(await takeTurns(9, async () => ({
      ours: await reserveAndSettle(store, 1600),
      raw: await byHand.reserveAndSettle(400),
    }))),
  }
  byHand.close()
}

function reserveAndSettle(store: Store, count: number): Promise<number> {
  const costs = newCostRecords(count)
  return perOperation(count, () =>
    withCallers(CALLERS, count, async (index) => {
      const cost = costs[index] as (typeof costs)[number]
      const { id } = await store.budgets.reserve({ agentId: cost.agentId, estimate: ESTIMATE })
      await store.costRecords.append({ ...cost, reservationId: id })
    }),
  )
}

/** Two transactions for each cost: one holds the estimate, one puts the cost in its place. */
function openByHand(path: string) {
  const handle = openRaw(path)
  const { table, columns, key } = costRecordDefinition.shape
  const columnNames = columns.map((column) => `"${column}"`).join(', ')
  handle.exec(`CREATE TABLE ${table} (${columnNames}, PRIMARY KEY ("${key}"));
    CREATE TABLE budgets (name TEXT PRIMARY KEY, at_most INTEGER NOT NULL, spent INTEGER NOT NULL, held INTEGER NOT NULL);
    CREATE TABLE holds (id TEXT PRIMARY KEY, budget TEXT NOT NULL, amount INTEGER NOT NULL, expires_at INTEGER NOT NULL);`)
  handle.prepare('INSERT INTO budgets VALUES (?, ?, 0, 0)').run(BUDGET, Number(LIMIT) * UNIT)
  const hold = handle.prepare(
    'UPDATE budgets SET held = held + @amount WHERE name = @name AND spent + held + @amount <= at_most',
  )
  const remember = handle.prepare("INSERT INTO holds VALUES (?, ?, ?, unixepoch('subsec') * 1000 + 600000)")
  const forget = handle.prepare('DELETE FROM holds WHERE id = ? RETURNING budget, amount')
  const spend = handle.prepare('UPDATE budgets SET held = held - ?, spent = spent + ? WHERE name = ?')
  const insert = insertStatement(handle, costRecordDefinition)
  const reserve = handle.transaction((id: string, amount: number) => {
    if (hold.run({ name: BUDGET, amount }).changes === 0) throw new Error('the budget is exceeded')
    remember.run(id, BUDGET, amount)
  })
  const settle = handle.transaction((id: string, cost: number, row: readonly unknown[]) => {
    insert.run(...row)
    const held = forget.get(id) as { budget: string; amount: number }
    spend.run(held.amount, cost, held.budget)
  })
  const costRecords = createCodec(costRecordDefinition, codec, () => undefined)
  return {
    async reserveAndSettle(count: number): Promise<number> {
      const costs = newCostRecords(count).map((cost) => ({
        amount: Number(cost.cost) * UNIT,
        row: costRecords.encode({ ...costRecordDefinition.parseNew(cost), ...cost }),
      }))
      return perOperation(count, () => {
        for (const { amount, row } of costs) {
          const id = newId()
          reserve.immediate(id, Number(ESTIMATE) * UNIT)
          settle.immediate(id, Math.round(amount), row)
        }
      })
    },
    close: () => handle.close(),
  }
}
