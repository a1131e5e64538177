// The registry entry of this record.

import { recordEntry } from '../entry.ts'
import { decisionDefinition } from './definition.ts'
import { decisionFilters } from './filter.ts'
import { DecisionRepository } from './repository.ts'

export const decisionEntry = recordEntry({
  definition: decisionDefinition,
  property: 'decisions',
  repository: DecisionRepository,
  filters: decisionFilters,
})
