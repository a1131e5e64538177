// What a repository works on: the store itself, or one of its transactions. Both read and write through the same few calls,
// so a repository is written once.

import type {
  Engine,
  EngineTransaction,
  Query,
  Row,
  WriteOperation,
  WriteOutcome,
} from '../engines/engine.ts'
import type { EventPublisher } from '../events.ts'
import type { StatementCache } from './statements.ts'

export interface RecordSession {
  readonly engine: Engine
  readonly statements: StatementCache
  readonly events: EventPublisher
  read(query: Query): Promise<readonly Row[]>
  /** Queues one write; resolves with its outcome, never with `failed`: that is thrown. */
  write(operation: WriteOperation): Promise<Exclude<WriteOutcome, { kind: 'failed' }>>
  /** Runs writes that are stored together or not at all: when `accept` throws, or one fails, none of them is. */
  writeTogether(
    operations: readonly WriteOperation[],
    accept: (outcomes: readonly WriteOutcome[]) => void,
  ): Promise<void>
  /** Reads and writes as the full-text index needs them. */
  readonly runner: Pick<EngineTransaction, 'read' | 'writeSet'>
  /** Runs `afterCommit` once what was written is durable: now, or when the transaction commits. */
  whenCommitted(afterCommit: () => void): void
  /** Counts one unreadable value; true the first time for this row and column in this process. */
  firstReport(table: string, id: string, column: string): boolean
}
