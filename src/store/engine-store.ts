// The store: repositories over one engine, their group commit, transactions, and the lifecycle from connect to close.

import { AsyncLocalStorage } from 'node:async_hooks'
import { z } from 'zod'
import {
  type ConfigSources,
  type PersistenceConfig,
  resolveConfig,
  type StoreOptions,
} from '../config/config.ts'
import { doctorChecks } from '../doctor/check.ts'
import { type Finding, listFindings } from '../doctor/findings.ts'
import { type DoctorOptions, type DoctorReport, runDoctor } from '../doctor/run-doctor.ts'
import type { Engine, EngineInfo } from '../engines/contract/engine.ts'
import { BatchLoader } from '../engines/core/batch-loader.ts'
import { WriteQueue } from '../engines/core/write-queue.ts'
import { createEngine } from '../engines/registry.ts'
import { PersistenceConnectionError, QueryError, TimeoutError } from '../errors.ts'
import { findDrift, type SchemaDifference } from '../migrations/drift.ts'
import { type MigrateOptions, type MigrationReport, Migrator } from '../migrations/runner.ts'
import {
  type MigrationStatus,
  type PlannedMigration,
  type PlanOptions,
  SchemaState,
} from '../migrations/schema-state.ts'
import { type EventListener, type EventName, EventPublisher, events } from '../observability/events.ts'
import { reportOnce } from '../observability/report-once.ts'
import { Telemetry, type TracedOperation } from '../observability/telemetry.ts'
import { parseOrThrow } from '../records/model/issues.ts'
import { createRepositories, type Repositories } from '../records/registry.ts'
import {
  aFunction,
  callback,
  checkArguments,
  checkedInside,
  checkedLater,
  options,
  text,
} from '../records/repository/arguments.ts'
import { createClock } from '../records/repository/clock.ts'
import { type Page, type PageRequest, pageOptions } from '../records/repository/page.ts'
import { checkActor, type RecordSession } from '../records/repository/session.ts'
import { padded, rowReader, StatementCache } from '../records/repository/statements.ts'
import type { RepairPlan, RepairReport } from '../repair/repair-plan.ts'
import { makeRepairs, planRepairs } from '../repair/store-repair.ts'
import type { Retention } from '../retention/retention.ts'
import { StoreRetention } from '../retention/store-retention.ts'
import { drainWithin } from './drain-within.ts'
import { checkHealth } from './health.ts'
import { runInTransaction } from './in-transaction.ts'
import { Session, type SessionAccess } from './session.ts'
import type { ActingStore, Health, Store } from './store.ts'
import { exposeInternals } from './store-internals.ts'
import { runTransaction } from './transaction/run-transaction.ts'
import type { Transaction, TransactionOptions } from './transaction/transaction.ts'

/**
 * Opens a store: connects, migrates as configured (to this build's version by default), and is ready.
 * @param given a URL such as `sqlite:./purser.db`, or options; what is left out comes from the environment and the config file
 * @param sources another environment, folder or config file than the process's own
 * @throws PersistenceConnectionError, MigrationError; nothing is left open then
 * @example
 * const store = await openStore('sqlite:./purser.db')
 * const task = await store.tasks.get('01J…')
 * await store.close()
 */
export async function openStore(given?: string | StoreOptions, sources?: ConfigSources): Promise<Store> {
  const config = resolveConfig(given, sources)
  const store = new EngineStore(config)
  await store.connect()
  try {
    await store.prepareSchema()
  } catch (error) {
    await store.close()
    throw error
  }
  return store
}

/** The same store, not yet connected: call `connect()`, then `migrate()`. */
export function createBackend(given?: string | StoreOptions, sources?: ConfigSources): Store {
  return new EngineStore(resolveConfig(given, sources))
}

/** The most keys that one query of merged `get` calls asks for. */
const MAX_MERGED_GETS = 512

/** The actor in audit entries where no other was given. */
const DEFAULT_ACTOR = 'system'

type State = 'closed' | 'open' | 'closing'

/** Which versions there are is checked where the number is used. */
const planOptions = {
  to: checkedLater,
  onCycle: z.enum(['abort', 'break']),
  onOrphan: z.enum(['root', 'abort']),
} satisfies Record<keyof PlanOptions, unknown>

class EngineStore implements Store {
  static {
    const named = { subject: 'store' }
    checkArguments(
      EngineStore,
      {
        migrate: [options({ ...planOptions, backup: z.boolean(), allowDataLoss: z.boolean() })],
        migrationPlan: [options(planOptions)],
        doctor: [options({ only: z.array(z.enum(doctorChecks)), onProgress: aFunction })],
        findings: [options(pageOptions)],
        repair: [checkedInside],
      },
      named,
    )
    checkArguments(EngineStore, { on: [text('event'), callback] }, { ...named, throwing: true })
  }

  readonly actions: Repositories['actions']
  readonly automationProfiles: Repositories['automationProfiles']
  readonly plans: Repositories['plans']
  readonly audit: Repositories['audit']
  readonly tasks: Repositories['tasks']
  readonly costRecords: Repositories['costRecords']
  readonly messages: Repositories['messages']
  readonly retention: Retention
  readonly #config: PersistenceConfig
  readonly #engine: Engine
  readonly #events: EventPublisher
  readonly #statements: StatementCache
  readonly #queue: WriteQueue
  readonly #session: Session
  readonly #schemaState: SchemaState
  readonly #migrator: Migrator
  readonly #retention: StoreRetention
  /** Tells calls made inside a transaction's callback from all others. */
  readonly #inside = new AsyncLocalStorage<{ open: boolean }>()
  #state: State = 'closed'
  #connecting: Promise<void> | undefined
  #closing: Promise<void> | undefined
  #openTransactions = 0
  #telemetry: Telemetry | undefined

  constructor(config: PersistenceConfig) {
    this.#config = config
    this.#engine = config.engine ?? createEngine({ ...config, mustExist: config.migrate === 'check' })
    this.#events = new EventPublisher(config.logger)
    this.#statements = new StatementCache(this.#engine.builder)
    this.#schemaState = new SchemaState(this.#engine, this.#events)
    this.#migrator = new Migrator(this.#engine, this.#events, this.#schemaState)
    this.#queue = new WriteQueue({
      runSet: (operations) =>
        this.#traced('write_set', operations.length, () => this.#engine.writeSet(operations)),
      readRows: rowReader({ engine: this.#engine, statements: this.#statements }, (query) =>
        this.#traced('read', undefined, () => this.#engine.read(query)),
      ),
      maxSetSize: Math.min(config.batch.maxRows, this.#engine.capabilities.maxSetSize),
      classify: this.#engine.classify,
      repeats: true,
      observe: (operations, queued, durationMs, failure) => {
        this.#telemetry?.noteSet(operations, queued)
        if (failure) this.#events.emit(events.setFailed, { operations, code: failure.code })
        else this.#events.emit(events.setCommitted, { operations, queued, durationMs })
      },
    })
    const context = {
      profiles: { global: config.automationProfile, ofProjects: config.projectProfiles },
      now: createClock(),
      engine: this.#engine,
      statements: this.#statements,
      events: this.#events,
      firstReport: reportOnce(),
    }
    this.#session = new Session(DEFAULT_ACTOR, context, this.#access())
    const repositories = createRepositories(this.#session)
    this.actions = repositories.actions
    this.automationProfiles = repositories.automationProfiles
    this.plans = repositories.plans
    this.audit = repositories.audit
    this.tasks = repositories.tasks
    this.costRecords = repositories.costRecords
    this.messages = repositories.messages
    this.#retention = new StoreRetention(config.retention, this.#session)
    this.retention = this.#retention.of(this.#session)
    exposeInternals(this, {
      engine: this.#engine,
      state: this.#schemaState,
      events: this.#events,
      read: this.#read,
      assertUsable: () => this.#assertUsable(),
    })
  }

  get isConnected(): boolean {
    return this.#state === 'open'
  }

  get backendName(): string {
    return this.#engine.name
  }

  get location(): string {
    return this.#engine.location
  }

  async isNew(): Promise<boolean> {
    return (await this.#classified((async () => this.#engine.wouldCreate?.())())) ?? false
  }

  connect(): Promise<void> {
    if (this.#state === 'open') return Promise.resolve()
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined
    })
    return this.#connecting
  }

  async #connect(): Promise<void> {
    await this.#closing
    const started = performance.now()
    this.#telemetry ??= await Telemetry.load(this.#engine.systemName)
    await this.#engine.connect()
    this.#state = 'open'
    this.#retention.opened()
    this.#events.emit(events.backendConnected, {
      backend: this.#engine.name,
      durationMs: performance.now() - started,
    })
  }

  async close(): Promise<void> {
    if (this.#inside.getStore()?.open) {
      throw new QueryError(
        'the store cannot be closed inside the callback of its own transaction; close it after that',
      )
    }
    if (this.#state === 'closed' && !this.#connecting) return
    this.#closing ??= this.#close().finally(() => {
      this.#closing = undefined
    })
    return this.#closing
  }

  disconnect(): Promise<void> {
    return this.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(): Promise<void> {
    if (this.#connecting) await this.#connecting.catch(() => undefined)
    if (this.#state !== 'open') return
    // Without a connection under way this holds before `close` returns, so that a `connect` right after it opens anew.
    this.#state = 'closing'
    const finished = await drainWithin(this.#config.closeTimeout, {
      drained: () => Promise.all([this.#queue.drained(), this.#retention.stop()]),
      openTransactions: () => this.#openTransactions,
    })
    try {
      await this.#engine.disconnect()
    } finally {
      this.#state = 'closed'
      this.#events.emit(events.backendDisconnected, { backend: this.#engine.name })
    }
    if (!finished) {
      throw new TimeoutError(
        `writes were still in flight after ${this.#config.closeTimeout} ms; those that were not acknowledged may be missing`,
      )
    }
  }

  async migrate(options: MigrateOptions = {}): Promise<MigrationReport> {
    this.#assertOpen()
    return this.#classified(this.#migrator.migrate({ backup: this.#config.backup, ...options }))
  }

  async migrationStatus(): Promise<MigrationStatus> {
    this.#assertOpen()
    return this.#classified(this.#schemaState.status())
  }

  async migrationPlan(options: PlanOptions = {}): Promise<readonly PlannedMigration[]> {
    this.#assertOpen()
    return this.#classified(this.#schemaState.plan(options))
  }

  async drift(): Promise<readonly SchemaDifference[]> {
    this.#assertOpen()
    return this.#classified(findDrift(this.#engine, this.#schemaState))
  }

  async doctor(options?: DoctorOptions): Promise<DoctorReport> {
    this.#assertOpen()
    const [engine, state, read] = [this.#engine, this.#schemaState, this.#read]
    return runDoctor({ engine, state, read, verifyAudit: () => this.audit.verify() }, options)
  }

  async repairPlan(): Promise<RepairPlan> {
    this.#assertUsable()
    return this.#classified(planRepairs(this.#session))
  }

  repair(plan: Pick<RepairPlan, 'repairs'>): Promise<RepairReport> {
    return makeRepairs(this.#session, plan)
  }

  async findings(page: PageRequest = {}): Promise<Page<Finding>> {
    return this.#classified(listFindings({ engine: this.#engine, read: this.#read }, page))
  }

  /** What opening does about the schema, as configured. */
  async prepareSchema(): Promise<void> {
    if (this.#config.migrate === 'off') return
    if (this.#config.migrate === 'check') await this.#classified(this.#schemaState.assertCurrent())
    else await this.migrate()
  }

  healthCheck(): Promise<Health> {
    return checkHealth(this.#engine, () => {
      this.#assertOpen()
      return this.#engine.ping().then(() => this.#schemaState.version())
    })
  }

  async info(): Promise<EngineInfo> {
    this.#assertOpen()
    return this.#classified(this.#engine.info())
  }

  /** What introspection and statements of migrations throw is the driver's own. */
  async #classified<T>(work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (error) {
      throw this.#engine.classify(error)
    }
  }

  as(actor: string): ActingStore {
    const session = this.#session.as(checkActor(actor))
    return {
      ...createRepositories(session),
      retention: this.#retention.of(session),
      repair: (plan) => makeRepairs(session, plan),
      transaction: (work, options) => this.#transaction(session, work, options),
    }
  }

  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T> {
    return this.#transaction(this.#session, work, options)
  }

  async #transaction<T>(
    session: Session,
    work: (tx: Transaction) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    parseOrThrow('transaction', aFunction, work)
    this.#assertUsable()
    const marker = { open: true }
    this.#openTransactions += 1
    try {
      return await this.#traced('transaction', undefined, () =>
        runTransaction(session, (tx) => this.#inside.run(marker, work, tx), options),
      )
    } finally {
      marker.open = false
      this.#openTransactions -= 1
    }
  }

  on<N extends EventName>(event: N, listener: EventListener<N>): () => void {
    parseOrThrow('event', z.enum(Object.values(events)), event)
    return this.#events.on(event, listener)
  }

  #mergedGets(): NonNullable<RecordSession['getRow']> {
    const merger = new BatchLoader({
      read: (query) => this.#traced('read', undefined, () => this.#engine.read(query)),
      queryOf: (shape, keys) =>
        this.#engine.rowsByKey?.(shape, keys) ?? this.#statements.rowsByKey(shape, padded(keys)),
      maxKeys: MAX_MERGED_GETS,
    })
    return async (shape, key) => {
      this.#assertUsable()
      return merger.get(shape, key)
    }
  }

  /** Reads and writes outside of transactions. */
  #access(): SessionAccess {
    const [engine, read] = [this.#engine, this.#read]
    return {
      read,
      runner: {
        read,
        writeSet: (operations) => {
          this.#assertUsable()
          return engine.writeSet(operations)
        },
      },
      write: async (operation) => {
        this.#assertUsable()
        const outcome = await this.#queue.add(operation)
        if (outcome.kind === 'failed') throw outcome.error
        return outcome
      },
      inTransaction: async (work) => {
        this.#assertUsable()
        return runInTransaction(engine, this.#events, work)
      },
      getRow: engine.capabilities.batchesReads ? this.#mergedGets() : undefined,
      whenCommitted: (afterCommit) => afterCommit(),
    }
  }

  #read: RecordSession['read'] = (query) => {
    this.#assertUsable()
    return this.#traced('read', undefined, () => this.#engine.read(query))
  }

  #traced<T>(operation: TracedOperation, size: number | undefined, work: () => Promise<T>): Promise<T> {
    return this.#telemetry ? this.#telemetry.trace(operation, size, work) : work()
  }

  #assertOpen(): void {
    if (this.#state === 'open') return
    const reason =
      this.#state === 'closing' ? 'the store is closing' : 'the store is not connected; call connect() first'
    throw new PersistenceConnectionError(reason, { retryable: false })
  }

  #assertUsable(): void {
    this.#assertOpen()
    if (this.#openTransactions > 0 && this.#inside.getStore()?.open) {
      throw new QueryError(
        'the store was used inside the callback of its own transaction; use the repositories of tx there, which see its writes',
      )
    }
  }
}
