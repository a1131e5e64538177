// The board: a column for each status that has tasks, the newest first.

import { Link } from 'wouter-preact'
import { type TaskStatus, taskStatuses } from '../../../src/records/tasks/enums.ts'
import type { Query } from '../../api/client.ts'
import { useRead } from '../../api/queries.ts'
import type { Items, Page, Task, TaskCount } from '../../api/records.ts'
import { TaskLink } from '../../parts/links.tsx'
import { Empty, Read } from '../../parts/panel.tsx'
import { TaskState } from '../../parts/state.tsx'
import { Time } from '../../parts/time.tsx'
import { count } from '../../parts/words.ts'

/** Cards of a column; the list has all of them. */
const SHOWN = 25
/** These have a column also without tasks. */
const always: readonly TaskStatus[] = ['created', 'assigned', 'in_progress', 'in_review', 'completed']

export function Board({ query }: { readonly query: Query }) {
  const counts = useRead<Items<TaskCount>>('/tasks/counts', {
    query: { ...query, by: 'status' },
    records: ['task'],
  })
  return (
    <Read of={counts} lines={8}>
      {({ items }) => {
        const countOf = new Map(items.map((group) => [group.status, group.count]))
        if (items.length === 0) {
          return (
            <section class="panel" aria-label="Board">
              <Empty
                title="There are no such tasks"
                then="Take away a filter, or make one."
                command="purser tasks create --help"
              />
            </section>
          )
        }
        const columns = taskStatuses.filter((status) => countOf.has(status) || always.includes(status))
        return (
          <div class="board">
            {columns.map((status) => (
              <Column key={status} status={status} tasks={countOf.get(status) ?? 0} query={query} />
            ))}
          </div>
        )
      }}
    </Read>
  )
}

function Column({ status, tasks, query }: { status: TaskStatus; tasks: number; query: Query }) {
  const list = useRead<Page<Task>>('/tasks', {
    query: { ...query, status, limit: SHOWN, order: 'desc' },
    records: ['task'],
    enabled: tasks > 0,
  })
  return (
    <section aria-label={status}>
      <header>
        <TaskState status={status} />
        <span class="muted">{count(tasks)}</span>
      </header>
      <ul>
        {tasks > 0 && list.data?.items.map((task) => <Card key={task.id} task={task} />)}
        {tasks > SHOWN && (
          <li>
            <Link href={`/tasks?view=list&status=${status}`}>All {count(tasks)}</Link>
          </li>
        )}
      </ul>
    </section>
  )
}

function Card({ task }: { readonly task: Task }) {
  const { id, title, project, assignedTo, priority, updatedAt, attempt } = task
  return (
    <li class="card">
      <TaskLink id={id} row>
        {title}
      </TaskLink>
      <div class="line">
        <span>{assignedTo ?? 'no one'}</span>
        <span>{project}</span>
        {(priority === 'critical' || priority === 'high') && <strong>! {priority}</strong>}
        {attempt > 1 && <span>try {attempt}</span>}
        <Time at={updatedAt} />
      </div>
    </li>
  )
}
