// What an engine's SQL dialect provides for the adoption migrations.

import type { MigrationSession } from '../engines/contract/schema.ts'
import type { AdoptionWriter } from './expressions.ts'

export interface AdoptionDialect {
  writer(now: Date): AdoptionWriter
  /** Creates in a session whatever the statements call. Called before any of them runs. */
  prepare(session: MigrationSession): Promise<void>
}
