// What was decided, by whom and why.

import type { Approval } from '../../api/records.ts'
import { PlanLink, TaskLink } from '../../parts/links.tsx'
import { Empty, Waiting } from '../../parts/panel.tsx'
import { ApprovalState } from '../../parts/state.tsx'
import { Time } from '../../parts/time.tsx'

export function Decided({
  items,
  isPending,
}: {
  readonly items: readonly Approval[]
  readonly isPending: boolean
}) {
  if (isPending) return <Waiting />
  if (items.length === 0) return <Empty title="Nothing was decided yet" />
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th class="fit">Outcome</th>
            <th>What</th>
            <th class="only-wide">Asked by</th>
            <th class="only-wide">Decided by</th>
            <th>Why</th>
            <th class="end fit">When</th>
          </tr>
        </thead>
        <tbody>
          {items.map((approval) => (
            <tr key={approval.id}>
              <td class="fit">
                <ApprovalState status={approval.status} />
              </td>
              <td>
                {approval.kind} {approval.planId !== null && <PlanLink id={approval.planId} />}{' '}
                {approval.taskId !== null && <TaskLink id={approval.taskId} />}
              </td>
              <td class="only-wide">{approval.requestedBy}</td>
              <td class="only-wide">{approval.decidedBy ?? '–'}</td>
              <td>{approval.decisionReason ?? '–'}</td>
              <td class="end fit muted">
                <Time at={approval.decidedAt ?? approval.updatedAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
