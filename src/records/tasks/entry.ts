// The registry entry of this record.

import { recordEntry } from '../entry.ts'
import { taskDefinition } from './definition.ts'
import { taskFilters } from './filter.ts'
import { TaskRepository } from './repository.ts'

export const taskEntry = recordEntry({
  definition: taskDefinition,
  property: 'tasks',
  repository: TaskRepository,
  filters: taskFilters,
})
