// The layouts of the two ancestors. On an ancestor's database the runner adopts the existing tables
// (plan-adoption.ts) and creates only what is missing; on an empty database it runs these
// statements.

import { LEDGER } from '../migrations/ledger.ts'
import type { AdoptionMigration } from './migration.ts'
import { createBaseline } from './plan-adoption.ts'

export const baseline: AdoptionMigration = {
  version: 1,
  name: 'baseline',
  breaking: false,
  up: createBaseline,
  // Below the first version Purser has nothing but the ledger; the runner never goes there.
  down: (writer) => writer.dropTable(LEDGER),
}
