// The registry entry of this record.

import { recordEntry } from '../entry.ts'
import { settingDefinition } from './definition.ts'
import { SettingRepository } from './repository.ts'

export const settingEntry = recordEntry({
  definition: settingDefinition,
  property: 'settings',
  repository: SettingRepository,
  filters: {},
})
