// One plan: where it is in its tree, what happened to it, what it may do by itself, what it costs,
// what was said about it, and what one may do with it.

import { Link } from 'wouter-preact'
import { useRead } from '../../api/queries.ts'
import type { Items, Page, Plan } from '../../api/records.ts'
import { PlanLink, planTitle } from '../../parts/links.tsx'
import { PageFrame } from '../../parts/page.tsx'
import { Panel, Read } from '../../parts/panel.tsx'
import { PlanStateView } from '../../parts/state.tsx'
import { ThreadPanel } from '../../parts/thread.tsx'
import { Time } from '../../parts/time.tsx'
import { Timeline } from '../../parts/timeline.tsx'
import { TaskRows } from '../tasks/task-rows.tsx'
import { PlanCosts } from './plan-costs.tsx'
import { PlanMoves } from './plan-moves.tsx'
import { PlanProfile } from './plan-profile.tsx'

export default function PlanPage({ id }: { readonly id: string }) {
  const path = `/plans/${encodeURIComponent(id)}`
  const plan = useRead<Plan>(path, { records: ['plan'] })
  const above = useRead<Items<Plan>>(`${path}/ancestors`, { records: ['plan'] })
  return (
    <PageFrame
      title={plan.data ? planTitle(plan.data) : 'Plan'}
      crumbs={
        <>
          <Link href="/plans">Plans</Link>
          {[...(above.data?.items ?? [])].reverse().map((parent) => (
            <span key={parent.planId}>
              / <PlanLink id={parent.planId}>{planTitle(parent)}</PlanLink>
            </span>
          ))}
        </>
      }
      beside={plan.data && <PlanStateView plan={plan.data} />}
      actions={plan.data && <PlanMoves plan={plan.data} />}
    >
      <Read of={plan} lines={8}>
        {(there) => <Detail plan={there} path={path} />}
      </Read>
    </PageFrame>
  )
}

function Detail({ plan, path }: { readonly plan: Plan; readonly path: string }) {
  const { planId, error } = plan
  const children = useRead<Page<Plan>>(`${path}/children`, { query: { limit: 200 }, records: ['plan'] })
  return (
    <>
      {error !== null && (
        <div class="failure">
          <div>
            <strong>It failed</strong>
            <p>{error.message}</p>
          </div>
        </div>
      )}
      <div class="split">
        <div class="stack">
          <Facts plan={plan} />
          {(children.data?.items.length ?? 0) > 0 && (
            <Panel title="Plans below">
              <ul class="rows">
                {children.data?.items.map((child) => (
                  <li key={child.planId} class="line">
                    <span class="grow clip">
                      <PlanLink id={child.planId} row>
                        {planTitle(child)}
                      </PlanLink>
                    </span>
                    <PlanStateView plan={child} />
                  </li>
                ))}
              </ul>
            </Panel>
          )}
          <TaskRows title="Tasks" query={{ planId }} />
          <ThreadPanel about={{ planId }} />
        </div>
        <div class="stack">
          <PlanCosts planId={planId} />
          <Panel title="What happened">
            <Timeline query={{ planId }} />
          </Panel>
          <PlanProfile plan={plan} />
        </div>
      </div>
    </>
  )
}

function Facts({ plan }: { readonly plan: Plan }) {
  const actors = Object.entries(plan.actors).filter(([, name]) => name !== null)
  return (
    <Panel title="Goal">
      <div class="body stack">
        <p class="pre">{plan.description}</p>
        <dl class="facts">
          {plan.definitionOfDone !== null && (
            <>
              <dt>Done when</dt>
              <dd>{plan.definitionOfDone}</dd>
            </>
          )}
          <dt>Action</dt>
          <dd>{plan.actionName}</dd>
          {actors.length > 0 && (
            <>
              <dt>Actors</dt>
              <dd>{actors.map(([step, name]) => `${step} ${name}`).join(', ')}</dd>
            </>
          )}
          {plan.projects.length > 0 && (
            <>
              <dt>Projects</dt>
              <dd>
                {plan.projects
                  .map(({ name, readOnly }) => `${name}${readOnly ? ' (read only)' : ''}`)
                  .join(', ')}
              </dd>
            </>
          )}
          {plan.arguments.map(({ name, value }) => (
            <>
              <dt key={name}>{name}</dt>
              <dd>
                <code>{JSON.stringify(value)}</code>
              </dd>
            </>
          ))}
          {plan.invariants.length > 0 && (
            <>
              <dt>Invariants</dt>
              <dd>{plan.invariants.map(({ text }) => text).join('; ')}</dd>
            </>
          )}
          <dt>Attempt</dt>
          <dd>
            {plan.attempt}
            {plan.reversionCount > 0 && `, reverted ${plan.reversionCount} of 3 times`}
          </dd>
          <dt>Made</dt>
          <dd>
            <Time at={plan.createdAt} />, changed <Time at={plan.updatedAt} />
          </dd>
          <dt>Id</dt>
          <dd class="mono">{plan.planId}</dd>
        </dl>
      </div>
    </Panel>
  )
}
