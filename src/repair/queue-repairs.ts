// The tables beside tasks that do not agree with them. Their rows are removed, and the triggers
// that maintain them derive new ones, for each task separately and while no other writer can change
// it.

import { findDifferingTasks } from '../doctor/task-queue.ts'
import type { Query, WriteOperation } from '../engines/contract/engine.ts'
import { AuditTrail } from '../records/audit-entries/trail.ts'
import { type RecordSession, writeAll } from '../records/repository/session.ts'
import { derivation } from '../records/tasks/claims/recount.ts'
import { QUEUE } from '../records/tasks/claims/work-queue.ts'
import { FIX_ACTION, type Repair } from './repair-plan.ts'

/** Finds tasks whose place in the queue of ready tasks is wrong. */
export async function findQueueRepairs(
  session: Pick<RecordSession, 'engine' | 'read'>,
): Promise<readonly Repair[]> {
  const { length } = await findDifferingTasks(session.engine, session.read)
  if (length === 0) return []
  return [
    {
      kind: 'queue',
      table: QUEUE,
      id: null,
      column: null,
      before: null,
      after: null,
      detail: `the queue of ready tasks does not agree with ${length} ${length === 1 ? 'task' : 'tasks'}; it is derived from ${length === 1 ? 'it' : 'them'} anew`,
    },
  ]
}

/** Tasks of one transaction. */
const CHUNK = 100

/** Derives the queue entries of those tasks anew, with an audit entry for each part. */
export async function rebuildQueue(session: RecordSession): Promise<void> {
  const ids = await findDifferingTasks(session.engine, (query: Query) => session.read(query))
  for (let start = 0; start < ids.length; start += CHUNK) {
    const part = ids.slice(start, start + CHUNK)
    await session.inTransaction(async (runner) => {
      const operations: WriteOperation[] = []
      for (const id of part) operations.push(...(await derivation(session, runner, id)))
      const chain = new AuditTrail(session).entry({
        action: FIX_ACTION,
        subjectType: 'queue',
        subjectId: QUEUE,
        reason: 'the queue of ready tasks did not agree with tasks; it was derived anew',
        details: { tasks: part.length },
      })
      await writeAll(runner, [...operations, { kind: 'append', chain }])
    })
  }
}
