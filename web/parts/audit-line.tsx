// One entry of the audit trail as a line: who did what to what, and why.

import { Link } from 'wouter-preact'
import type { AuditEntry } from '../api/records.ts'
import { auditPath, PlanLink, TaskLink } from './links.tsx'
import { Verdict } from './state.tsx'
import { Time } from './time.tsx'
import { firstLine, shortId } from './words.ts'

export function AuditLine({ entry, isFresh = false }: { entry: AuditEntry; isFresh?: boolean }) {
  const { id, timestamp, actor, action, verdict, reason } = entry
  return (
    <li class={isFresh ? 'fresh' : ''}>
      <span>
        <strong>{actor}</strong>{' '}
        <Link href={auditPath(id)} data-row="">
          {action}
        </Link>{' '}
        <Subject entry={entry} /> {verdict !== 'record' && <Verdict verdict={verdict} />}
        {reason !== null && <span class="muted"> {firstLine(reason, 90)}</span>}
      </span>
      <Time at={timestamp} />
    </li>
  )
}

/** What an entry is about, as a link where there is a page for it. */
export function Subject({ entry }: { readonly entry: AuditEntry }) {
  const { subjectType, subjectId } = entry
  if (subjectId === null) return <span>{subjectType}</span>
  if (subjectType === 'plan') return <PlanLink id={subjectId} />
  if (subjectType === 'task') return <TaskLink id={subjectId} />
  return (
    <span>
      {subjectType} <span class="id">{shortId(subjectId)}</span>
    </span>
  )
}
