// Approvals: what waits for a person, with what is known about it; what was decided, and why.

import { approvalStatuses } from '../../../src/records/approvals/enums.ts'
import { usePages } from '../../api/queries.ts'
import type { Approval } from '../../api/records.ts'
import { Choice } from '../../parts/fields.tsx'
import { More } from '../../parts/more.tsx'
import { PageFrame } from '../../parts/page.tsx'
import { Empty, Failure, Panel, Waiting } from '../../parts/panel.tsx'
import { useParam } from '../../parts/params.ts'
import { ApprovalView } from './approval.tsx'
import { Decided } from './decided.tsx'

const risks = ['critical', 'high', 'medium', 'low']
const decidedStatuses = approvalStatuses.filter((status) => status !== 'pending')

export default function Approvals() {
  const [status, setStatus] = useParam('status')
  const pending = usePages<Approval>('/approvals', {
    query: { status: 'pending', limit: 50 },
    records: ['approval'],
  })
  const history = usePages<Approval>('/approvals', {
    query: { status: status === '' ? decidedStatuses : status, limit: 50, order: 'desc' },
    records: ['approval'],
  })
  const waiting = [...pending.items].sort((a, b) => risks.indexOf(a.riskLevel) - risks.indexOf(b.riskLevel))
  return (
    <PageFrame title="Approvals">
      <Panel title="Waits for a person" beside="the riskiest first">
        {pending.list.error && (
          <Failure problem={pending.list.error} again={() => void pending.list.refetch()} />
        )}
        {pending.list.isPending && <Waiting />}
        {pending.list.isSuccess && waiting.length === 0 && (
          <Empty
            title="Nothing waits"
            then="What agents ask for appears here at once; the number is beside the page's name."
          />
        )}
        {waiting.map((approval) => (
          <ApprovalView key={approval.id} approval={approval} />
        ))}
        <More list={pending.list} />
      </Panel>
      <Panel
        title="History"
        beside={
          <div class="filters">
            <Choice label="Outcome" any="any" value={status} options={decidedStatuses} onChange={setStatus} />
          </div>
        }
      >
        <Decided items={history.items} isPending={history.list.isPending} />
        <More list={history.list} />
      </Panel>
    </PageFrame>
  )
}
