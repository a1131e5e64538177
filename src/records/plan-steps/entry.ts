// The registry entry of this record.

import { recordEntry } from '../entry.ts'
import { planStepDefinition } from './definition.ts'
import { PlanStepRepository, planStepFilters } from './repository.ts'

export const planStepEntry = recordEntry({
  definition: planStepDefinition,
  property: 'planSteps',
  repository: PlanStepRepository,
  filters: planStepFilters,
})
