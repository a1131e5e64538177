// The newest entries of the audit trail, as they arrive: who did what to what.

import { useEffect, useRef } from 'preact/hooks'
import { Link } from 'wouter-preact'
import { useRead } from '../../api/queries.ts'
import type { AuditEntry, Page } from '../../api/records.ts'
import { AuditLine } from '../../parts/audit-line.tsx'
import { Empty, Panel, Read } from '../../parts/panel.tsx'

const SHOWN = 12

export function NewestPanel() {
  const entries = useRead<Page<AuditEntry>>('/audit', {
    query: { limit: SHOWN },
    records: ['audit_entry'],
  })
  // What was there at the first look is not news.
  const seen = useRef<Set<string> | undefined>(undefined)
  const items = entries.data?.items
  useEffect(() => {
    if (items) seen.current = new Set([...(seen.current ?? []), ...items.map(({ id }) => id)])
  }, [items])
  return (
    <Panel title="Newest changes" beside={<Link href="/audit">Audit trail</Link>}>
      <Read of={entries} lines={6}>
        {({ items: shown }) =>
          shown.length === 0 ? (
            <Empty
              title="Nothing has happened yet"
              then="Every change of a record appears here as it is committed."
            />
          ) : (
            <ul class="feed">
              {shown.map((entry) => (
                <AuditLine
                  key={entry.id}
                  entry={entry}
                  isFresh={seen.current !== undefined && !seen.current.has(entry.id)}
                />
              ))}
            </ul>
          )
        }
      </Read>
    </Panel>
  )
}
