// The registry entry of this record.

import { recordEntry } from '../entry.ts'
import { projectDefinition } from './definition.ts'
import { ProjectRepository, projectFilters } from './repository.ts'

export const projectEntry = recordEntry({
  definition: projectDefinition,
  property: 'projects',
  repository: ProjectRepository,
  filters: projectFilters,
})
