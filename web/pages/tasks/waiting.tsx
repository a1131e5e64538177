// Tasks that wait, and for which others.

import type { Query } from '../../api/client.ts'
import { usePages, useRead } from '../../api/queries.ts'
import type { Items, Task } from '../../api/records.ts'
import { TaskLink } from '../../parts/links.tsx'
import { More } from '../../parts/more.tsx'
import { NamedTask } from '../../parts/named.tsx'
import { Empty, Failure, Panel, Waiting } from '../../parts/panel.tsx'
import { TaskState } from '../../parts/state.tsx'
import { Time, useNow } from '../../parts/time.tsx'

export interface Unmet {
  readonly id: string
  /** Null if there is no such task. */
  readonly status: Task['status'] | null
}

export function WaitingTasks({ query }: { readonly query: Query }) {
  const now = useNow()
  const { items, list } = usePages<Task>('/tasks', {
    query: { ...query, status: ['created', 'assigned', 'blocked', 'interrupted'], limit: 100 },
    records: ['task'],
  })
  const waiting = items.filter(
    ({ dependencies, availableAt, status }) =>
      dependencies.length > 0 ||
      status === 'blocked' ||
      (availableAt !== null && Date.parse(availableAt) > now),
  )
  return (
    <Panel title="Waiting, and for what">
      {list.error && <Failure problem={list.error} again={() => void list.refetch()} />}
      {list.isPending && <Waiting />}
      {list.isSuccess && waiting.length === 0 && (
        <Empty
          title="Nothing waits"
          then="Tasks wait for others that they depend on, or for a delay after an error."
        />
      )}
      <ul class="rows">
        {waiting.map((task) => (
          <WaitingRow key={task.id} task={task} />
        ))}
      </ul>
      <More list={list} />
    </Panel>
  )
}

function WaitingRow({ task }: { readonly task: Task }) {
  const { id, title, status, availableAt, dependencies } = task
  const unmet = useRead<Items<Unmet>>(`/tasks/${encodeURIComponent(id)}/waiting`, {
    records: ['task'],
    enabled: dependencies.length > 0,
  })
  return (
    <li>
      <div class="line">
        <span class="grow clip">
          <TaskLink id={id} row>
            {title}
          </TaskLink>
        </span>
        <TaskState status={status} />
      </div>
      {availableAt !== null && (
        <p class="muted small">
          not before <Time at={availableAt} />
        </p>
      )}
      <UnmetList unmet={unmet.data?.items ?? []} />
    </li>
  )
}

export function UnmetList({ unmet }: { readonly unmet: readonly Unmet[] }) {
  return (
    <ul class="unmet">
      {unmet.map((dependency) => (
        <li key={dependency.id} class="line small">
          <span class="muted">waits for</span>
          {dependency.status === null ? <code>{dependency.id}</code> : <NamedTask id={dependency.id} />}
          {dependency.status === null ? (
            <span class="muted">which does not exist</span>
          ) : (
            <TaskState status={dependency.status} />
          )}
        </li>
      ))}
    </ul>
  )
}
