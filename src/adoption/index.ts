// The migrations that adopt the databases of two earlier programs, and the code that recognises
// those databases.

import { baseline } from './0001-baseline.ts'
import { findings } from './0002-findings.ts'
import { tasks } from './0003-tasks.ts'
import { costRecords } from './0004-cost-records.ts'
import { messages } from './0005-messages.ts'
import { plans } from './0006-plans.ts'
import type { AdoptionMigration } from './migration.ts'

export { recordTables } from './ancestor-layouts.ts'
export { dialectOf } from './dialects.ts'
export { planAdoption } from './plan-adoption.ts'

export const adoptionMigrations: readonly AdoptionMigration[] = [
  baseline,
  findings,
  tasks,
  costRecords,
  messages,
  plans,
]
