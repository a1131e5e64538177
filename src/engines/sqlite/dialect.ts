// Builds and compiles statements in SQLite's dialect, and never runs one: running is connection.ts's business.

import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'

// biome-ignore lint/suspicious/noExplicitAny: tables are known to the record definitions, not to Kysely's types
export const builder: Kysely<any> = new Kysely({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
})
