// Tasks by status.

import { Link } from 'wouter-preact'
import { type TaskStatus, taskStatuses } from '../../../src/records/tasks/enums.ts'
import { useRead } from '../../api/queries.ts'
import type { Items, TaskCount } from '../../api/records.ts'
import { Empty, Panel, Read } from '../../parts/panel.tsx'
import { TaskState } from '../../parts/state.tsx'
import { count } from '../../parts/words.ts'

export function TasksPanel() {
  const counts = useRead<Items<TaskCount>>('/tasks/counts', { query: { by: 'status' }, records: ['task'] })
  return (
    <Panel title="Tasks by status" beside={<Link href="/tasks">Board</Link>}>
      <Read of={counts}>
        {({ items: groups }) => {
          const countOf = new Map(groups.map(({ status, count: tasks }) => [status, tasks]))
          const there = taskStatuses.filter((status) => countOf.has(status))
          if (there.length === 0) {
            return (
              <Empty
                title="There are no tasks"
                then="They are made by agents, or by hand."
                command="purser tasks create --help"
              />
            )
          }
          const most = Math.max(...countOf.values())
          return (
            <ul class="rows">
              {there.map((status) => (
                <StatusRow key={status} status={status} tasks={countOf.get(status) ?? 0} most={most} />
              ))}
            </ul>
          )
        }}
      </Read>
    </Panel>
  )
}

function StatusRow({ status, tasks, most }: { status: TaskStatus; tasks: number; most: number }) {
  return (
    <li class="line">
      <Link class="status" href={`/tasks?view=list&status=${status}`} data-row="">
        <TaskState status={status} />
      </Link>
      <span class="grow" aria-hidden="true">
        <span class="bar-of" style={{ width: `${(tasks / most) * 100}%` }} />
      </span>
      <span>{count(tasks)}</span>
    </li>
  )
}
