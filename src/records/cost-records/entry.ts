// The registry entry of this record.

import { recordEntry } from '../entry.ts'
import { costRecordDefinition } from './definition.ts'
import { CostRecordRepository, costFilters } from './repository.ts'

export const costRecordEntry = recordEntry({
  definition: costRecordDefinition,
  property: 'costRecords',
  repository: CostRecordRepository,
  filters: costFilters,
  aliases: ['cost'],
})
