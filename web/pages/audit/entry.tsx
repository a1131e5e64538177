// One entry of the audit trail with everything that its hash covers, and its neighbours.

import { Link } from 'wouter-preact'
import { useRead } from '../../api/queries.ts'
import type { AuditEntry } from '../../api/records.ts'
import { Subject } from '../../parts/audit-line.tsx'
import { NamedPlan, NamedTask } from '../../parts/named.tsx'
import { PageFrame } from '../../parts/page.tsx'
import { Panel, Read } from '../../parts/panel.tsx'
import { Risk, Verdict } from '../../parts/state.tsx'
import { absoluteTime } from '../../parts/time.tsx'
import { count } from '../../parts/words.ts'

export default function AuditEntryPage({ id }: { readonly id: string }) {
  const entry = useRead<AuditEntry>(`/audit/${encodeURIComponent(id)}`, { records: ['audit_entry'] })
  return (
    <PageFrame
      title={entry.data ? `${entry.data.action} by ${entry.data.actor}` : 'Audit entry'}
      crumbs={<Link href="/audit">Audit trail</Link>}
      beside={
        entry.data && (
          <>
            <Verdict verdict={entry.data.verdict} /> <Risk level={entry.data.riskLevel} />
          </>
        )
      }
    >
      <Read of={entry} lines={8}>
        {(there) => <Detail entry={there} />}
      </Read>
    </PageFrame>
  )
}

function Detail({ entry }: { readonly entry: AuditEntry }) {
  return (
    <>
      <Panel title={`Entry ${count(entry.sequence)}`}>
        <div class="body stack">
          {entry.reason !== null && <p class="pre">{entry.reason}</p>}
          <dl class="facts">
            <dt>When</dt>
            <dd>{absoluteTime(entry.timestamp)}</dd>
            <dt>About</dt>
            <dd>
              <Subject entry={entry} />
            </dd>
            {entry.planId !== null && (
              <>
                <dt>Plan</dt>
                <dd>
                  <NamedPlan id={entry.planId} />
                </dd>
              </>
            )}
            {entry.taskId !== null && (
              <>
                <dt>Task</dt>
                <dd>
                  <NamedTask id={entry.taskId} />
                </dd>
              </>
            )}
            {entry.matchedRules.length > 0 && (
              <>
                <dt>Rules</dt>
                <dd>{entry.matchedRules.join(', ')}</dd>
              </>
            )}
          </dl>
          {entry.details !== null && <pre class="json">{JSON.stringify(entry.details, null, 2)}</pre>}
        </div>
      </Panel>
      <Panel title="Its place in the chain">
        <div class="body">
          <dl class="facts">
            <dt>Number</dt>
            <dd>{count(entry.sequence)}</dd>
            <dt>Hash</dt>
            <dd class="hash">{entry.hash}</dd>
            <dt>Of the entry before</dt>
            <dd class="hash">{entry.previousHash}</dd>
            {entry.argumentsHash !== null && (
              <>
                <dt>Of the arguments</dt>
                <dd class="hash">{entry.argumentsHash}</dd>
              </>
            )}
            <dt>Id</dt>
            <dd class="mono">{entry.id}</dd>
          </dl>
        </div>
      </Panel>
    </>
  )
}
