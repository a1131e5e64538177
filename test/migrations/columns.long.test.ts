// Columns that a migration adds to a table: it is then the table that a new database would have,
// its rows have the defaults, and dropping the columns leaves what was there before.

import { expect, test } from 'vitest'
import type { ColumnSpec, MigrationStatement, TableSpec } from '../../src/engines/contract/schema.ts'
import type { Engine } from '../../src/index.ts'
import { observedEngine } from '../support/driver.ts'
import { describeOnServers, engineAt } from '../support/engines/servers.ts'
import { scratchFile } from '../support/scratch.ts'

const table: TableSpec = {
  name: 'shelves',
  columns: [
    { name: 'id', type: 'id' },
    { name: 'place', type: 'integer', default: { number: '1' } },
  ],
  primaryKey: ['id'],
}
const added: readonly ColumnSpec[] = [
  { name: 'label', type: 'text', nullable: true },
  { name: 'books', type: 'json', default: '[]' },
  { name: 'seen_at', type: 'instant', nullable: true },
  { name: 'uses', type: 'integer', default: { number: '0' } },
  {
    name: 'state',
    type: 'name',
    default: 'open',
    oneOf: { name: 'shelves_state', values: ['open', 'shut'] },
  },
]

async function run(engine: Engine, statements: readonly MigrationStatement[]): Promise<void> {
  await engine.schema.exclusively(async (session) => {
    for (const { sql } of statements) await session.execute(sql)
  })
}

async function shelvesIn(engine: Engine) {
  const { tables } = await engine.schema.introspect()
  return tables.find(({ name }) => name === table.name)
}

async function addAndDrop(engine: Engine): Promise<void> {
  const writer = engine.schema.writer(new Date(0))
  await engine.connect()
  try {
    await run(engine, writer.createTable({ ...table, columns: [...table.columns, ...added] }))
    const whole = await shelvesIn(engine)
    await run(engine, writer.dropTable(table.name))
    await run(engine, writer.createTable(table))
    const before = await shelvesIn(engine)
    await run(engine, [writer.run('a row', `INSERT INTO shelves (id) VALUES ('a')`)])

    await run(engine, writer.addColumns(table, added))
    expect(await shelvesIn(engine)).toEqual(whole)
    const sql = 'SELECT id, label, books, uses, state FROM shelves'
    const [row = []] = await engine.read({ sql, parameters: [] })
    expect(row.map((value) => (typeof value === 'bigint' ? Number(value) : value)).map(String)).toEqual(
      ['a', null, '[]', 0, 'open'].map(String),
    )
    await run(engine, writer.dropColumns(table.name, added))
    expect(await shelvesIn(engine)).toEqual(before)
  } finally {
    await engine.disconnect()
  }
}

test('columns are added and dropped in a file', () => addAndDrop(observedEngine(scratchFile(), () => {})))

describeOnServers('columns', (places) => {
  test('are added and dropped', async () => {
    const place = await places.create()
    await addAndDrop(engineAt(places.engine, places.urlOf(place)))
  })
})
