// The registry entry of this record.

import { recordEntry } from '../entry.ts'
import { agentDefinition } from './definition.ts'
import { AgentRepository, agentFilters } from './repository.ts'

export const agentEntry = recordEntry({
  definition: agentDefinition,
  property: 'agents',
  repository: AgentRepository,
  filters: agentFilters,
})
