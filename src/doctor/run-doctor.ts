// Runs every check, one after the other, and never throws for a problem of the database: a check
// that cannot run counts as failed, with the reason.

import type { PersistenceError } from '../errors.ts'
import { latestVersion } from '../migrations/schema-state.ts'
import { auditChainCheck } from './audit-chain.ts'
import {
  type Check,
  type Diagnosis,
  type DoctorCheck,
  type DoctorCheckName,
  doctorChecks,
  type ExaminedStore,
  failing,
} from './check.ts'
import { costTotalsCheck } from './cost-totals.ts'
import { decisionsCheck } from './decisions.ts'
import { findingsCheck } from './findings.ts'
import { integrityCheck, referencesCheck } from './integrity.ts'
import { ledgerCheck } from './ledger.ts'
import { planTreesCheck } from './plan-trees.ts'
import { driftCheck } from './schema-drift.ts'
import { searchIndexCheck } from './search-index.ts'
import { taskAssigneesCheck } from './task-assignees.ts'
import { taskClaimsCheck } from './task-claims.ts'
import { taskDependenciesCheck } from './task-dependencies.ts'
import { taskLinksCheck } from './task-links.ts'
import { taskQueueCheck } from './task-queue.ts'
import { unreadableColumnsCheck } from './unreadable-columns.ts'

export interface DoctorReport {
  /** True unless a check failed. */
  readonly ok: boolean
  readonly checks: readonly DoctorCheck[]
}

export interface DoctorOptions {
  /** Only these checks; all of them by default. */
  readonly only?: readonly DoctorCheckName[] | undefined
  /**
   * Progress: the current check, and the fraction of all of them done, from 0 to 1. If it throws,
   * the run ends and the error is rethrown.
   */
  readonly onProgress?:
    | ((progress: { readonly check: DoctorCheckName; readonly share: number }) => void)
    | undefined
}

const checks: Readonly<Record<DoctorCheckName, Check>> = {
  ledger: ledgerCheck,
  'schema drift': driftCheck,
  integrity: integrityCheck,
  references: referencesCheck,
  'plan trees': planTreesCheck,
  decisions: decisionsCheck,
  'unreadable columns': unreadableColumnsCheck,
  'task assignees': taskAssigneesCheck,
  'task links': taskLinksCheck,
  'task queue': taskQueueCheck,
  'task dependencies': taskDependenciesCheck,
  'task claims': taskClaimsCheck,
  'cost totals': costTotalsCheck,
  'search index': searchIndexCheck,
  'audit chain': auditChainCheck,
  findings: findingsCheck,
}

/**
 * Runs the checks one after the other, in the order of `doctorChecks`. A check that throws is
 * reported as failed; checks that need the current schema fail without running at an earlier
 * version. Changes nothing.
 * @throws only what `options.onProgress` throws
 */
export async function runDoctor(
  patient: Omit<ExaminedStore, 'progress'>,
  options: DoctorOptions = {},
): Promise<DoctorReport> {
  const version = await patient.state.version().catch(() => undefined)
  const made: DoctorCheck[] = []
  const wanted = doctorChecks.filter((name) => options.only?.includes(name) ?? true)
  for (const [index, name] of wanted.entries()) {
    const progress = (share: number) =>
      options.onProgress?.({ check: name, share: (index + share) / wanted.length })
    progress(0)
    // A turn of the event loop, in which progress can be drawn.
    await new Promise((resolve) => setImmediate(resolve))
    made.push({ name, ...(await make(checks[name], { ...patient, progress }, version)) })
  }
  return { ok: made.every(({ status }) => status !== 'fail'), checks: made }
}

async function make(check: Check, patient: ExaminedStore, version: number | undefined): Promise<Diagnosis> {
  if (check.needsCurrentSchema && (version ?? 0) < latestVersion) {
    const what = version === undefined ? 'the ledger cannot be read' : `the database is at version ${version}`
    return failing(`not checked: ${what}`, 0, 'see to the ledger first')
  }
  try {
    return await check.run(patient)
  } catch (error) {
    const known: PersistenceError = patient.engine.classify(error)
    return failing(
      `could not be checked: ${known.message}`,
      0,
      'see to the other failed checks first; repeat',
    )
  }
}
