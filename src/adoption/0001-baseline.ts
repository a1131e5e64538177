// The layouts of the two ancestors. On a database of theirs the runner adopts what is there (adoption.ts) and creates only
// what is missing; on an empty one it runs these statements.

import { LEDGER } from '../migrations/ledger.ts'
import type { AdoptionMigration } from './migration.ts'
import { createBaseline } from './plan-adoption.ts'

export const baseline: AdoptionMigration = {
  version: 1,
  name: 'baseline',
  breaking: false,
  up: createBaseline,
  // Below the first version there is nothing of Purser's but the ledger; the runner never goes there.
  down: (writer) => writer.dropTable(LEDGER),
}
