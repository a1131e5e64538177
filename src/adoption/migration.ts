// What a migration of an earlier program's database is: as any other, in a larger vocabulary.

import type { Migration } from '../migrations/migration.ts'
import type { AdoptionWriter } from './expressions.ts'

export type AdoptionMigration = Migration<AdoptionWriter>
