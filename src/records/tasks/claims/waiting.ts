// What a task waits for: the dependencies that are not completed.

import { RecordNotFoundError } from '../../../errors.ts'
import type { RecordSession } from '../../repository/session.ts'
import { padded } from '../../repository/statements.ts'
import type { Task, TaskStatus } from '../definition.ts'

/** A dependency that keeps a task waiting. */
export interface UnmetDependency {
  readonly id: string
  /** Null if there is no such task. */
  readonly status: TaskStatus | null
}

const CHUNK = 512

/** The dependencies of a task that are not completed, each with its status. */
export async function unmetOf(
  session: RecordSession,
  id: string,
  task: Task | null,
): Promise<readonly UnmetDependency[]> {
  if (task === null) throw new RecordNotFoundError('tasks', id)
  const statuses = new Map<string, TaskStatus>()
  for (let start = 0; start < task.dependencies.length; start += CHUNK) {
    const ids = padded(task.dependencies.slice(start, start + CHUNK))
    const sql = `select id, status from tasks where id in (${ids.map(() => '?').join(', ')})`
    for (const [found, status] of await session.read(session.statements.raw(sql, sql, ids)))
      statuses.set(String(found), String(status) as TaskStatus)
  }
  return task.dependencies.flatMap((dependency): readonly UnmetDependency[] => {
    const status = statuses.get(dependency) ?? null
    return status === 'completed' ? [] : [{ id: dependency, status }]
  })
}
