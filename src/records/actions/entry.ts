// The registry entry of this record.

import { recordEntry } from '../entry.ts'
import { actionDefinition } from './definition.ts'
import { ActionRepository, actionFilters } from './repository.ts'

export const actionEntry = recordEntry({
  definition: actionDefinition,
  property: 'actions',
  repository: ActionRepository,
  filters: actionFilters,
})
