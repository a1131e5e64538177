// What waits for a person: pending approvals, the riskiest first, and failed work.

import { Link } from 'wouter-preact'
import { useRead } from '../../api/queries.ts'
import type { Approval, Page, Plan, Task } from '../../api/records.ts'
import { PlanLink, planTitle, TaskLink } from '../../parts/links.tsx'
import { Empty, Panel, Read } from '../../parts/panel.tsx'
import { PlanStateView, Risk, TaskState } from '../../parts/state.tsx'
import { Time } from '../../parts/time.tsx'

const risks = ['critical', 'high', 'medium', 'low']
const SHOWN = 5

export function WaitingPanel() {
  const approvals = useRead<Page<Approval>>('/approvals', {
    query: { status: 'pending', limit: 100 },
    records: ['approval'],
    every: 60_000,
  })
  const plans = useRead<Page<Plan>>('/plans', {
    query: { state: ['errored', 'constrained'], limit: SHOWN },
    records: ['plan'],
  })
  const tasks = useRead<Page<Task>>('/tasks', {
    query: { status: ['failed', 'auth_required'], limit: SHOWN, order: 'desc' },
    records: ['task'],
  })
  const stuck = [...(plans.data?.items ?? []), ...(tasks.data?.items ?? [])]
  return (
    <Panel class="first" title="Waits for a person" beside={<Link href="/approvals">All approvals</Link>}>
      <Read of={approvals}>
        {({ items }) =>
          items.length + stuck.length === 0 ? (
            <Empty
              title="Nothing waits for you"
              then="Approvals that agents ask for, and work that failed, appear here."
            />
          ) : (
            <ul class="rows">
              {[...items]
                .sort((a, b) => risks.indexOf(a.riskLevel) - risks.indexOf(b.riskLevel))
                .slice(0, SHOWN)
                .map((approval) => (
                  <ApprovalRow key={approval.id} approval={approval} />
                ))}
              {stuck.map((record) =>
                'planId' in record && 'phase' in record ? (
                  <li key={record.planId}>
                    <div class="line">
                      <span class="grow clip">
                        <PlanLink id={record.planId} row>
                          {planTitle(record)}
                        </PlanLink>
                      </span>
                      <PlanStateView plan={record} />
                    </div>
                    <p class="muted small">{record.error?.message ?? 'its result violates a constraint'}</p>
                  </li>
                ) : (
                  <li key={(record as Task).id}>
                    <div class="line">
                      <span class="grow clip">
                        <TaskLink id={(record as Task).id} row>
                          {(record as Task).title}
                        </TaskLink>
                      </span>
                      <TaskState status={(record as Task).status} />
                    </div>
                    <p class="muted small">{(record as Task).lastError}</p>
                  </li>
                ),
              )}
            </ul>
          )
        }
      </Read>
    </Panel>
  )
}

function ApprovalRow({ approval }: { readonly approval: Approval }) {
  const { id, kind, requestedBy, reason, riskLevel, createdAt } = approval
  return (
    <li>
      <div class="line">
        <span class="grow clip">
          <Link href={`/approvals?open=${encodeURIComponent(id)}`} data-row="">
            {kind}
          </Link>{' '}
          <span class="muted">for {requestedBy}</span>
        </span>
        <Risk level={riskLevel} />
      </div>
      <p class="muted small">
        {reason ?? 'No reason is given'} · <Time at={createdAt} />
      </p>
    </li>
  )
}
