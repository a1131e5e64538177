// The registry entry of this record.

import { recordEntry } from '../entry.ts'
import { tokenDefinition } from './definition.ts'
import { TokenRepository, tokenFilters } from './repository.ts'

export const tokenEntry = recordEntry({
  definition: tokenDefinition,
  property: 'tokens',
  repository: TokenRepository,
  filters: tokenFilters,
})
