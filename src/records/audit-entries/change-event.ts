// What the audit trail says about a change of a record, by its definition: which record, which
// verb, and the plan and task that it belongs to. Names and versions only, never what is in the
// fields.

import type { RecordDefinition } from '../model/define-record.ts'
import type { AuditEvent } from './trail.ts'

type Values = Readonly<Record<string, unknown>>

/** What the event of a change may say besides that. */
export type ChangeRemarks = Partial<
  Pick<AuditEvent, 'verdict' | 'reason' | 'riskLevel' | 'matchedRules' | 'planId' | 'taskId'>
>

/** Undefined if the definition says that changes of such records have no entry. */
export function changeEvent(
  { auditing, key }: Pick<RecordDefinition, 'auditing' | 'key'>,
  verb: string,
  record: Values,
  details: AuditEvent['details'],
  remarks: ChangeRemarks,
): AuditEvent | undefined {
  if (auditing === null) return undefined
  const { area, subjectType, riskLevel } = auditing
  const subject = { action: `${area}:${verb}`, subjectType, subjectId: String(record[key.field]), riskLevel }
  return { ...subject, ...linksOf(record), details, ...remarks }
}

/** The plan and the task that a record refers to. */
export function linksOf({ planId, taskId }: Values): Pick<AuditEvent, 'planId' | 'taskId'> {
  return {
    ...(typeof planId === 'string' ? { planId } : {}),
    ...(typeof taskId === 'string' ? { taskId } : {}),
  }
}

/** What the entry of a new record says: its version, if it has one. */
export function creationDetails({ version }: Values): AuditEvent['details'] {
  return typeof version === 'number' ? { version } : null
}
