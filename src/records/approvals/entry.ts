// The registry entry of this record.

import { recordEntry } from '../entry.ts'
import { approvalDefinition } from './definition.ts'
import { ApprovalRepository, approvalFilters } from './repository.ts'

export const approvalEntry = recordEntry({
  definition: approvalDefinition,
  property: 'approvals',
  repository: ApprovalRepository,
  filters: approvalFilters,
})
