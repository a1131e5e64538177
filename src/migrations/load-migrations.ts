// Loads migrations and binds them to an engine's dialect. Those for earlier programs' databases
// have a separate vocabulary, which is loaded only with them.

import type { Engine } from '../engines/contract/engine.ts'
import type { MigrationSession, MigrationStatement } from '../engines/contract/schema.ts'
import type { MigrationHead } from './chain.ts'
import type { Inspection, Loss, Migration, OpenReferences } from './migration.ts'

/** A migration whose statements are rendered for one engine and one instant. */
export interface BoundMigration extends MigrationHead {
  up(): readonly MigrationStatement[]
  down(): readonly MigrationStatement[]
  losses(): readonly Loss[]
  openReferences(): readonly OpenReferences[]
  /** Absent if the migration inspects nothing. */
  readonly inspect?:
    | ((inspection: Omit<Inspection, 'writer'>) => Promise<readonly MigrationStatement[]>)
    | undefined
}

export interface BoundMigrations {
  /** In the order of the heads. */
  readonly migrations: readonly BoundMigration[]
  /** Creates in a session whatever the statements call. Call it before any of them runs. */
  prepare(session: MigrationSession): Promise<void>
}

/** Loads the migrations of earlier programs' databases, on first use. */
export const loadAdoption = () => import('../adoption/index.ts')

/**
 * @throws MigrationError when one of them is for earlier programs' databases and no earlier program
 * used this engine
 */
export async function bindMigrations(
  engine: Engine,
  heads: readonly (MigrationHead | Migration)[],
  now: Date,
): Promise<BoundMigrations> {
  if (heads.every(isComplete)) {
    const writer = engine.schema.writer(now)
    return { migrations: heads.map((migration) => bind(migration, writer)), prepare: async () => {} }
  }
  const { adoptionMigrations, dialectOf } = await loadAdoption()
  const dialect = await dialectOf(engine)
  const writer = dialect.writer(now)
  const migrations = heads.flatMap((head) => {
    if (isComplete(head)) return [bind(head, writer)]
    return adoptionMigrations
      .filter(({ version }) => version === head.version)
      .map((one) => bind(one, writer))
  })
  return { migrations, prepare: (session) => dialect.prepare(session) }
}

function isComplete(head: MigrationHead | Migration): head is Migration {
  return 'up' in head
}

function bind<W extends Parameters<Migration['up']>[0]>(migration: Migration<W>, writer: W): BoundMigration {
  const { version, name, breaking, inspect } = migration
  return {
    version,
    name,
    breaking,
    up: () => migration.up(writer),
    down: () => migration.down(writer),
    losses: () => migration.losses?.(writer) ?? [],
    openReferences: () => migration.openReferences?.(writer) ?? [],
    inspect: inspect && ((inspection) => inspect({ ...inspection, writer })),
  }
}
