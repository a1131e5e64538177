// What a repository works on: the store itself, or one of its transactions. Both read and write through the same few calls,
// so a repository is written once.

import type {
  Engine,
  EngineTransaction,
  Query,
  Row,
  TableShape,
  WireValue,
  WriteOperation,
  WriteOutcome,
} from '../../engines/contract/engine.ts'
import type { QueuedWrite } from '../../engines/core/dependent-writes.ts'
import { TransactionConflictError } from '../../errors.ts'
import type { EventPublisher } from '../../observability/events.ts'
import { parseOrThrow } from '../model/issues.ts'
import { nameRule } from '../model/rules.ts'
import type { Clock } from './clock.ts'
import type { StatementCache } from './statements.ts'

/** Reads and writes inside one transaction. */
export type Runner = Pick<EngineTransaction, 'read' | 'writeSet'>

export interface RecordSession {
  /** In whose name the session acts: what audit entries say. */
  readonly actor: string
  /** Names of automation profiles that plans get when neither they nor their actions name one. */
  readonly profiles: {
    readonly global: string | undefined
    readonly ofProjects: Readonly<Record<string, string>>
  }
  /** The time that records get from Purser; it never goes back. */
  readonly now: Clock
  readonly engine: Engine
  readonly statements: StatementCache
  readonly events: EventPublisher
  read(query: Query): Promise<readonly Row[]>
  /** Reads one row by its key, together with other calls of the tick. Absent where that would gain nothing. */
  readonly getRow?: ((shape: TableShape, key: WireValue) => Promise<Row | undefined>) | undefined
  /**
   * The error of a change that finds its row at another version than this one, where the session is a transaction that has read it so itself:
   * then somebody else came in between. Undefined where the caller brought the version along.
   */
  readonly conflictFor?:
    | ((shape: TableShape, key: WireValue, version: number, actual: number) => Error | undefined)
    | undefined
  /** Queues one write; resolves with its outcome, never with `failed`: that is thrown. */
  write(operation: QueuedWrite): Promise<Exclude<WriteOutcome, { kind: 'failed' }>>
  /**
   * Runs `work` in a transaction of its own (a savepoint inside of one): when it throws, nothing that it wrote is stored.
   * When it lost against another transaction it is called again, so it must not keep anything of an earlier call.
   */
  inTransaction<T>(work: (runner: Runner) => Promise<T>): Promise<T>
  /** Reads and writes as the full-text index needs them. */
  readonly runner: Runner
  /** Runs `afterCommit` once what was written is durable: now, or when the transaction commits. */
  whenCommitted(afterCommit: () => void): void
  /** Takes note of a call that has to be awaited. @returns the call as its caller has to get it */
  readonly watch?: (<T>(call: Promise<T>) => Promise<T>) | undefined
  /** Counts one unreadable value; true the first time for this row and column in this process. */
  firstReport(table: string, id: string, column: string): boolean
}

/** Writes of which none may fail. @throws the error of the first that did */
export async function writeAll(
  runner: Runner,
  operations: readonly WriteOperation[],
): Promise<readonly Exclude<WriteOutcome, { kind: 'failed' }>[]> {
  const outcomes = await runner.writeSet(operations)
  return outcomes.map((outcome) => {
    if (outcome.kind === 'failed') throw outcome.error
    return outcome
  })
}

/**
 * Changes of which each has to find its row as it was read in the same transaction.
 * @throws TransactionConflictError when one does not: somebody else's change came in between
 */
export async function changeAll(runner: Runner, operations: readonly WriteOperation[]): Promise<void> {
  const outcomes = await writeAll(runner, operations)
  if (outcomes.every(({ kind }) => kind === 'updated')) return
  throw new TransactionConflictError(
    'a row was changed by another writer in the meantime; nothing was stored',
  )
}

/** @throws InvalidRecordError unless the actor's name is one */
export function checkActor(actor: string): string {
  return parseOrThrow('actor', nameRule, actor)
}
