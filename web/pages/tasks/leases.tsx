// Claimed tasks with the time that is left of their leases; those whose lease has ended are taken
// back by the next claim.

import type { Query } from '../../api/client.ts'
import { usePages } from '../../api/queries.ts'
import type { Task } from '../../api/records.ts'
import { TaskLink } from '../../parts/links.tsx'
import { More } from '../../parts/more.tsx'
import { Empty, Failure, Panel, Waiting } from '../../parts/panel.tsx'
import { State } from '../../parts/state.tsx'
import { absoluteTime, duration, useNow } from '../../parts/time.tsx'

export function Leases({ query }: { readonly query: Query }) {
  const { items, list } = usePages<Task>('/tasks', {
    query: { ...query, status: 'in_progress', limit: 200 },
    records: ['task'],
    every: 10_000,
  })
  const held = items
    .filter(({ leaseExpiresAt }) => leaseExpiresAt !== null)
    .sort((a, b) => (a.leaseExpiresAt ?? '').localeCompare(b.leaseExpiresAt ?? ''))
  return (
    <Panel title="Leases, the next to end first">
      {list.error && <Failure problem={list.error} again={() => void list.refetch()} />}
      {list.isPending && <Waiting />}
      {list.isSuccess && held.length === 0 && (
        <Empty
          title="No task is claimed"
          then="Workers claim tasks under a lease, which they extend as long as they live."
          command="purser tasks claim --help"
        />
      )}
      {held.length > 0 && (
        <table>
          <thead>
            <tr>
              <th>Task</th>
              <th class="fit">Agent</th>
              <th class="fit end only-wide">Attempt</th>
              <th class="fit end">Lease</th>
            </tr>
          </thead>
          <tbody>
            {held.map((task) => (
              <tr key={task.id}>
                <td>
                  <TaskLink id={task.id} row>
                    {task.title}
                  </TaskLink>
                </td>
                <td class="fit">{task.assignedTo}</td>
                <td class="fit end only-wide">{task.attempt}</td>
                <td class="fit end">
                  <Lease at={task.leaseExpiresAt ?? ''} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <More list={list} />
    </Panel>
  )
}

export function Lease({ at }: { readonly at: string }) {
  const left = (Date.parse(at) - useNow()) / 1000
  return (
    <span title={absoluteTime(at)}>
      {left > 0 ? `${duration(left)} left` : <State word="expired" sign="✗" tone="bad" />}
    </span>
  )
}
