// A migration of an earlier program's database: like any other, but with a larger vocabulary.

import type { Migration } from '../migrations/migration.ts'
import type { AdoptionWriter } from './expressions.ts'

export type AdoptionMigration = Migration<AdoptionWriter>
