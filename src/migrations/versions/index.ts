// The chain, in order. A new migration is a file of its own and one line here; none is ever changed.

import type { Migration } from '../migration.ts'
import { baseline } from './0001-baseline.ts'
import { findings } from './0002-findings.ts'
import { tasks } from './0003-tasks.ts'
import { costRecords } from './0004-cost-records.ts'
import { messages } from './0005-messages.ts'
import { plans } from './0006-plans.ts'
import { automationProfiles } from './0007-automation-profiles.ts'
import { audit } from './0008-audit.ts'
import { retention } from './0009-retention.ts'
import { search } from './0010-search.ts'

export const chain: readonly Migration[] = [
  baseline,
  findings,
  tasks,
  costRecords,
  messages,
  plans,
  automationProfiles,
  audit,
  retention,
  search,
]
