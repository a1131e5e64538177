// The registry entry of this record.

import { recordEntry } from '../entry.ts'
import { planDefinition } from './definition.ts'
import { planFilters } from './filter.ts'
import { PlanRepository } from './repository.ts'

export const planEntry = recordEntry({
  definition: planDefinition,
  property: 'plans',
  repository: PlanRepository,
  filters: planFilters,
})
