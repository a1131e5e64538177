// The contract of a doctor check: it examines one thing and reports its state. A check only reads.
// If it throws, the doctor reports that (run-doctor.ts), so no check catches anything.

import type { Engine, Query, Row } from '../engines/contract/engine.ts'
import type { SchemaState } from '../migrations/schema-state.ts'
import type { AuditVerification } from '../records/audit-entries/verify.ts'

/** The checks, in execution order. */
export const doctorChecks = [
  'ledger',
  'schema drift',
  'integrity',
  'references',
  'plan trees',
  'decisions',
  'unreadable columns',
  'task assignees',
  'task links',
  'task queue',
  'task dependencies',
  'task claims',
  'cost totals',
  'search index',
  'audit chain',
  'findings',
] as const

export type DoctorCheckName = (typeof doctorChecks)[number]

/** The result of one check. */
export interface DoctorCheck {
  readonly name: DoctorCheckName
  /** `warn` deserves attention; `fail` means wrong, or not checkable. */
  readonly status: 'ok' | 'warn' | 'fail'
  /**
   * The finding, in a sentence: counts, ids, names of tables and columns, never content of a
   * record.
   */
  readonly detail: string
  /** The number of problems. */
  readonly count: number
  /** What to do about it; null if there is nothing to do. */
  readonly next: string | null
}

export type Diagnosis = Omit<DoctorCheck, 'name'>

/** What checks examine. */
export interface ExaminedStore {
  readonly engine: Engine
  readonly state: SchemaState
  read(query: Query): Promise<readonly Row[]>
  verifyAudit(): Promise<AuditVerification>
  /** Reports the progress of a long check, from 0 to 1. */
  progress(share: number): void
}

export interface Check {
  readonly name: DoctorCheckName
  /** The check requires tables as this build lays them out. */
  readonly needsCurrentSchema: boolean
  run(patient: ExaminedStore): Promise<Diagnosis>
}

/** The most ids that a sentence lists. */
export const MAX_NAMED = 10

/** A diagnosis without problems. */
export function passing(detail: string): Diagnosis {
  return { status: 'ok', detail, count: 0, next: null }
}

/** A diagnosis of something wrong: how many problems, and what to do about them. */
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
