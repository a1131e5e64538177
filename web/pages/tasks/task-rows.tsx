// Tasks as a table, page after page.

import type { Query } from '../../api/client.ts'
import { usePages } from '../../api/queries.ts'
import type { Task } from '../../api/records.ts'
import { TaskLink } from '../../parts/links.tsx'
import { More } from '../../parts/more.tsx'
import { Empty, Failure, Panel, Waiting } from '../../parts/panel.tsx'
import { TaskState } from '../../parts/state.tsx'
import { Time } from '../../parts/time.tsx'

interface TaskRowsProps {
  readonly title: string
  readonly query: Query
  /** Of the API; `/tasks` if omitted. */
  readonly path?: string
  readonly empty?: string
  readonly then?: string
}

export function TaskRows({
  title,
  query,
  path = '/tasks',
  empty = 'There are no tasks here',
  then = '',
}: TaskRowsProps) {
  const { items, list } = usePages<Task>(path, { query: { ...query, limit: 50 }, records: ['task'] })
  return (
    <Panel title={title}>
      {list.error && <Failure problem={list.error} again={() => void list.refetch()} />}
      {list.isPending && <Waiting />}
      {list.isSuccess && items.length === 0 && <Empty title={empty} then={then} />}
      {items.length > 0 && (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th>Task</th>
                <th class="fit">Status</th>
                <th class="fit">Agent</th>
                <th class="fit only-wide">Project</th>
                <th class="fit only-wide">Priority</th>
                <th class="fit end only-wide">Changed</th>
              </tr>
            </thead>
            <tbody>
              {items.map((task) => (
                <tr key={task.id}>
                  <td>
                    <TaskLink id={task.id} row>
                      {task.title}
                    </TaskLink>
                  </td>
                  <td class="fit">
                    <TaskState status={task.status} />
                  </td>
                  <td class="fit">{task.assignedTo ?? <span class="muted">no one</span>}</td>
                  <td class="fit only-wide">{task.project}</td>
                  <td class="fit only-wide">{task.priority}</td>
                  <td class="fit end only-wide muted">
                    <Time at={task.updatedAt} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <More list={list} />
    </Panel>
  )
}
