// Statements that find ready tasks by the queue: the next ones in their order, locked for a claim,
// or a page of them.

import type { Query, Row, WireValue } from '../../../engines/contract/engine.ts'
import { inPlanTree } from '../../repository/plan-tree.ts'
import type { RecordSession } from '../../repository/session.ts'
import { padded } from '../../repository/statements.ts'
import { taskDefinition } from '../definition.ts'
import type { WorkFilter } from './options.ts'
import { QUEUE } from './work-queue.ts'

/** The owner of tasks that anyone may take. */
export const ANYONE = ''

interface Condition {
  readonly sql: string
  readonly parameters: readonly WireValue[]
}

/** The columns of a task, in the order of its shape. */
export const taskColumns = taskDefinition.shape.columns.map((column) => `task.${column}`).join(', ')

/** @param of the table: the queue, or the tasks, which have the same columns */
function filterOf({ engine }: Pick<RecordSession, 'engine'>, filter: WorkFilter, of = 'queue'): Condition {
  const parts: Condition[] = []
  if (filter.project !== undefined) parts.push({ sql: `${of}.project = ?`, parameters: [filter.project] })
  if (filter.type !== undefined) parts.push({ sql: `${of}.type = ?`, parameters: [filter.type] })
  if (filter.planId !== undefined) {
    parts.push(
      filter.tree === true
        ? inPlanTree(`${of}.plan_id`, filter.planId, engine.matching).query
        : { sql: `${of}.plan_id = ?`, parameters: [filter.planId] },
    )
  }
  return {
    sql: parts.map(({ sql }) => ` and ${sql}`).join(''),
    parameters: parts.flatMap(({ parameters }) => parameters),
  }
}

/**
 * The next ready tasks of an owner, locked; those that others have locked are left out. Each row is
 * the time by the database's clock, and the task.
 */
export function nextReady(session: RecordSession, owner: string, filter: WorkFilter, limit: number): Query {
  const { locking } = session.engine
  const where = filterOf(session, filter)
  const sql = `select ${locking.now}, ${taskColumns} from ${QUEUE} queue join tasks task on task.id = queue.task where queue.owner = ? and queue.unmet = 0 and queue.postponed = 0${where.sql} order by queue.urgency, queue.created_at, queue.task limit ? ${locking.freeRows}`
  return session.statements.raw(sql, sql, [owner, ...where.parameters, limit])
}

/** The time, read once for a statement: a condition with it can then be answered by an index. */
export function onceNow({ engine }: Pick<RecordSession, 'engine'>): string {
  return `(select ${engine.locking.now})`
}

/** What there is to do before a claim, and for whom there are tasks. */
export interface Prospect {
  /** Leases have expired, or delays have ended. */
  readonly hasDue: boolean
  /** Those of the asked owners for whom a task is ready. */
  readonly owners: ReadonlySet<string>
}

/**
 * Ordered and without the status, so that the index of the time is taken whatever the statistics
 * say, and not that of the status.
 */
const EXPIRED = `select 0 as place from tasks where lease_expires_at <=`
const WOKEN = `select 0 as place from ${QUEUE} where wake_at <=`

/** @param owners without repetition */
export async function readProspect(session: RecordSession, owners: readonly string[]): Promise<Prospect> {
  const now = onceNow(session)
  const asked = padded(owners)
  const parts = [
    `${EXPIRED} ${now} order by lease_expires_at limit 1`,
    `${WOKEN} ${now} order by wake_at limit 1`,
    ...asked.map(
      (_, index) =>
        `select ${index + 1} as place from ${QUEUE} where owner = ? and unmet = 0 and postponed = 0 limit 1`,
    ),
  ]
  const sql = parts.map((part, index) => `select place from (${part}) part${index}`).join(' union all ')
  const rows = await session.read(session.statements.raw(sql, sql, asked))
  const places = new Set(rows.map(([place]) => Number(place)))
  return {
    hasDue: places.has(0),
    owners: new Set(asked.filter((_, index) => places.has(index + 1))),
  }
}

/**
 * When the next delay of any of the owners ends, or the next lease, if that is within so many
 * milliseconds: rows of the time by the database's clock, and of an end. However many tasks wait,
 * those alone are read whose time comes by then.
 */
export function nextDue(
  session: RecordSession,
  owners: readonly string[],
  filter: WorkFilter,
  within: number,
): Query {
  const { locking } = session.engine
  const end = `(select ${locking.ago(-within)})`
  const [delays, leases] = [filterOf(session, filter), filterOf(session, filter, 'task')]
  const slots = owners.map(() => '?').join(', ')
  const parts = [
    `select queue.wake_at as due from ${QUEUE} queue where queue.wake_at <= ${end} and queue.unmet = 0 and queue.owner in (${slots})${delays.sql} order by queue.wake_at limit 1`,
    `select task.lease_expires_at as due from tasks task where task.lease_expires_at <= ${end}${leases.sql} order by task.lease_expires_at limit 1`,
  ]
  const sql = parts
    .map((part, index) => `select ${locking.now}, due from (${part}) part${index}`)
    .join(' union all ')
  return session.statements.raw(sql, sql, [...owners, ...delays.parameters, ...leases.parameters])
}

/** The position of a ready task: its urgency, the time of its creation, its id. */
export type ReadyPosition = readonly WireValue[]

/**
 * The positions of the next ready tasks of any of the owners, after a position. Tasks whose delay
 * has just ended count too.
 */
export function readyPage(
  session: RecordSession,
  owners: readonly string[],
  filter: WorkFilter,
  after: ReadyPosition | undefined,
  limit: number,
): Query {
  const { capabilities } = session.engine
  const where = filterOf(session, filter)
  const beyond = after ? seek(after, capabilities.rowValueSeek) : { sql: '', parameters: [] }
  const values: WireValue[] = []
  const parts = owners.flatMap((owner) =>
    ['queue.postponed = 0', `queue.postponed = 1 and queue.wake_at <= ${onceNow(session)}`].map((when) => {
      values.push(owner, ...where.parameters, ...beyond.parameters, limit)
      return `select queue.urgency, queue.created_at, queue.task from ${QUEUE} queue where queue.owner = ? and queue.unmet = 0 and ${when}${where.sql}${beyond.sql} order by queue.urgency, queue.created_at, queue.task limit ?`
    }),
  )
  const together = parts.map((part, index) => `select * from (${part}) part${index}`).join(' union all ')
  const sql = `${together} order by 1, 2, 3 limit ?`
  return session.statements.raw(sql, sql, [...values, limit])
}

function seek([urgency, createdAt, task]: ReadyPosition, rowValueSeek: boolean): Condition {
  const [first = null, second = null, third = null] = [urgency, createdAt, task]
  if (rowValueSeek) {
    return {
      sql: ' and (queue.urgency, queue.created_at, queue.task) > (?, ?, ?)',
      parameters: [first, second, third],
    }
  }
  return {
    sql: ' and (queue.urgency > ? or queue.urgency = ? and (queue.created_at > ? or queue.created_at = ? and queue.task > ?))',
    parameters: [first, first, second, second, third],
  }
}

/** The task of a row of `nextReady`. */
export function taskRow(row: Row): Row {
  return row.slice(1)
}
