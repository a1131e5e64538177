// What a repository works on: the store itself, or one of its transactions. Both read and write
// through the same few calls, so a repository is written once.

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
import type { PriceRule } from '../../prices/price-rule.ts'
import type { Enforcement } from '../../values/enforcement.ts'
import { parseOrThrow } from '../model/issues.ts'
import { nameRule } from '../model/rules.ts'
import type { Clock } from './clock.ts'
import type { StatementCache } from './statements.ts'

/** Reads and writes inside one transaction. */
export type Runner = Pick<EngineTransaction, 'read' | 'writeSet'>

/** Records whose changes calls wait for. */
export type ListenedRecord = 'approval'

/** Hears of what is committed about one record, by any process. */
export interface RecordListener {
  /**
   * Resolves once the record was changed since the last call, or since the listener began; also
   * when `signal` is aborted or the store closes. It may resolve for nothing.
   */
  changed(signal: AbortSignal): Promise<void>
}

export interface RecordSession {
  /** The actor of the session's audit entries. */
  readonly actor: string
  /** Default profiles for plans if neither they nor their actions name one. */
  readonly profiles: {
    readonly global: string | undefined
    readonly ofProjects: Readonly<Record<string, string>>
  }
  /** What the configuration decides for records. */
  readonly policies: {
    /** Those who ask for an approval may decide it themselves. */
    readonly selfApproval: boolean
    /** Milliseconds without a beat after which an agent is idle. */
    readonly agentIdleAfter: number
    /** What happens to calls that break a rule; undefined: as the database's settings say. */
    readonly enforce: Enforcement | undefined
  }
  /** Prices of the configuration, which come before the bundled table. */
  readonly prices: readonly PriceRule[]
  /** The timestamp for new records and changes; monotonic. */
  readonly now: Clock
  readonly engine: Engine
  readonly statements: StatementCache
  readonly events: EventPublisher
  read(query: Query): Promise<readonly Row[]>
  /**
   * Reads one row by its key, batched with other calls of the same tick. Absent where batching has
   * no benefit.
   */
  readonly getRow?: ((shape: TableShape, key: WireValue) => Promise<Row | undefined>) | undefined
  /**
   * The error for a change whose row no longer has this version, if the session is a transaction
   * that read that version itself: another writer committed in between. Undefined if the version
   * came from the caller.
   */
  readonly conflictFor?:
    | ((shape: TableShape, key: WireValue, version: number, actual: number) => Error | undefined)
    | undefined
  /** Queues one write; resolves with its outcome, never with `failed`: that is thrown. */
  write(operation: QueuedWrite): Promise<Exclude<WriteOutcome, { kind: 'failed' }>>
  /**
   * Runs `work` in a transaction (a savepoint if inside one): if it throws, none of its writes are
   * stored. After a conflict with another transaction it is called again, so it must not keep state
   * from an earlier call.
   */
  inTransaction<T>(work: (runner: Runner) => Promise<T>): Promise<T>
  /** As `inTransaction`, for what stands for one write: writes called later are stored after it. */
  inTurn<T>(work: (runner: Runner) => Promise<T>): Promise<T>
  /** Reads and writes in the form that the full-text index needs. */
  readonly runner: Runner
  /** Runs `afterCommit` once the writes are durable: now, or when the transaction commits. */
  whenCommitted(afterCommit: () => void): void
  /**
   * Begins to hear of changes of a record, by the feed of changes; undefined if the store keeps
   * none. What is read after it has resolved is never older than what it hears of.
   */
  listen(record: ListenedRecord, id: string): Promise<RecordListener | undefined>
  /** Registers a call that must be awaited. @returns the promise to return to the caller */
  readonly watch?: (<T>(call: Promise<T>) => Promise<T>) | undefined
  /** Counts one unreadable value; true the first time for this row and column in this process. */
  firstReport(table: string, id: string, column: string): boolean
}

/** Writes none of which may fail. @throws the error of the first that did */
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
 * Changes that must each find their row as it was read in the same transaction.
 * @throws TransactionConflictError if one does not: another writer committed in between
 */
export async function changeAll(runner: Runner, operations: readonly WriteOperation[]): Promise<void> {
  const outcomes = await writeAll(runner, operations)
  if (outcomes.every(({ kind }) => kind === 'updated')) return
  throw new TransactionConflictError(
    'a row was changed by another writer in the meantime; nothing was stored',
  )
}

/** @throws InvalidRecordError unless it is a valid actor name */
export function checkActor(actor: string): string {
  return parseOrThrow('actor', nameRule, actor)
}
