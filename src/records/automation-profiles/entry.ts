// The registry entry of this record.

import { recordEntry } from '../entry.ts'
import { automationProfileDefinition } from './definition.ts'
import { AutomationProfileRepository } from './repository.ts'

export const automationProfileEntry = recordEntry({
  definition: automationProfileDefinition,
  property: 'automationProfiles',
  repository: AutomationProfileRepository,
  filters: {},
  aliases: ['profile'],
})
