// The registry entry of this record.

import { recordEntry } from '../entry.ts'
import { planCheckpointDefinition } from './definition.ts'
import { PlanCheckpointRepository } from './repository.ts'
import { planCheckpointFilters } from './summaries.ts'

export const planCheckpointEntry = recordEntry({
  definition: planCheckpointDefinition,
  property: 'planCheckpoints',
  repository: PlanCheckpointRepository,
  filters: planCheckpointFilters,
})
