// References are checked where a migration touched them: however a reference is broken, the
// migration is refused, and what was broken before, or is broken elsewhere, does not stop it.

import { describe, expect, test } from 'vitest'
import { dialect } from '../../src/adoption/sqlite/dialect.ts'
import { createSqliteEngine } from '../../src/engines/sqlite/index.ts'
import type { Engine } from '../../src/index.ts'
import { withDatabase } from '../support/database-content.ts'
import { sqliteDefaults } from '../support/driver.ts'
import { scratchFile } from '../support/scratch.ts'

const layout = `
CREATE TABLE port (id TEXT PRIMARY KEY, sister TEXT REFERENCES port (id));
CREATE TABLE "a ship" (id TEXT PRIMARY KEY, home TEXT REFERENCES port (id), last TEXT REFERENCES port (id));
CREATE TABLE log (line TEXT);
CREATE TABLE harbour_pilot (id TEXT PRIMARY KEY, port TEXT REFERENCES port (id));
INSERT INTO port VALUES ('riga', NULL), ('turku', 'riga');
INSERT INTO "a ship" VALUES ('one', 'riga', 'turku');
INSERT INTO harbour_pilot VALUES ('p', 'turku');
`

async function onFile(work: (engine: Engine, path: string) => Promise<void>, more = ''): Promise<void> {
  const path = scratchFile()
  withDatabase(path, (handle) => handle.exec(`PRAGMA foreign_keys = off; ${layout} ${more}`), false)
  const engine = createSqliteEngine({ ...sqliteDefaults, path })
  await engine.connect()
  try {
    await work(engine, path)
  } finally {
    await engine.disconnect()
  }
}

const migrate = (engine: Engine, ...statements: string[]) =>
  engine.schema.exclusively(async (session) => {
    for (const sql of statements) await session.execute(sql)
  })

/** Each breaks references of these tables. */
const ways: Readonly<Record<string, { statements: readonly string[]; of: readonly string[] }>> = {
  'an update': { statements: ['UPDATE "a ship" SET home = \'atlantis\''], of: ['a ship'] },
  'an insert': { statements: ["INSERT INTO port VALUES ('x', 'atlantis')"], of: ['port'] },
  'an insert that replaces': {
    statements: ["INSERT OR REPLACE INTO harbour_pilot VALUES ('p', 'atlantis')"],
    of: ['harbour_pilot'],
  },
  'a replace': { statements: ["REPLACE INTO harbour_pilot VALUES ('p', 'atlantis')"], of: ['harbour_pilot'] },
  'a delete of what is referred to': {
    statements: ["DELETE FROM port WHERE id = 'turku'"],
    of: ['a ship', 'harbour_pilot'],
  },
  'a delete with the schema named': {
    statements: ["DELETE FROM main.port WHERE id = 'turku'"],
    of: ['a ship', 'harbour_pilot'],
  },
  'a statement that begins with WITH': {
    statements: ["WITH gone AS (SELECT 'turku' AS id) DELETE FROM port WHERE id IN (SELECT id FROM gone)"],
    of: ['a ship', 'harbour_pilot'],
  },
  'a comment before it': {
    statements: ["/* why */ DELETE FROM port WHERE id = 'turku'"],
    of: ['a ship', 'harbour_pilot'],
  },
  'a trigger': {
    statements: ["CREATE TRIGGER sink AFTER INSERT ON log BEGIN DELETE FROM port WHERE id = 'turku'; END"],
    of: [],
  },
  'a table made anew with fewer rows': {
    statements: [
      'CREATE TABLE port__new (id TEXT PRIMARY KEY, sister TEXT REFERENCES port (id))',
      "INSERT INTO port__new SELECT * FROM port WHERE id = 'riga'",
      'DROP TABLE port',
      'ALTER TABLE port__new RENAME TO port',
    ],
    of: ['a ship', 'harbour_pilot'],
  },
  'a table that is dropped': { statements: ['DROP TABLE port'], of: ['a ship', 'harbour_pilot'] },
}

describe.each(Object.entries(ways))('%s', (_, { statements, of }) => {
  test('is caught', () =>
    onFile(async (engine) => {
      const run = migrate(engine, ...statements)
      if (of.length === 0) return expect(run).resolves.toBeUndefined()
      const error = (await run.catch((reason: unknown) => reason)) as Error & { details: string[] }
      expect(error.message).toContain('the migration would leave broken references')
      const named = error.details.map((line) => /rows of (.*) refer/.exec(line)?.[1])
      expect([...new Set(named)]).toEqual(of)
    }))
})

test('what a trigger of another table does is caught', () =>
  onFile(async (engine) => {
    await expect(migrate(engine, "INSERT INTO log VALUES ('x')")).rejects.toMatchObject({
      details: [
        '1 rows of a ship refer to missing rows of port',
        '1 rows of harbour_pilot refer to missing rows of port',
      ],
    })
  }, "CREATE TRIGGER sink AFTER INSERT ON log BEGIN DELETE FROM port WHERE id = 'turku'; END;"))

test('what was broken before stops nothing, and what another process breaks in between is not blamed on the next', () =>
  onFile(async (engine, path) => {
    await migrate(engine, "INSERT INTO log VALUES ('x')")
    withDatabase(
      path,
      (handle) => {
        handle.pragma('foreign_keys = off')
        handle.exec("UPDATE harbour_pilot SET port = 'atlantis'")
      },
      false,
    )
    await migrate(engine, "INSERT INTO port VALUES ('visby', 'riga')")
    await migrate(engine, "UPDATE harbour_pilot SET id = 'q'")
    await expect(migrate(engine, "INSERT INTO harbour_pilot VALUES ('r', 'atlantis')")).rejects.toMatchObject(
      {
        details: ['2 rows of harbour_pilot refer to missing rows of port'],
      },
    )
    await migrate(engine, "INSERT INTO harbour_pilot VALUES ('r', 'visby')")
  }))

test('a table that is renamed takes its broken references with it', () =>
  onFile(async (engine) => {
    const rename = dialect.writer(new Date()).renameTable('port', 'haven')
    await migrate(engine, ...rename.map(({ sql }) => sql))
    const keys = await engine.read({
      sql: `SELECT "table", "from" FROM pragma_foreign_key_list('a ship') ORDER BY 2`,
      parameters: [],
    })
    expect(keys).toEqual([
      ['haven', 'home'],
      ['haven', 'last'],
    ])
  }, "INSERT INTO \"a ship\" VALUES ('two', 'atlantis', NULL);"))
