// What the schema driver of SQLite promises the runner: all or nothing, references checked before
// the commit, one at a time, and a connection that is as careful afterwards as it was before.

import { describe, expect, test } from 'vitest'
import type { Engine } from '../../src/index.ts'
import { driverError, observedEngine } from '../support/driver.ts'
import { scratchFile } from '../support/scratch.ts'

async function withEngine(work: (engine: Engine, calls: string[]) => Promise<void>): Promise<void> {
  const calls: string[] = []
  const engine = observedEngine(scratchFile(), ({ method, sql }) => calls.push(`${method} ${sql}`))
  await engine.connect()
  try {
    await engine.schema.exclusively(async (session) => {
      await session.execute('CREATE TABLE parent (id INTEGER PRIMARY KEY)')
      await session.execute(
        'CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (id))',
      )
      await session.execute('INSERT INTO parent VALUES (1)')
      await session.execute('INSERT INTO child VALUES (1, 1)')
    })
    await work(engine, calls)
  } finally {
    await engine.disconnect()
  }
}

const count = async (engine: Engine, table: string) =>
  Number((await engine.read({ sql: `SELECT count(*) FROM ${table}`, parameters: [] }))[0]?.[0])
const setting = async (engine: Engine, name: string) =>
  Number((await engine.read({ sql: `SELECT * FROM pragma_${name}`, parameters: [] }))[0]?.[0])

describe('a migration', () => {
  test('that would leave a reference to nothing is refused and taken back', () =>
    withEngine(async (engine) => {
      const work = engine.schema.exclusively((session) =>
        session.execute('INSERT INTO child VALUES (2, 7), (3, 8)'),
      )
      await expect(work).rejects.toMatchObject({
        code: 'MIGRATION_FAILED',
        message:
          'the migration would leave broken references: 2 rows of child refer to missing rows of parent',
        details: ['2 rows of child refer to missing rows of parent'],
      })
      expect(await count(engine, 'child')).toBe(1)
    }))

  test('may pass through a state with broken references', () =>
    withEngine(async (engine) => {
      await engine.schema.exclusively(async (session) => {
        await session.execute('DELETE FROM parent')
        await session.execute('INSERT INTO parent VALUES (1)')
      })
      expect(await count(engine, 'child')).toBe(1)
    }))

  test('that throws is taken back whole, its error unchanged when it is Purser’s', () =>
    withEngine(async (engine) => {
      const failing = (error: Error) =>
        engine.schema.exclusively(async (session) => {
          await session.execute('DROP TABLE child')
          throw error
        })
      await expect(failing(driverError('SQLITE_FULL'))).rejects.toMatchObject({
        code: 'QUERY_FAILED',
        cause: { code: 'SQLITE_FULL' },
      })
      await expect(failing(new Error('plain'))).rejects.toMatchObject({
        code: 'QUERY_FAILED',
        cause: { message: 'plain' },
      })
      expect(await count(engine, 'child')).toBe(1)
    }))

  test('leaves references guarded and views checked, whether it went well or not', () =>
    withEngine(async (engine) => {
      for (const sql of ['SELECT 1', 'SELECT nonsense']) {
        await engine.schema.exclusively((session) => session.execute(sql)).catch(() => undefined)
        expect(await setting(engine, 'foreign_keys')).toBe(1)
        expect(await setting(engine, 'legacy_alter_table')).toBe(0)
      }
      const outcomes = await engine.writeSet([
        { kind: 'execute', query: { sql: 'INSERT INTO child VALUES (9, 9)', parameters: [] } },
      ])
      expect(outcomes).toMatchObject([
        { kind: 'failed', error: { code: 'CONSTRAINT_VIOLATION', constraint: 'foreign key' } },
      ])
    }))

  test('goes one at a time: two that are started together do not mix', () =>
    withEngine(async (engine) => {
      const order: string[] = []
      const run = (name: string) =>
        engine.schema.exclusively(async (session) => {
          order.push(`${name} begins`)
          await session.execute(`INSERT INTO parent VALUES (${name === 'a' ? 10 : 11})`)
          await new Promise((resolve) => setImmediate(resolve))
          order.push(`${name} ends`)
        })
      await Promise.all([run('a'), run('b')])
      expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
      expect(await count(engine, 'parent')).toBe(3)
    }))

  test('writes of the store wait for it, and go on after it', () =>
    withEngine(async (engine) => {
      let write: Promise<unknown> | undefined
      await engine.schema.exclusively(async (session) => {
        const insert = { sql: 'INSERT INTO parent VALUES (20)', parameters: [] }
        write = engine.writeSet([{ kind: 'execute', query: insert }])
        await new Promise((resolve) => setImmediate(resolve))
        expect((await session.read({ sql: 'SELECT count(*) FROM parent', parameters: [] }))[0]?.[0]).toBe(1n)
      })
      expect(await write).toEqual([{ kind: 'executed', count: 1 }])
      expect(await count(engine, 'parent')).toBe(2)
    }))
})

test('introspection names tables, columns, keys, references, checks, indexes and triggers as they are', () =>
  withEngine(async (engine) => {
    await engine.schema.exclusively(async (session) => {
      await session.execute(
        `CREATE TABLE "odd" ("a" TEXT NOT NULL DEFAULT 'it''s (odd)', b INTEGER, c TEXT CHECK ( "c"  IN ('x)', 'y') ), d TEXT GENERATED ALWAYS AS (upper(a)) VIRTUAL, PRIMARY KEY (b, a)) WITHOUT ROWID`,
      )
      await session.execute('CREATE UNIQUE INDEX odd_c ON odd ("c", d)  WHERE  "c" IS NOT NULL')
      await session.execute('CREATE TRIGGER odd_t AFTER INSERT ON odd BEGIN SELECT   1; END')
      await session.execute('CREATE VIEW looking AS SELECT a FROM odd')
    })
    const { tables, layoutMark } = await engine.schema.introspect()
    expect(layoutMark).toBe(0)
    expect(tables.map((table) => table.name)).toEqual(['child', 'looking', 'odd', 'parent'])
    expect(tables.find((table) => table.name === 'odd')).toEqual({
      name: 'odd',
      options: ['without rowid'],
      columns: [
        {
          name: 'a',
          type: 'TEXT',
          nullable: false,
          default: "'it''s (odd)'",
          keyPosition: 2,
          generated: null,
        },
        { name: 'b', type: 'INTEGER', nullable: false, default: null, keyPosition: 1, generated: null },
        { name: 'c', type: 'TEXT', nullable: true, default: null, keyPosition: 0, generated: null },
        { name: 'd', type: 'TEXT', nullable: true, default: null, keyPosition: 0, generated: 'upper(a)' },
      ],
      foreignKeys: [],
      indexes: [{ name: 'odd_c', columns: ['c', 'd'], unique: true, where: 'c IS NOT NULL' }],
      checks: ["c IN('x)','y')"],
      triggers: [
        { name: 'odd_t', definition: 'CREATE TRIGGER odd_t AFTER INSERT ON odd BEGIN SELECT 1; END' },
      ],
    })
    expect(tables.find((table) => table.name === 'child')?.foreignKeys).toEqual([
      {
        columns: ['parent'],
        table: 'parent',
        referenced: ['id'],
        onDelete: 'no action',
        onUpdate: 'no action',
      },
    ])
  }))
