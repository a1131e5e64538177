// The registry entry of this record.

import { recordEntry } from '../entry.ts'
import { auditEntryDefinition } from './definition.ts'
import { AuditRepository, auditFilters } from './repository.ts'

export const auditEntryEntry = recordEntry({
  definition: auditEntryDefinition,
  property: 'audit',
  repository: AuditRepository,
  filters: auditFilters,
  aliases: ['audit', 'entry'],
})
