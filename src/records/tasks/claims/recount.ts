// Counts unmet dependencies anew. A transaction that names an id which is no task yet has nothing
// to lock; if that task is created and completed by others before it commits, its count stays one
// too high. Claims that find too little look for such tasks, so that none waits for ever.

import type { Engine, WriteOperation } from '../../../engines/contract/engine.ts'
import type { RecordSession, Runner } from '../../repository/session.ts'
import { writeAll } from '../../repository/session.ts'
import { padded } from '../../repository/statements.ts'
import { DEPENDENCIES, QUEUE } from './work-queue.ts'

/** Rows of the queue that one look reads, however many there are; the next look reads on. */
const ROWS_OF_LOOK = 1000
/** The most tasks that one look counts anew. */
const MOST = 100
/** Milliseconds between two looks of a store. */
const PAUSE = 1000

interface Look {
  /** By the clock of the process. */
  at: number
  /** The task at which the next look begins. */
  after: string
}

const looks = new WeakMap<Engine, Look>()

/**
 * Looks at the next rows of the queue, and derives those anew that wait though all they depend on
 * is completed. Looks of a store go round the queue; one that follows another within a second does
 * nothing, unless it is urged.
 * @returns whether any was derived anew
 */
export async function recountWaiting(session: RecordSession, isUrged: boolean): Promise<boolean> {
  const look = looks.get(session.engine) ?? { at: Number.NEGATIVE_INFINITY, after: '' }
  const now = performance.now()
  if (!isUrged && now - look.at < PAUSE) return false
  look.at = now
  looks.set(session.engine, look)
  const { after } = look
  const last = await endOfLook(session, after)
  const found = await wronglyWaiting(session, after, last)
  look.after = (found.length < MOST ? last : found.at(-1)) ?? ''
  if (found.length === 0) return false
  return session.inTransaction(async (runner) => {
    const ids = padded(found)
    const slots = ids.map(() => '?').join(', ')
    // A claim does not wait: what another transaction is changing is left to the next round.
    const sql = `select id from tasks where id in (${slots}) order by id ${session.engine.locking.freeRows}`
    const free = await runner.read(session.statements.raw(sql, sql, ids))
    const operations: WriteOperation[] = []
    for (const [id] of free) operations.push(...(await derivation(session, runner, String(id))))
    if (operations.length > 0) await writeAll(runner, operations)
    return operations.length > 0
  })
}

/** The last task of a look; undefined if it reaches the end of the queue. */
async function endOfLook(session: RecordSession, after: string): Promise<string | undefined> {
  const sql = `select task from ${QUEUE} where task > ? order by task limit 1 offset ${ROWS_OF_LOOK - 1}`
  const [row] = await session.read(session.statements.raw(sql, sql, [after]))
  return row && String(row[0])
}

/** Counts are subqueries, so that each row is looked up by its key whatever the statistics say. */
async function wronglyWaiting(
  session: RecordSession,
  after: string,
  last: string | undefined,
): Promise<readonly string[]> {
  const status = '(select other.status from tasks other where other.id = edge.dependency)'
  const waitsFor = `(select count(*) from ${DEPENDENCIES} edge where edge.task = queue.task and edge.met = 0 and coalesce(${status}, '') <> 'completed')`
  const end = last === undefined ? '' : ' and queue.task <= ?'
  const sql = `select queue.task from ${QUEUE} queue where queue.task > ?${end} and queue.unmet > 0 and ${waitsFor} = 0 order by queue.task limit ${MOST}`
  const values = last === undefined ? [after] : [after, last]
  const rows = await session.read(session.statements.raw(sql, sql, values))
  return rows.map(([id]) => String(id))
}

/**
 * What derives the rows of one task anew, which is locked: they are removed, and the list of
 * dependencies changes and changes back, at which the triggers begin from nothing.
 */
export async function derivation(
  { engine, statements }: RecordSession,
  runner: Runner,
  id: string,
): Promise<readonly WriteOperation[]> {
  const execute = (sql: string, values: readonly string[]): WriteOperation => ({
    kind: 'execute',
    query: statements.raw(sql, sql, values),
  })
  const look = `select dependencies from tasks where id = ? ${engine.locking.rows}`
  const [row] = await runner.read(statements.raw(look, look, [id]))
  const list = row === undefined ? undefined : String(row[0])
  const set = 'update tasks set dependencies = ? where id = ?'
  return [
    execute(`delete from ${QUEUE} where task = ?`, [id]),
    execute(`delete from ${DEPENDENCIES} where task = ?`, [id]),
    ...(list === undefined
      ? []
      : [execute(set, [list === '[ ]' ? '[]' : '[ ]', id]), execute(set, [list, id])]),
  ]
}
