// The registry entry of this record.

import { recordEntry } from '../entry.ts'
import { messageDefinition } from './definition.ts'
import { MessageRepository, messageFilters } from './repository.ts'

export const messageEntry = recordEntry({
  definition: messageDefinition,
  property: 'messages',
  repository: MessageRepository,
  filters: messageFilters,
})
