// What a check of the doctor is: it looks at one thing and says how that is. A check only reads; when it throws, the doctor says
// so (run-doctor.ts), so none of them catches anything.

import type { Engine, Query, Row } from '../engines/contract/engine.ts'
import type { SchemaState } from '../migrations/schema-state.ts'
import type { AuditVerification } from '../records/audit-entries/verify.ts'

/** The checks, in the order in which they are made. */
export const doctorChecks = [
  'ledger',
  'schema drift',
  'integrity',
  'references',
  'plan trees',
  'unreadable columns',
  'task assignees',
  'task links',
  'cost totals',
  'search index',
  'audit chain',
  'findings',
] as const

export type DoctorCheckName = (typeof doctorChecks)[number]

/** What came of one check. */
export interface DoctorCheck {
  readonly name: DoctorCheckName
  /** `warn` is worth a look; `fail` is wrong, or could not be checked. */
  readonly status: 'ok' | 'warn' | 'fail'
  /** What was found, in a sentence: counts, ids, names of tables and columns, and never what a record holds. */
  readonly detail: string
  /** How many things are wrong. */
  readonly count: number
  /** What to do about it; null when there is nothing to do. */
  readonly next: string | null
}

export type Diagnosis = Omit<DoctorCheck, 'name'>

/** What checks look at. */
export interface ExaminedStore {
  readonly engine: Engine
  readonly state: SchemaState
  read(query: Query): Promise<readonly Row[]>
  verifyAudit(): Promise<AuditVerification>
  /** Says how much of a long check is done, from 0 to 1. */
  progress(share: number): void
}

export interface Check {
  readonly name: DoctorCheckName
  /** The check reads tables as this build lays them out. */
  readonly needsCurrentSchema: boolean
  run(patient: ExaminedStore): Promise<Diagnosis>
}

/** The most ids that a sentence names. */
export const MAX_NAMED = 10

export function passing(detail: string): Diagnosis {
  return { status: 'ok', detail, count: 0, next: null }
}

export function failing(detail: string, count: number, next: string): Diagnosis {
  return { status: 'fail', detail, count, next }
}

/** `a, b, c and 12 more`. */
export function enumerate(items: readonly string[], total = items.length): string {
  const shown = items.slice(0, MAX_NAMED)
  const left = total - shown.length
  return left > 0 ? `${shown.join(', ')} and ${left} more` : shown.join(', ')
}

/** `1 row`, `2 rows`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`
}
