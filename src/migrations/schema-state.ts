// The state of a database: the ledger checked against the chain, the pending migrations, and the
// statements that would run. Reads and rejects; changes nothing.

import type { Engine, Query } from '../engines/contract/engine.ts'
import type { LiveSchema, MigrationStatement } from '../engines/contract/schema.ts'
import { MigrationError } from '../errors.ts'
import { type EventPublisher, events } from '../observability/events.ts'
import { BASELINE_VERSION, chain, type MigrationHead } from './chain.ts'
import { creationJob, creationStatements, isEmpty } from './creation.ts'
import { assertChecksums, hasLedger, LEDGER, type LedgerEntry, label, readLedger } from './ledger.ts'
import { bindMigrations, loadAdoption } from './load-migrations.ts'
import type { Choices, Migration } from './migration.ts'

export interface MigrationStatus {
  readonly current: number
  readonly latest: number
  readonly pending: readonly { readonly version: number; readonly name: string; readonly breaking: boolean }[]
  /** The version of Purser that created this schema, if it is newer than this build. */
  readonly newerPurser?: string
}

/** One migration of a plan, with exactly the statements that would run. */
export interface PlannedMigration {
  readonly version: number
  readonly name: string
  readonly direction: 'up' | 'down'
  readonly statements: readonly MigrationStatement[]
}

/** The version to migrate to, and how to resolve inconsistencies in an ancestor's records. */
export interface PlanOptions {
  /**
   * The version to reach, up or down; by default this build's latest. 1 is the layout of the
   * ancestors.
   */
  readonly to?: number | undefined
  /**
   * An ancestor's plans that are their own ancestors: rejected (default), or one of each cycle
   * becomes a root.
   */
  readonly onCycle?: Choices['onCycle'] | undefined
  /** An ancestor's plans whose parent is missing: they become roots (default), or are rejected. */
  readonly onOrphan?: Choices['onOrphan'] | undefined
}

export const latestVersion = chain.at(-1)?.version ?? 0

export class SchemaState {
  readonly #engine: Engine
  readonly #events: EventPublisher

  constructor(engine: Engine, publisher: EventPublisher) {
    this.#engine = engine
    this.#events = publisher
  }

  /** The version of the schema; 0 if the database has no ledger. */
  async version(): Promise<number> {
    return currentOf(await this.#entries())
  }

  async status(): Promise<MigrationStatus> {
    const last = (await this.#entries()).at(-1)
    const current = last?.version ?? 0
    const pending = chain.filter((migration) => migration.version > current)
    return {
      current,
      latest: latestVersion,
      pending: pending.map(({ version, name, breaking }) => ({ version, name, breaking })),
      ...(last && current > latestVersion && { newerPurser: last.purserVersion }),
    }
  }

  /** @throws MigrationError unless the database is at this build's version */
  async assertCurrent(): Promise<void> {
    const entries = await this.checkedEntries()
    const current = currentOf(entries)
    if (current >= latestVersion) return
    const waiting = chain.filter((migration) => migration.version > current).map(label)
    throw new MigrationError(
      `the database is at version ${current}, this build needs ${latestVersion}; run purser migrate (pending: ${waiting.join(', ')})`,
      { details: waiting },
    )
  }

  /**
   * The statements that `migrate` would run now, in order. Changes nothing.
   * @throws MigrationError where `migrate` would reject the database
   */
  async plan(options: PlanOptions = {}): Promise<readonly PlannedMigration[]> {
    const target = checkTarget(options.to)
    if (await this.#engine.schema.interrupted?.()) {
      throw new MigrationError(
        'a migration was cut off, or is running; run purser migrate, which ends it first, and ask for the plan then',
      )
    }
    const current = currentOf(await this.checkedEntries(target))
    const now = new Date()
    if (target < current) {
      const { migrations } = await bindMigrations(this.#engine, between(target, current).reverse(), now)
      return migrations.map((one) => ({ ...named(one), direction: 'down', statements: one.down() }))
    }
    const live = await this.#engine.schema.introspect()
    if (current === 0 && target === latestVersion && isEmpty(live)) {
      const { version, name } = creationJob(this.#engine)
      const statements = creationStatements(this.#engine.schema.writer(now))
      return [{ version, name, direction: 'up', statements }]
    }
    const read = (query: Query) => this.#engine.read(query)
    const planned: PlannedMigration[] = []
    const { migrations } = await bindMigrations(this.#engine, between(current, target), now)
    for (const one of migrations) {
      const own = one.version === BASELINE_VERSION ? await this.#adoptionStatements(live, now) : one.up()
      const inspected = (await one.inspect?.({ ...choicesOf(options), live, read })) ?? []
      planned.push({ ...named(one), direction: 'up', statements: [...inspected, ...own] })
    }
    return planned
  }

  async #adoptionStatements(live: LiveSchema, now: Date): Promise<readonly MigrationStatement[]> {
    const { dialectOf, planAdoption } = await loadAdoption()
    const { writer } = await dialectOf(this.#engine)
    return (await planAdoption(live, writer(now), (query) => this.#engine.read(query))).statements
  }

  /** The ledger; empty if the database has none. */
  async #entries(): Promise<readonly LedgerEntry[]> {
    const read = () => readLedger(this.#engine, (query) => this.#engine.read(query))
    try {
      return await read()
    } catch {
      if (!hasLedger(await this.#engine.schema.introspect())) return []
    }
    // Another process may have created it between the two checks.
    try {
      return await read()
    } catch (error) {
      const known = this.#engine.classify(error)
      if (known.retryable) throw known
      throw new MigrationError(
        `the ledger of migrations (${LEDGER}) cannot be read; nothing was changed. Restore a backup, or give Purser a database of its own`,
        { cause: error },
      )
    }
  }

  /**
   * The entries that this build knows.
   * @param target the version to migrate to: a newer build's migrations must not remain above an
   * older layout
   * @throws MigrationError for gaps, changed checksums, and breaking migrations of newer builds
   */
  async checkedEntries(target = latestVersion): Promise<readonly LedgerEntry[]> {
    const entries = await this.#entries()
    assertNoGap(entries)
    assertChecksums(this.#engine, entries, chain)
    const newer = entries.filter((entry) => entry.version > latestVersion)
    const breaking = newer.find((entry) => entry.breaking)
    if (breaking) {
      throw new MigrationError(
        `the database has migration ${label(breaking)} of Purser ${breaking.purserVersion}, which this build (newest: ${latestVersion}) does not know and cannot work with; update Purser`,
      )
    }
    const last = newer.at(-1)
    if (last && target < latestVersion) {
      throw new MigrationError(
        `the database has migration ${label(last)} of a newer build (Purser ${last.purserVersion}), which has to be reverted first, by that build; nothing was changed`,
      )
    }
    if (last) this.#events.emit(events.schemaNewer, { version: last.version, known: latestVersion })
    return entries.filter((entry) => entry.version <= latestVersion)
  }
}

/**
 * Rejects a gap: a migration below the last one that was never applied, for example after two
 * branches were merged, would be missing forever.
 */
function assertNoGap(entries: readonly LedgerEntry[]): void {
  const missing = between(0, currentOf(entries)).filter(
    (migration) => !entries.some((entry) => entry.version === migration.version),
  )
  if (missing.length === 0) return
  const details = missing.map(label)
  throw new MigrationError(
    `the ledger of migrations lacks ${details.join(', ')}, though later ones were applied; nothing was changed. Restore a backup`,
    { details },
  )
}

/** The last version of a ledger; 0 if it is empty. */
export function currentOf(entries: readonly LedgerEntry[]): number {
  return entries.at(-1)?.version ?? 0
}

/** The migrations above `low` up to `high`, in order. */
export function between(low: number, high: number): (MigrationHead | Migration)[] {
  return chain.filter((migration) => migration.version > low && migration.version <= high)
}

/** The default of each choice makes the records consistent, or changes nothing. */
export function choicesOf(options: PlanOptions): Choices {
  return { onCycle: options.onCycle ?? 'abort', onOrphan: options.onOrphan ?? 'root' }
}

/** The part of a migration that reports show. */
export function named(migration: MigrationHead) {
  return { version: migration.version, name: migration.name }
}

/** @throws MigrationError unless there is such a version */
export function checkTarget(to: number | undefined): number {
  if (to === undefined) return latestVersion
  if (Number.isInteger(to) && to >= 1 && to <= latestVersion) return to
  throw new MigrationError(
    `there is no version ${String(to)}; versions go from 1 (the ancestors' layout) to ${latestVersion}`,
  )
}
