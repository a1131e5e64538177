// The interface of a store: what applications, the command line and the conformance cases program
// against.

import type { Changes } from '../changes/changes.ts'
import type { Finding } from '../doctor/findings.ts'
import type { DoctorOptions, DoctorReport } from '../doctor/run-doctor.ts'
import type { EngineInfo } from '../engines/contract/engine.ts'
import type { SchemaDifference } from '../migrations/drift.ts'
import type { MigrationReport } from '../migrations/run-report.ts'
import type { MigrateOptions } from '../migrations/runner.ts'
import type { MigrationStatus, PlannedMigration, PlanOptions } from '../migrations/schema-state.ts'
import type { EventListener, EventName } from '../observability/events.ts'
import type { Repositories } from '../records/registry.ts'
import type { Page, PageRequest } from '../records/repository/page.ts'
import type { RepairPlan, RepairReport } from '../repair/repair-plan.ts'
import type { Retention } from '../retention/retention.ts'
import type { Transaction, TransactionOptions } from './transaction/transaction.ts'

/** How the database is; asking never throws. */
export interface Health {
  readonly ok: boolean
  readonly latencyMs: number
  /** The schema's version; null when it cannot be read. */
  readonly schemaVersion: number | null
  /** What is wrong, when `ok` is false. */
  readonly error?: string
}

/**
 * A store that acts as a named actor: its changes of plans, tasks and profiles carry that name in
 * the audit trail.
 */
export interface ActingStore extends Repositories {
  readonly retention: Retention
  repair(plan: Pick<RepairPlan, 'repairs'>): Promise<RepairReport>
  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>
}

/**
 * The durable record of an organisation. Made by `openStore` (open and ready) or `createBackend`
 * (not yet connected). Calls may be made concurrently; writes in flight together share a commit,
 * each with its own outcome.
 */
export interface Store extends Repositories, AsyncDisposable {
  /** True from a successful `connect` to `close`. */
  readonly isConnected: boolean
  /** The engine's name: `sqlite`, `postgres`, `mariadb`, or a third party's. */
  readonly backendName: string
  /** Where the data are, without a password. */
  readonly location: string
  /**
   * True if there is nothing yet where `connect` leads: no file, schema or database, or an empty
   * one. Needs no connection, makes nothing, and asks the server where there is one.
   * @throws PersistenceConnectionError when the server cannot be asked
   */
  isNew(): Promise<boolean>
  /** Removes old messages, cost records and audit entries, on request. See docs/retention.md. */
  readonly retention: Retention
  /** What is committed, by this and other processes, as it is. See docs/changes.md. */
  readonly changes: Changes
  /** Opens the database; calls while it opens share the attempt, further ones do nothing. */
  connect(): Promise<void>
  /**
   * Waits for writes in flight (at most `closeTimeout`), then closes. Closing again does nothing.
   */
  close(): Promise<void>
  /** The same as `close`. */
  disconnect(): Promise<void>
  /** Brings the schema to this build's version, or to the one asked for. See docs/migrations.md. */
  migrate(options?: MigrateOptions): Promise<MigrationReport>
  /** The schema's version, and what `migrate` would do. */
  migrationStatus(): Promise<MigrationStatus>
  /** The statements that `migrate` would run now; nothing is changed. */
  migrationPlan(options?: PlanOptions): Promise<readonly PlannedMigration[]>
  /**
   * Where the live schema is not the declared one; empty when it is. Nothing is changed.
   * @throws MigrationError when the database is not at this build's version
   */
  drift(): Promise<readonly SchemaDifference[]>
  /**
   * Examines the whole database, which takes as long as reading it, and changes nothing. Damage is
   * reported, never thrown.
   */
  doctor(options?: DoctorOptions): Promise<DoctorReport>
  /**
   * What of that which the doctor finds can be put right, and what cannot; nothing is changed. Put
   * right are words of enumerations that are none of their lists', totals that are not the sums of
   * their records, indexes that are missing, other than declared or damaged, and the search index.
   * docs/operations.md says which word takes the place of one that is none. Takes as long as
   * `doctor`.
   * @throws PersistenceConnectionError when the database cannot be reached
   */
  repairPlan(): Promise<RepairPlan>
  /**
   * Puts right what a plan lists, or a part of it: each record, table or index by itself, in one
   * transaction with its audit entry `doctor:fix` (an index on MariaDB right after it). The former
   * value is kept as a finding. Of two who repair at once, or of a writer who changes a
   * record in between, the second finds it changed, and that repair is among `failed`; nothing is
   * ever half done.
   * @throws InvalidRecordError for what is no plan; TimeoutError, TransactionConflictError and
   * PersistenceConnectionError, after which what was done before stays, and planning again resumes
   * @example
   * const plan = await store.repairPlan()
   * const { done, failed } = await store.as('ada').repair(plan)
   */
  repair(plan: Pick<RepairPlan, 'repairs'>): Promise<RepairReport>
  /**
   * Values that a migration or a repair could not carry over as they were, with their originals, in
   * the order in which they were noted.
   */
  findings(page?: PageRequest): Promise<Page<Finding>>
  /** Answers within two seconds, and never throws. */
  healthCheck(): Promise<Health>
  /** The server's version and the size of the database. */
  info(): Promise<EngineInfo>
  /**
   * The same store in the name of an actor (not blank, up to 255 characters); without it entries of
   * the audit trail say `system`.
   * @example await store.as('agent-7').plans.start(plan.planId, { version: plan.version })
   */
  as(actor: string): ActingStore
  /**
   * Runs `work` in one transaction over all repositories: everything it writes is stored, or
   * nothing. What it throws undoes it and is rethrown.
   * @example
   * await store.transaction(async (tx) => {
   *   const task = await tx.tasks.create(input)
   *   await tx.messages.append({ ...message, metadata: { taskId: task.id } })
   * })
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>
  /** Adds a listener for one event; the returned function removes it. */
  on<N extends EventName>(event: N, listener: EventListener<N>): () => void
}

/** `Store` by the name that code written against persistence backends uses. */
export type PersistenceBackend = Store
