// Dependencies that nothing will meet: ids that name no task, and cycles, which only imported or
// damaged tasks have. Tasks that have ended are left out: they wait for nothing.

import { membersOfCycles } from '../records/tasks/claims/cycles.ts'
import { DEPENDENCIES, QUEUE } from '../records/tasks/claims/work-queue.ts'
import { type Check, counted, enumerate, passing } from './check.ts'

const waiting = `from ${DEPENDENCIES} edge join ${QUEUE} queue on queue.task = edge.task left join tasks other on other.id = edge.dependency where edge.met = 0`

export const taskDependenciesCheck: Check = {
  name: 'task dependencies',
  needsCurrentSchema: true,
  run: async ({ read }) => {
    const unknown = await read({
      sql: `select distinct edge.task ${waiting} and other.id is null order by edge.task`,
      parameters: [],
    })
    const rows = await read({ sql: `select edge.task, edge.dependency ${waiting}`, parameters: [] })
    const edges = new Map<string, Set<string>>()
    for (const [task, dependency] of rows) {
      const known = edges.get(String(task)) ?? new Set()
      edges.set(String(task), known.add(String(dependency)))
    }
    const lost = unknown.map(([id]) => String(id))
    const turning = [...membersOfCycles(edges)].sort()
    const total = new Set([...lost, ...turning]).size
    if (total === 0) return passing('every dependency that a task waits for is a task, and there is no cycle')
    const parts = [
      ...(lost.length > 0
        ? [`${counted(lost.length, 'task')} waiting for an id that names no task: ${enumerate(lost)}`]
        : []),
      ...(turning.length > 0
        ? [`${counted(turning.length, 'task')} in a cycle of dependencies: ${enumerate(turning)}`]
        : []),
    ]
    return {
      status: 'warn',
      detail: parts.join('; '),
      count: total,
      next: 'create what is missing, or take the dependency away (tasks update); purser tasks waiting TASK names it',
    }
  },
}
