// The registry of records: one line each. A store and a transaction get their repositories here.

import { ActionRepository } from './actions/repository.ts'
import { AuditRepository } from './audit-entries/repository.ts'
import { AutomationProfileRepository } from './automation-profiles/repository.ts'
import { CostRecordRepository } from './cost-records/repository.ts'
import { MessageRepository } from './messages/repository.ts'
import { PlanRepository } from './plans/repository.ts'
import type { RecordSession } from './repository/session.ts'
import { TaskRepository } from './tasks/repository.ts'

/** The repositories, the same on a store and in a transaction. */
export interface Repositories {
  readonly actions: ActionRepository
  readonly automationProfiles: AutomationProfileRepository
  readonly plans: PlanRepository
  readonly tasks: TaskRepository
  readonly costRecords: CostRecordRepository
  readonly messages: MessageRepository
  readonly audit: AuditRepository
}

export function createRepositories(session: RecordSession): Repositories {
  return {
    actions: new ActionRepository(session),
    automationProfiles: new AutomationProfileRepository(session),
    plans: new PlanRepository(session),
    tasks: new TaskRepository(session),
    costRecords: new CostRecordRepository(session),
    messages: new MessageRepository(session),
    audit: new AuditRepository(session),
  }
}
