// What happened to a record, from the audit trail, the newest first.

import { Link } from 'wouter-preact'
import type { Query } from '../api/client.ts'
import { usePages } from '../api/queries.ts'
import type { AuditEntry } from '../api/records.ts'
import { auditPath } from './links.tsx'
import { More } from './more.tsx'
import { Empty, Failure, Waiting } from './panel.tsx'
import { toneOfVerdict, Verdict } from './state.tsx'
import { Time } from './time.tsx'
import { spaced } from './words.ts'

export function Timeline({ query }: { readonly query: Query }) {
  const { items, list } = usePages<AuditEntry>('/audit', {
    query: { ...query, limit: 20 },
    records: ['audit_entry'],
  })
  if (list.error) return <Failure problem={list.error} again={() => void list.refetch()} />
  if (list.isPending) return <Waiting />
  if (items.length === 0) return <Empty title="Nothing has happened to it" />
  return (
    <>
      <ol class="timeline">
        {items.map((entry) => (
          <Moment key={entry.id} entry={entry} />
        ))}
      </ol>
      <More list={list} />
    </>
  )
}

const failures = new Set(['fail', 'cancel', 'expire', 'reject', 'delete'])
const ends = new Set(['complete', 'approve'])

function Moment({ entry }: { readonly entry: AuditEntry }) {
  const { id, timestamp, actor, action, verdict, reason } = entry
  const verb = action.split(':')[1] ?? ''
  const tone = failures.has(verb) ? 'bad' : ends.has(verb) ? 'good' : toneOfVerdict(verdict)
  return (
    <li data-tone={tone}>
      <span>
        <Link href={auditPath(id)} data-row="">
          {spaced(action.replace(':', ' '))}
        </Link>{' '}
        by {actor} {verdict !== 'record' && <Verdict verdict={verdict} />}
        <span class="muted small"> {stepOf(entry)}</span>
      </span>
      <span class="muted small">
        <Time at={timestamp} />
      </span>
      {reason !== null && <p class="muted">{reason}</p>}
    </li>
  )
}

/** From where to where, if the entry says so. */
function stepOf({ details }: AuditEntry): string {
  if (typeof details !== 'object' || details === null) return ''
  const { from, to } = details as { readonly from?: unknown; readonly to?: unknown }
  if (typeof to !== 'string') return ''
  return typeof from === 'string' ? `${spaced(from)} → ${spaced(to)}` : `→ ${spaced(to)}`
}
