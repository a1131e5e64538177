// Tasks: as a board, as a list, what is ready, what waits for what, who holds a lease, and how they
// depend on each other.

import { lazy } from 'preact/compat'
import { taskPriorities, taskTypes } from '../../../src/records/tasks/enums.ts'
import type { Query } from '../../api/client.ts'
import { useRead } from '../../api/queries.ts'
import type { Items, TaskCount } from '../../api/records.ts'
import { Choice, SearchField, Segments } from '../../parts/fields.tsx'
import { PageFrame } from '../../parts/page.tsx'
import { useParam } from '../../parts/params.ts'
import { Board } from './board.tsx'
import { ClaimButton } from './claim.tsx'
import { Leases } from './leases.tsx'
import { Ready } from './ready.tsx'
import { TaskList } from './task-list.tsx'
import { WaitingTasks } from './waiting.tsx'

const Dependencies = lazy(() => import('./dependencies.tsx'))

const views = [
  ['board', 'Board'],
  ['list', 'List'],
  ['ready', 'Ready'],
  ['waiting', 'Waiting'],
  ['leases', 'Leases'],
  ['graph', 'Graph'],
] as const

export default function Tasks() {
  const [view, setView] = useParam('view', 'board')
  const [project, setProject] = useParam('project')
  const [type, setType] = useParam('type')
  const [priority, setPriority] = useParam('priority')
  const [assignedTo, setAssignedTo] = useParam('assignedTo')
  const [search, setSearch] = useParam('q')
  const projects = useRead<Items<TaskCount>>('/tasks/counts', { query: { by: 'project' }, records: ['task'] })
  const agents = useRead<Items<TaskCount>>('/tasks/counts', { query: { by: 'assignee' }, records: ['task'] })
  const query: Query = { project, type, priority, assignedTo, search }
  return (
    <PageFrame
      title="Tasks"
      beside={<Segments label="View" value={view} options={views} onChange={setView} />}
      actions={<ClaimButton project={project} />}
    >
      <div class="filters">
        <Choice
          label="Project"
          any="all"
          value={project}
          options={namesOf(projects.data, 'project')}
          onChange={setProject}
        />
        <Choice label="Type" any="all" value={type} options={taskTypes} onChange={setType} />
        {view !== 'ready' && (
          <>
            <Choice
              label="Priority"
              any="any"
              value={priority}
              options={taskPriorities}
              onChange={setPriority}
            />
            <Choice
              label="Agent"
              any="any"
              value={assignedTo}
              options={namesOf(agents.data, 'assignee')}
              onChange={setAssignedTo}
            />
            <SearchField label="Words of title or description" value={search} onChange={setSearch} />
          </>
        )}
      </div>
      {view === 'list' && <TaskList query={query} />}
      {view === 'ready' && <Ready query={{ project, type }} />}
      {view === 'waiting' && <WaitingTasks query={query} />}
      {view === 'leases' && <Leases query={query} />}
      {view === 'graph' && <Dependencies query={query} />}
      {!['list', 'ready', 'waiting', 'leases', 'graph'].includes(view) && <Board query={query} />}
    </PageFrame>
  )
}

function namesOf(counts: Items<TaskCount> | undefined, by: 'project' | 'assignee'): readonly string[] {
  return (counts?.items ?? []).flatMap((group) => group[by] ?? []).sort()
}
