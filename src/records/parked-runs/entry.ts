// The registry entry of this record.

import { recordEntry } from '../entry.ts'
import { parkedRunDefinition } from './definition.ts'
import { ParkedRunRepository } from './repository.ts'
import { parkedRunFilters } from './summaries.ts'

export const parkedRunEntry = recordEntry({
  definition: parkedRunDefinition,
  property: 'parkedRuns',
  repository: ParkedRunRepository,
  filters: parkedRunFilters,
})
