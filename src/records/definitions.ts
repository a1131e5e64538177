// Every record definition, referenced ones first.

import { actionDefinition } from './actions/definition.ts'
import { auditCutDefinition } from './audit-cuts/definition.ts'
import { auditEntryDefinition } from './audit-entries/definition.ts'
import { automationProfileDefinition } from './automation-profiles/definition.ts'
import { costRecordDefinition } from './cost-records/definition.ts'
import { costRollupDefinition } from './cost-rollups/definition.ts'
import { messageDefinition } from './messages/definition.ts'
import type { RecordDefinition } from './model/define-record.ts'
import { planDefinition } from './plans/definition.ts'
import { taskDefinition } from './tasks/definition.ts'

export const definitions: readonly RecordDefinition[] = [
  actionDefinition,
  automationProfileDefinition,
  planDefinition,
  taskDefinition,
  costRecordDefinition,
  costRollupDefinition,
  messageDefinition,
  auditCutDefinition,
  auditEntryDefinition,
]
