// The registry of records: one line each. A store and a transaction get their repositories here.

import { ActionRepository } from './records/actions/repository.ts'
import { AuditRepository } from './records/audit-entries/repository.ts'
import { AutomationProfileRepository } from './records/automation-profiles/repository.ts'
import { CostRecordRepository } from './records/cost-records/repository.ts'
import { MessageRepository } from './records/messages/repository.ts'
import { PlanRepository } from './records/plans/repository.ts'
import type { RecordSession } from './records/session.ts'
import { TaskRepository } from './records/tasks/repository.ts'

/** The repositories, alike on a store and in a transaction. */
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
