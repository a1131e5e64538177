// Checks before migrating down: what the older layouts cannot store, and which references will be
// dangling again.

import type { MigrationSession } from '../engines/contract/schema.ts'
import { MigrationError } from '../errors.ts'
import type { BoundMigration } from './load-migrations.ts'

/**
 * Checks every migration before the first is reverted, so that one error names everything that
 * would be lost.
 */
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

/** Announces to the session which references of the ancestor's rows will be dangling again. */
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
