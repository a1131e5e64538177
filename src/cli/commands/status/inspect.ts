// What `purser status` finds out about a database. It only reads, and creates nothing.

import type { MigrationStatus, Store } from '../../../index.ts'
import type { Target } from '../../run/session.ts'
import { maskPasswords } from '../../screen/text.ts'
import { countRecords } from '../count-records.ts'

export interface StatusReport {
  readonly engine: string
  /** Without a password. */
  readonly url: string
  /** The source of the URL: a flag, a variable, a file. */
  readonly urlFrom: string
  /** The configuration file that was read, whether or not it names the URL. */
  readonly configFile: string | null
  readonly tenant: string | null
  readonly schemaVersion: number
  readonly latestVersion: number
  readonly pending: number
  readonly rows: Readonly<Record<string, number>>
  /** What needs attention. */
  readonly attention: Attention
  readonly serverVersion: string
  readonly location: string
  readonly sizeBytes: number | null
  readonly health: { readonly ok: boolean; readonly latencyMs: number; readonly error?: string }
  readonly pendingMigrations: MigrationStatus['pending']
  /** The version of Purser that the schema belongs to, if it is newer than this one. */
  readonly newerPurser: string | null
}

export interface Attention {
  /** Plans whose phase ended in an error. */
  readonly plansErrored: number
  /** Plans that a constraint stopped before they were applied. */
  readonly plansConstrained: number
  readonly tasksFailed: number
  readonly tasksBlocked: number
  /** Whether a migration had to replace values. */
  readonly hasFindings: boolean
}

const nothing: Attention = {
  plansErrored: 0,
  plansConstrained: 0,
  tasksFailed: 0,
  tasksBlocked: 0,
  hasFindings: false,
}

/** Collects what `purser status` shows. */
export async function inspect({ store, config, configFile }: Target, urlFrom: string): Promise<StatusReport> {
  const [schema, info, health] = await Promise.all([
    store.migrationStatus(),
    store.info(),
    store.healthCheck(),
  ])
  const isCurrent = schema.current === schema.latest && schema.pending.length === 0
  return {
    engine: store.backendName,
    url: maskPasswords(config.url),
    urlFrom,
    configFile,
    tenant: config.tenant ?? null,
    schemaVersion: schema.current,
    latestVersion: schema.latest,
    pending: schema.pending.length,
    // The records' tables have the same names in every layout; a database with an older one may
    // lack some.
    rows: await countRecords(store, { lenient: schema.pending.length > 0 }),
    attention: isCurrent ? await findAttention(store) : nothing,
    serverVersion: info.serverVersion,
    location: store.location,
    sizeBytes: info.sizeBytes,
    health: {
      ok: health.ok,
      latencyMs: Math.round(health.latencyMs * 10) / 10,
      ...(health.error === undefined ? {} : { error: health.error }),
    },
    pendingMigrations: schema.pending,
    newerPurser: schema.newerPurser ?? null,
  }
}

async function findAttention(store: Store): Promise<Attention> {
  const [plansErrored, plansConstrained, tasksFailed, tasksBlocked, findings] = await Promise.all([
    store.plans.count({ state: 'errored' }),
    store.plans.count({ state: 'constrained' }),
    store.tasks.count({ status: 'failed' }),
    store.tasks.count({ status: 'blocked' }),
    store.findings({ limit: 1 }),
  ])
  const hasFindings = findings.items.length + findings.corrupt.length > 0
  return { plansErrored, plansConstrained, tasksFailed, tasksBlocked, hasFindings }
}

/** Why this build cannot use or upgrade the database; undefined if it can. */
export async function reasonAgainst(store: Store, report: StatusReport): Promise<string | undefined> {
  if (!report.health.ok) return report.health.error ?? 'the database does not answer'
  try {
    await store.migrationPlan()
    return undefined
  } catch (error) {
    if (error instanceof Error) return error.message
    throw error
  }
}
