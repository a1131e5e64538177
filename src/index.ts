// The public API on one screen. Errors and events have subpaths of their own too: `purser/errors`, `purser/events`.

export { type ConfigSources, type PersistenceConfig, resolveConfig, type StoreOptions } from './config.ts'
export type {
  Engine,
  EngineCapabilities,
  EngineTransaction,
  WriteOperation,
  WriteOutcome,
} from './engines/engine.ts'
export * from './errors.ts'
export { type EventName, type EventPayloads, events, type Logger } from './events.ts'
export type { MigrateOptions, MigrationReport } from './migrations/runner.ts'
export type { MigrationStatus, PlannedMigration } from './migrations/schema-state.ts'
export { formatMoney, MAX_MONEY, parseMoney } from './money.ts'
export type { Health, PersistenceBackend, Store } from './persistence-backend.ts'
export type { CostGrouping, CostTotal } from './records/cost-records/aggregate.ts'
export {
  type CostRecord,
  callCategories,
  costGroupings,
  costRecordDefinition,
  type NewCostRecord,
} from './records/cost-records/definition.ts'
export type { CostFilter, CostRecordRepository } from './records/cost-records/repository.ts'
export {
  type Message,
  type MessageMetadata,
  type MessagePart,
  messageDefinition,
  messagePriorities,
  messageTypes,
  type NewMessage,
} from './records/messages/definition.ts'
export type {
  MessageFilter,
  MessagePage,
  MessagePlace,
  MessageRepository,
} from './records/messages/repository.ts'
export type { CorruptRow, Page, PageRequest } from './records/page.ts'
export {
  type NewTask,
  type Task,
  type TaskPatch,
  type TaskStatus,
  taskDefinition,
  taskPriorities,
  taskStatuses,
  taskTypes,
} from './records/tasks/definition.ts'
export type { TaskFilter, TaskRepository, WholeTask } from './records/tasks/repository.ts'
export { taskTransitions } from './records/tasks/transitions.ts'
export { createBackend, openStore } from './store.ts'
export type { Transaction, TransactionOptions } from './transaction.ts'
