// The registry entry of this record.

import type { InternalEntry } from '../entry.ts'
import { costRollupDefinition } from './definition.ts'

export const costRollupEntry: InternalEntry = {
  definition: costRollupDefinition,
  property: null,
  aliases: ['rollup'],
}
