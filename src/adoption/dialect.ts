// What an engine's dialect of the migrations of earlier programs has to offer.

import type { MigrationSession } from '../engines/contract/schema.ts'
import type { AdoptionWriter } from './expressions.ts'

export interface AdoptionDialect {
  writer(now: Date): AdoptionWriter
  /** Makes what the statements call available to a session; called before any of them runs. */
  prepare(session: MigrationSession): Promise<void>
}
