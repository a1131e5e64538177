// The registry entry of this record.

import type { InternalEntry } from '../entry.ts'
import { auditCutDefinition } from './definition.ts'

export const auditCutEntry: InternalEntry = {
  definition: auditCutDefinition,
  property: null,
  aliases: ['cut'],
}
