// Links to a plan or task by what it is called, read for it; by its id until then.

import { useRead } from '../api/queries.ts'
import type { Plan, Task } from '../api/records.ts'
import { PlanLink, planTitle, TaskLink } from './links.tsx'

/** For pages with a few of them: each is a request. */
export function NamedPlan({ id }: { readonly id: string }) {
  const { data } = useRead<Plan>(`/plans/${encodeURIComponent(id)}`, { records: ['plan'] })
  return <PlanLink id={id}>{data && planTitle(data)}</PlanLink>
}

/** For pages with a few of them: each is a request. */
export function NamedTask({ id }: { readonly id: string }) {
  const { data } = useRead<Task>(`/tasks/${encodeURIComponent(id)}`, { records: ['task'] })
  return <TaskLink id={id}>{data?.title}</TaskLink>
}
