// One approval that waits: who asks for what and why, how risky it is, what it cost so far; approve
// and reject, each with a reason.

import { useEffect, useRef, useState } from 'preact/hooks'
import { useSearchParams } from 'wouter-preact'
import { change } from '../../api/client.ts'
import { queries, useRead } from '../../api/queries.ts'
import type { Approval, CostTotal, Items } from '../../api/records.ts'
import { mayOperate, useSession } from '../../api/session.ts'
import { Confirm } from '../../parts/dialog.tsx'
import { Money } from '../../parts/money.tsx'
import { NamedPlan, NamedTask } from '../../parts/named.tsx'
import { Risk } from '../../parts/state.tsx'
import { Time } from '../../parts/time.tsx'
import { useCurrency } from '../costs/currency.ts'

export function ApprovalView({ approval }: { readonly approval: Approval }) {
  const { id, kind, requestedBy, reason, riskLevel, createdAt, expiresAt, details, planId, taskId } = approval
  const [decision, setDecision] = useState<'approve' | 'reject'>()
  const session = useSession()
  const [params] = useSearchParams()
  const article = useRef<HTMLElement>(null)
  useEffect(() => {
    if (params.get('open') === id) article.current?.scrollIntoView({ block: 'center' })
  }, [params, id])
  return (
    <article ref={article} class="approval" aria-label={`${kind} for ${requestedBy}`}>
      <div class="line wrap">
        <strong>{kind}</strong>
        <Risk level={riskLevel} />
        <span class="muted">
          asked by {requestedBy} <Time at={createdAt} />
        </span>
        {expiresAt !== null && (
          <span class="muted">
            expires <Time at={expiresAt} />
          </span>
        )}
      </div>
      <p>{reason ?? <span class="muted">No reason is given.</span>}</p>
      <dl class="facts">
        {planId !== null && <PlanFacts planId={planId} />}
        {taskId !== null && (
          <>
            <dt>Task</dt>
            <dd>
              <NamedTask id={taskId} />
            </dd>
          </>
        )}
        {factsIn(details).map(([name, value]) => (
          <>
            <dt key={name}>{name}</dt>
            <dd>{value}</dd>
          </>
        ))}
      </dl>
      {mayOperate(session) ? (
        <div class="actions">
          <button type="button" class="primary" data-row="" onClick={() => setDecision('approve')}>
            Approve…
          </button>
          <button type="button" class="danger" onClick={() => setDecision('reject')}>
            Reject…
          </button>
        </div>
      ) : (
        <p class="muted">Operators decide: sign in with a token of that role.</p>
      )}
      {decision !== undefined && (
        <Decide approval={approval} decision={decision} onClose={() => setDecision(undefined)} />
      )}
    </article>
  )
}

/** The plan, and its cost with everything below it. */
function PlanFacts({ planId }: { readonly planId: string }) {
  const { currency } = useCurrency()
  const costs = useRead<Items<CostTotal>>('/costs/report', {
    query: { planId, tree: true, currency },
    records: ['cost_record'],
  })
  const total = costs.data?.items[0]
  return (
    <>
      <dt>Plan</dt>
      <dd>
        <NamedPlan id={planId} />
      </dd>
      <dt>Cost so far</dt>
      <dd>{total ? <Money value={total.cost} currency={currency} /> : '…'}</dd>
    </>
  )
}

function factsIn(details: unknown): readonly (readonly [string, string])[] {
  if (details === null || details === undefined) return []
  if (typeof details !== 'object' || Array.isArray(details)) return [['details', JSON.stringify(details)]]
  return Object.entries(details).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
}

interface DecideProps {
  readonly approval: Approval
  readonly decision: 'approve' | 'reject'
  readonly onClose: () => void
}

function Decide({ approval, decision, onClose }: DecideProps) {
  // What was seen when the dialog was opened, whatever has changed since.
  const [{ id, kind, requestedBy, version }] = useState(approval)
  const isApproval = decision === 'approve'
  const act = async (fields: FormData) => {
    const reason = String(fields.get('reason') ?? '').trim()
    await change({
      method: 'POST',
      path: `/approvals/${encodeURIComponent(id)}/${decision}`,
      version,
      body: reason === '' ? {} : { reason },
    })
    await queries.invalidateQueries()
  }
  return (
    <Confirm
      title={`${isApproval ? 'Approve' : 'Reject'} ${kind} for ${requestedBy}`}
      button={isApproval ? 'Approve' : 'Reject'}
      isDangerous={!isApproval}
      done={isApproval ? 'Approved' : 'Rejected'}
      act={act}
      onClose={onClose}
    >
      <p>It is decided once, and the audit trail names you.</p>
      <label>
        Why{isApproval && ' (may be left out)'}
        <textarea name="reason" required={!isApproval} />
      </label>
    </Confirm>
  )
}
