// The registry entry of this record.

import { recordEntry } from '../entry.ts'
import { correctionDefinition } from './definition.ts'
import { CorrectionRepository, correctionFilters } from './repository.ts'

export const correctionEntry = recordEntry({
  definition: correctionDefinition,
  property: 'corrections',
  repository: CorrectionRepository,
  filters: correctionFilters,
})
