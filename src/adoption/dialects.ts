// The SQL dialects that render the adoption migrations. Loaded only for a database that has to run
// such a migration, up or down.

import type { Engine } from '../engines/contract/engine.ts'
import { MigrationError } from '../errors.ts'
import type { AdoptionDialect } from './dialect.ts'

const dialects: Readonly<Record<string, () => Promise<{ readonly dialect: AdoptionDialect }>>> = {
  sqlite: () => import('./sqlite/dialect.ts'),
  postgres: () => import('./postgres/dialect.ts'),
  mariadb: () => import('./mariadb/dialect.ts'),
}

/** @throws MigrationError for an engine that cannot adopt such databases */
export async function dialectOf(engine: Engine): Promise<AdoptionDialect> {
  const load = dialects[engine.schema.adoption?.dialect ?? '']
  if (!load) {
    throw new MigrationError(
      `the engine ${engine.name} has no migrations for databases of earlier programs; versions 1 to 6 exist on other engines only`,
    )
  }
  return (await load()).dialect
}
