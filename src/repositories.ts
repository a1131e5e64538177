// The registry of records: one line each. A store and a transaction get their repositories here.

import { CostRecordRepository } from './records/cost-records/repository.ts'
import { MessageRepository } from './records/messages/repository.ts'
import type { RecordSession } from './records/session.ts'
import { TaskRepository } from './records/tasks/repository.ts'

/** The repositories, alike on a store and in a transaction. */
export interface Repositories {
  readonly tasks: TaskRepository
  readonly costRecords: CostRecordRepository
  readonly messages: MessageRepository
}

export function createRepositories(session: RecordSession): Repositories {
  return {
    tasks: new TaskRepository(session),
    costRecords: new CostRecordRepository(session),
    messages: new MessageRepository(session),
  }
}
