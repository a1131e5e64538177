// What is asked before going down: what the older layouts have no place for, and which references will be open again.

import type { MigrationSession } from '../engines/contract/schema.ts'
import { MigrationError } from '../errors.ts'
import type { BoundMigration } from './load-migrations.ts'

/** Asks every migration before the first is reverted, so that one refusal names all there is to lose. */
export async function assertNothingLost(
  session: MigrationSession,
  target: number,
  migrations: readonly BoundMigration[],
): Promise<void> {
  const details: string[] = []
  for (const { what, count } of migrations.flatMap((migration) => migration.losses())) {
    const [row] = await session.read({ sql: count, parameters: [] })
    const lost = Number(row?.[0] ?? 0)
    if (lost > 0) details.push(`${what}: ${lost} ${lost === 1 ? 'row' : 'rows'}`)
  }
  if (details.length === 0) return
  throw new MigrationError(
    `going down to version ${target} would lose ${details.join(', ')}; nothing was changed. Repeat with --allow-data-loss to accept that`,
    { details },
  )
}

/** Tells the session which references of the ancestor's rows will be open again. */
export async function expectOpenReferences(
  session: MigrationSession,
  migrations: readonly BoundMigration[],
): Promise<void> {
  for (const migration of migrations) {
    for (const { table, column, count } of migration.openReferences()) {
      const [row] = await session.read({ sql: count, parameters: [] })
      session.expectOpenReferences({ table, column, rows: Number(row?.[0] ?? 0) })
    }
  }
}
