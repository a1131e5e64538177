// The audit trail: who did what and why, and a proof that it is as it was written.

import { auditVerdicts, riskLevels } from '../../../src/records/audit-entries/enums.ts'
import { usePages } from '../../api/queries.ts'
import type { AuditEntry } from '../../api/records.ts'
import { AuditLine } from '../../parts/audit-line.tsx'
import { Choice, SearchField } from '../../parts/fields.tsx'
import { More } from '../../parts/more.tsx'
import { PageFrame } from '../../parts/page.tsx'
import { Empty, Failure, Panel, Waiting } from '../../parts/panel.tsx'
import { useParam } from '../../parts/params.ts'
import { Verify } from './verify.tsx'

export default function Audit() {
  const [action, setAction] = useParam('action')
  const [actor, setActor] = useParam('actor')
  const [verdict, setVerdict] = useParam('verdict')
  const [riskLevel, setRisk] = useParam('risk')
  const { items, list } = usePages<AuditEntry>('/audit', {
    query: { action, actor, verdict, riskLevel, limit: 50 },
    records: ['audit_entry'],
  })
  return (
    <PageFrame title="Audit trail">
      <Verify />
      <div class="filters">
        <SearchField label="Action, such as plan:*" value={action} onChange={setAction} />
        <SearchField label="Actor" value={actor} onChange={setActor} />
        <Choice label="Verdict" any="any" value={verdict} options={auditVerdicts} onChange={setVerdict} />
        <Choice label="Risk" any="any" value={riskLevel} options={riskLevels} onChange={setRisk} />
      </div>
      <Panel title="Entries, the newest first">
        {list.error && <Failure problem={list.error} again={() => void list.refetch()} />}
        {list.isPending && <Waiting lines={8} />}
        {list.isSuccess && items.length === 0 && (
          <Empty
            title="No entry matches"
            then="An action is given whole, or by its beginning and a star: plan:*"
          />
        )}
        <ul class="feed">
          {items.map((entry) => (
            <AuditLine key={entry.id} entry={entry} />
          ))}
        </ul>
        <More list={list} />
      </Panel>
    </PageFrame>
  )
}
