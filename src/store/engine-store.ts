// The store: repositories over one engine, transactions, the schema and the state of the database.
// Connecting and closing is lifecycle.ts, reads and writes outside of transactions
// direct-access.ts.

import { z } from 'zod'
import { Changes } from '../changes/changes.ts'
import { StoreFeed } from '../changes/store-feed.ts'
import type { PersistenceConfig } from '../config/config.ts'
import { doctorChecks } from '../doctor/check.ts'
import { type Finding, listFindings } from '../doctor/findings.ts'
import { type DoctorOptions, type DoctorReport, runDoctor } from '../doctor/run-doctor.ts'
import type { Engine, EngineInfo } from '../engines/contract/engine.ts'
import { createEngine } from '../engines/registry.ts'
import { findDrift, type SchemaDifference } from '../migrations/drift.ts'
import type { MigrationReport } from '../migrations/run-report.ts'
import { type MigrateOptions, Migrator } from '../migrations/runner.ts'
import {
  type MigrationStatus,
  type PlannedMigration,
  type PlanOptions,
  SchemaState,
} from '../migrations/schema-state.ts'
import { type EventListener, type EventName, EventPublisher, events } from '../observability/events.ts'
import { reportOnce } from '../observability/report-once.ts'
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
import { checkActor, type ListenedRecord } from '../records/repository/session.ts'
import { StatementCache } from '../records/repository/statements.ts'
import type { RepairPlan, RepairReport } from '../repair/repair-plan.ts'
import { makeRepairs, planRepairs } from '../repair/store-repair.ts'
import type { Retention } from '../retention/retention.ts'
import { StoreRetention } from '../retention/store-retention.ts'
import { classified } from './classified.ts'
import { DirectAccess } from './direct-access.ts'
import { checkHealth } from './health.ts'
import { LateTelemetry } from './late-telemetry.ts'
import { Lifecycle } from './lifecycle.ts'
import { Session } from './session.ts'
import type { ActingStore, Health, Store } from './store.ts'
import { type HasInternals, type StoreInternals, storeInternals } from './store-internals.ts'
import { StoreState } from './store-state.ts'
import { runTransaction } from './transaction/run-transaction.ts'
import type { Transaction, TransactionOptions } from './transaction/transaction.ts'

/** The actor in audit entries where no other was given. */
const DEFAULT_ACTOR = 'system'

/** Which versions there are is checked where the number is used. */
const planOptions = {
  to: checkedLater,
  onCycle: z.enum(['abort', 'break']),
  onOrphan: z.enum(['root', 'abort']),
} satisfies Record<keyof PlanOptions, unknown>

export interface EngineStore extends Repositories {}

// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor assigns every repository
export class EngineStore implements Store, HasInternals {
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

  readonly retention: Retention
  readonly changes: Changes
  readonly #config: PersistenceConfig
  readonly #engine: Engine
  readonly #events: EventPublisher
  readonly #telemetry = new LateTelemetry()
  readonly #state = new StoreState()
  readonly #feed: StoreFeed
  readonly #access: DirectAccess
  readonly #session: Session
  readonly #schemaState: SchemaState
  readonly #retention: StoreRetention
  readonly #lifecycle: Lifecycle

  constructor(config: PersistenceConfig) {
    this.#config = config
    this.#engine = config.engine ?? createEngine({ ...config, mustExist: config.migrate === 'check' })
    this.#events = new EventPublisher(config.logger)
    this.#schemaState = new SchemaState(this.#engine, this.#events)
    this.#feed = new StoreFeed(this.#engine, this.#events, config.changes)
    const context = {
      profiles: { global: config.automationProfile, ofProjects: config.projectProfiles },
      policies: {
        selfApproval: config.selfApproval,
        agentIdleAfter: config.agentIdleAfter,
        enforce: config.enforce,
      },
      prices: config.prices,
      now: createClock(),
      engine: this.#engine,
      statements: new StatementCache(this.#engine.builder),
      events: this.#events,
      firstReport: reportOnce(),
      listen: async (record: ListenedRecord, id: string) => {
        this.#state.assertUsable()
        return this.#feed.listen(record, id)
      },
    }
    this.changes = new Changes(this.#feed, () => this.#state.assertUsable())
    this.#access = new DirectAccess(context, this.#feed, this.#state, this.#telemetry, config.batch.maxRows)
    this.#session = new Session(DEFAULT_ACTOR, context, this.#access)
    Object.assign(this, createRepositories(this.#session))
    this.#retention = new StoreRetention(config.retention, this.#session)
    this.retention = this.#retention.of(this.#session)
    this.#lifecycle = new Lifecycle({
      engine: this.#engine,
      events: this.#events,
      telemetry: this.#telemetry,
      queue: this.#access.queue,
      retention: this.#retention,
      feed: this.#feed,
      state: this.#state,
      closeTimeout: config.closeTimeout,
    })
  }

  get [storeInternals](): StoreInternals {
    return {
      engine: this.#engine,
      state: this.#schemaState,
      events: this.#events,
      read: this.#access.read,
      assertUsable: () => this.#state.assertUsable(),
      noteOf: (operations, actor) => this.#feed.noteOf(operations, () => actor),
      committed: () => this.#feed.committed(),
      measure: (measurer) => this.#telemetry.measure(measurer),
    }
  }

  get isConnected(): boolean {
    return this.#state.phase === 'open'
  }

  get backendName(): string {
    return this.#engine.name
  }

  get location(): string {
    return this.#engine.location
  }

  async isNew(): Promise<boolean> {
    return (await this.#classified(async () => this.#engine.wouldCreate?.())) ?? false
  }

  connect(): Promise<void> {
    return this.#lifecycle.connect()
  }

  close(): Promise<void> {
    return this.#lifecycle.close()
  }

  disconnect(): Promise<void> {
    return this.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async migrate(options: MigrateOptions = {}): Promise<MigrationReport> {
    this.#state.assertOpen()
    const migrator = new Migrator(this.#engine, this.#events, this.#schemaState)
    return this.#classified(() => migrator.migrate({ backup: this.#config.backup, ...options }))
  }

  async migrationStatus(): Promise<MigrationStatus> {
    this.#state.assertOpen()
    return this.#classified(() => this.#schemaState.status())
  }

  async migrationPlan(options: PlanOptions = {}): Promise<readonly PlannedMigration[]> {
    this.#state.assertOpen()
    return this.#classified(() => this.#schemaState.plan(options))
  }

  async drift(): Promise<readonly SchemaDifference[]> {
    this.#state.assertOpen()
    return this.#classified(() => findDrift(this.#engine, this.#schemaState))
  }

  async doctor(options?: DoctorOptions): Promise<DoctorReport> {
    this.#state.assertOpen()
    const [engine, state, read] = [this.#engine, this.#schemaState, this.#access.read]
    return runDoctor({ engine, state, read, verifyAudit: () => this.audit.verify() }, options)
  }

  async repairPlan(): Promise<RepairPlan> {
    this.#state.assertUsable()
    return this.#classified(() => planRepairs(this.#session))
  }

  repair(plan: Pick<RepairPlan, 'repairs'>): Promise<RepairReport> {
    return makeRepairs(this.#session, plan)
  }

  async findings(page: PageRequest = {}): Promise<Page<Finding>> {
    return this.#classified(() => listFindings({ engine: this.#engine, read: this.#access.read }, page))
  }

  /** What opening does about the schema, as configured. */
  async prepareSchema(): Promise<void> {
    if (this.#config.migrate === 'off') return
    if (this.#config.migrate === 'check') await this.#classified(() => this.#schemaState.assertCurrent())
    else await this.migrate()
  }

  healthCheck(): Promise<Health> {
    return checkHealth(this.#engine, () => {
      this.#state.assertOpen()
      return this.#engine.ping().then(() => this.#schemaState.version())
    })
  }

  async info(): Promise<EngineInfo> {
    this.#state.assertOpen()
    return this.#classified(() => this.#engine.info())
  }

  /** What introspection and statements of migrations throw is the driver's own. */
  #classified<T>(work: () => Promise<T>): Promise<T> {
    return classified(this.#engine, work)
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
    this.#state.assertUsable()
    return this.#state.duringTransaction((inside) =>
      this.#telemetry.trace('transaction', undefined, () =>
        runTransaction(session, this.#feed, (tx) => inside(() => work(tx)), options),
      ),
    )
  }

  on<N extends EventName>(event: N, listener: EventListener<N>): () => void {
    parseOrThrow('event', z.enum(Object.values(events)), event)
    return this.#events.on(event, listener)
  }
}
