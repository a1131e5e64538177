// One task: what it is, what it waits for, what happened to it, what it cost, what was said.

import { lazy } from 'preact/compat'
import { Link } from 'wouter-preact'
import { useRead } from '../../api/queries.ts'
import type { CostTotal, Items, Task } from '../../api/records.ts'
import { Money } from '../../parts/money.tsx'
import { NamedPlan, NamedTask } from '../../parts/named.tsx'
import { PageFrame } from '../../parts/page.tsx'
import { Panel, Read } from '../../parts/panel.tsx'
import { TaskState } from '../../parts/state.tsx'
import { ThreadPanel } from '../../parts/thread.tsx'
import { Time } from '../../parts/time.tsx'
import { Timeline } from '../../parts/timeline.tsx'
import { count } from '../../parts/words.ts'
import { useCurrency } from '../costs/currency.ts'
import { Lease } from './leases.tsx'
import { TaskMoves } from './task-moves.tsx'
import { type Unmet, UnmetList } from './waiting.tsx'

const Dependencies = lazy(() => import('./dependencies.tsx'))

export default function TaskPage({ id }: { readonly id: string }) {
  const task = useRead<Task>(`/tasks/${encodeURIComponent(id)}`, { records: ['task'] })
  return (
    <PageFrame
      title={task.data?.title ?? 'Task'}
      crumbs={
        <>
          <Link href="/tasks">Tasks</Link> {task.data && `/ ${task.data.project}`}
        </>
      }
      beside={task.data && <TaskState status={task.data.status} />}
      actions={task.data && <TaskMoves task={task.data} />}
    >
      <Read of={task} lines={8}>
        {(there) => <Detail task={there} />}
      </Read>
    </PageFrame>
  )
}

function Detail({ task }: { readonly task: Task }) {
  const unmet = useRead<Items<Unmet>>(`/tasks/${encodeURIComponent(task.id)}/waiting`, { records: ['task'] })
  const waits = unmet.data?.items ?? []
  return (
    <>
      {task.lastError !== null && (
        <div class="failure">
          <div>
            <strong>The last attempt failed</strong>
            <p>{task.lastError}</p>
          </div>
        </div>
      )}
      <div class="split">
        <div class="stack">
          <Panel title="Work">
            <div class="body stack">
              <p class="pre">{task.description}</p>
              <Criteria task={task} />
              <Facts task={task} />
            </div>
          </Panel>
          {task.dependencies.length > 0 && (
            <Panel
              title="Depends on"
              beside={waits.length === 0 ? 'all completed' : `waits for ${waits.length}`}
            >
              {waits.length > 0 && (
                <div class="body">
                  <UnmetList unmet={waits} />
                </div>
              )}
              <Dependencies query={{ project: task.project }} current={task.id} />
            </Panel>
          )}
          <ThreadPanel about={{ taskId: task.id }} />
        </div>
        <div class="stack">
          <TaskCosts id={task.id} />
          <Panel title="What happened">
            <Timeline query={{ taskId: task.id }} />
          </Panel>
        </div>
      </div>
    </>
  )
}

function Criteria({ task: { acceptanceCriteria } }: { readonly task: Task }) {
  if (acceptanceCriteria.length === 0) return null
  return (
    <ul class="criteria" aria-label="Acceptance criteria">
      {acceptanceCriteria.map(({ description, met }) => (
        <li key={description}>
          <span aria-hidden="true">{met ? '☑' : '☐'}</span>
          <span>
            {description}
            <span class="hidden">{met ? ', met' : ', not met yet'}</span>
          </span>
        </li>
      ))}
    </ul>
  )
}

function Facts({ task }: { readonly task: Task }) {
  return (
    <dl class="facts">
      <dt>Agent</dt>
      <dd>{task.assignedTo ?? 'no one'}</dd>
      {task.leaseExpiresAt !== null && (
        <>
          <dt>Lease</dt>
          <dd>
            <Lease at={task.leaseExpiresAt} />
          </dd>
        </>
      )}
      <dt>Type</dt>
      <dd>
        {task.type}, {task.priority} priority, {task.estimatedComplexity}
      </dd>
      <dt>Attempt</dt>
      <dd>
        {task.attempt === 0 ? 'not claimed yet' : task.attempt}; after a failure it is ready again while this
        is at most {task.maxRetries}
      </dd>
      {task.planId !== null && (
        <>
          <dt>Plan</dt>
          <dd>
            <NamedPlan id={task.planId} />
          </dd>
        </>
      )}
      {task.parentTaskId !== null && (
        <>
          <dt>Part of</dt>
          <dd>
            <NamedTask id={task.parentTaskId} />
          </dd>
        </>
      )}
      {task.reviewers.length > 0 && (
        <>
          <dt>Reviewers</dt>
          <dd>{task.reviewers.join(', ')}</dd>
        </>
      )}
      {task.artifactsExpected.length > 0 && (
        <>
          <dt>Artifacts</dt>
          <dd>{task.artifactsExpected.map(({ type, path }) => `${path} (${type})`).join(', ')}</dd>
        </>
      )}
      {task.deadline !== null && (
        <>
          <dt>Deadline</dt>
          <dd>{task.deadline}</dd>
        </>
      )}
      <dt>Made</dt>
      <dd>
        <Time at={task.createdAt} /> by {task.createdBy}, changed <Time at={task.updatedAt} />
      </dd>
      <dt>Id</dt>
      <dd class="mono">{task.id}</dd>
    </dl>
  )
}

function TaskCosts({ id }: { readonly id: string }) {
  const { currency } = useCurrency()
  const report = useRead<Items<CostTotal>>('/costs/report', {
    query: { taskId: id, currency },
    records: ['cost_record'],
  })
  return (
    <Panel
      title="Cost"
      beside={<Link href={`/costs?range=all&taskId=${encodeURIComponent(id)}`}>Calls</Link>}
    >
      <Read of={report} lines={1}>
        {({ items: [total] }) => (
          <div class="body">
            {total && (
              <>
                <strong>
                  <Money value={total.cost} currency={currency} exact />
                </strong>{' '}
                <span class="muted">
                  for {count(total.records)} calls,{' '}
                  {count(Number(total.inputTokens) + Number(total.outputTokens))} tokens
                </span>
              </>
            )}
          </div>
        )}
      </Read>
    </Panel>
  )
}
