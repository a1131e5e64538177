// What the database keeps beside tasks, compared with the tasks themselves. Triggers maintain it,
// so it differs only if they were missing, or another program wrote to it.

import type { Engine, Query, Row } from '../engines/contract/engine.ts'
import { hasEnded, queueValues, workQueueColumns } from '../engines/contract/work-queue.ts'
import { DEPENDENCIES, QUEUE, workQueue } from '../records/tasks/claims/work-queue.ts'
import { type Check, counted, enumerate, failing, passing } from './check.ts'

type Read = (query: Query) => Promise<readonly Row[]>

const quoting = { name: (name: string) => name, text: (text: string) => `'${text}'` }
const { postponed, wakeAt, unmet } = workQueueColumns.queue
const { met } = workQueueColumns.edges

/** Ids of tasks that the tables beside them do not agree with, in order, each once. */
export async function findDifferingTasks(
  { locking }: Pick<Engine, 'locking'>,
  read: Read,
  progress: (share: number) => void = () => undefined,
): Promise<readonly string[]> {
  const found = new Set<string>()
  const statements = [
    differingRows(locking.now),
    `select edge.task from ${DEPENDENCIES} edge left join tasks other on other.id = edge.dependency where edge.${met} <> case when other.status = 'completed' then 1 else 0 end`,
    `select queue.task from ${QUEUE} queue left join tasks task on task.id = queue.task where task.id is null`,
    `select edge.task from ${DEPENDENCIES} edge left join tasks task on task.id = edge.task where task.id is null`,
  ]
  for (const [index, sql] of statements.entries()) {
    for (const [id] of await read({ sql, parameters: [] })) found.add(String(id))
    progress((index + 1) / (statements.length + 1))
  }
  for (const id of await differingLists(read)) found.add(id)
  return [...found].sort()
}

function differingRows(now: string): string {
  const values = queueValues(workQueue, 'task', quoting)
  const differs = values.map(({ column, value }) => {
    if (column === postponed || column === wakeAt) return ''
    return `(queue.${column} is null) <> (${value} is null) or queue.${column} <> ${value}`
  })
  // A delay that has ended may have been noticed, or not yet.
  const delay = `queue.${postponed} = 1 and (task.available_at is null or queue.${wakeAt} is null or queue.${wakeAt} <> task.available_at) or queue.${postponed} = 0 and task.available_at > ${now}`
  const open = `queue.${unmet} <> (select count(*) from ${DEPENDENCIES} edge where edge.task = task.id and edge.${met} = 0)`
  const ended = hasEnded(workQueue, 'task', quoting)
  const conditions = [...differs.filter((each) => each !== ''), delay, open].join(' or ')
  return `select task.id from tasks task left join ${QUEUE} queue on queue.task = task.id where (${ended}) <> (queue.task is null) or queue.task is not null and (${conditions})`
}

/** Dependencies are lists in the tasks; engines compare them with rows in different ways. */
async function differingLists(read: Read): Promise<readonly string[]> {
  const named = new Map<string, Set<string>>()
  const sql = `select id, dependencies from tasks where dependencies <> '[]'`
  for (const [id, list] of await read({ sql, parameters: [] })) named.set(String(id), textsOf(String(list)))
  const kept = new Map<string, number>()
  const wrong = new Set<string>()
  const rows = await read({ sql: `select task, dependency from ${DEPENDENCIES}`, parameters: [] })
  for (const [task, dependency] of rows) {
    const id = String(task)
    kept.set(id, (kept.get(id) ?? 0) + 1)
    if (!named.get(id)?.has(String(dependency))) wrong.add(id)
  }
  for (const [id, list] of named) if ((kept.get(id) ?? 0) !== list.size) wrong.add(id)
  return [...wrong]
}

/** The texts of a JSON list; a text that is none names nothing. */
function textsOf(list: string): Set<string> {
  try {
    const items: unknown = JSON.parse(list)
    return new Set(Array.isArray(items) ? items.filter((item) => typeof item === 'string') : [])
  } catch {
    return new Set()
  }
}

export const taskQueueCheck: Check = {
  name: 'task queue',
  needsCurrentSchema: true,
  run: async ({ engine, read, progress }) => {
    const ids = await findDifferingTasks(engine, read, progress)
    if (ids.length === 0) return passing('the queue of ready tasks agrees with the tasks')
    return failing(
      `${counted(ids.length, 'task')} that the queue of ready tasks does not agree with: ${enumerate(ids)}`,
      ids.length,
      'run purser doctor --fix: it derives the queue anew',
    )
  },
}
