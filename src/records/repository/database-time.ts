// What the database decides, and no program by itself: the time, by a clock that is the same for
// all of them; a row that is locked for a change; and a status that follows from the time, which no
// program has to write down: an approval expires, an agent becomes idle.

import type { Row } from '../../engines/contract/engine.ts'
import { InvalidRecordError } from '../../errors.ts'
import type { RecordDefinition } from '../model/define-record.ts'
import type { OwnFilter } from './filters.ts'
import type { RecordSession, Runner } from './session.ts'

/**
 * The present time by the database's clock. What is read afterwards was so at this time, or later.
 * @param runner reads inside a transaction
 */
export async function databaseNow(session: RecordSession, runner?: Pick<Runner, 'read'>): Promise<Date> {
  const sql = `select ${session.engine.locking.now}`
  const query = session.statements.raw(sql, sql, [])
  const [row] = await (runner ?? session).read(query)
  const now = session.engine.codec.decode.instant(row?.[0] ?? '')
  if (now instanceof Date) return now
  throw new TypeError('the clock of the database cannot be read')
}

/** The row with this key, columns in the order of its shape; undefined if there is none. */
export async function lockedRow(
  { engine, statements }: RecordSession,
  runner: Pick<Runner, 'read'>,
  { shape }: Pick<RecordDefinition, 'shape'>,
  key: string,
): Promise<Row | undefined> {
  const { sql, parameters } = statements.rowsByKey(shape, [key])
  const [row] = await runner.read({ sql: `${sql} ${engine.locking.rows}`.trimEnd(), parameters })
  return row
}

/** For each status, the condition in SQL under which a record has it, without parameters. */
export type StatusConditions<S extends string> = Readonly<Record<S, string>>

const MAX_CHOICES = 500

/**
 * The filter `status`: one word, or several.
 * @param conditionsOf built per call, since they depend on the engine
 */
export function statusFilter<S extends string>(
  statuses: readonly S[],
  conditionsOf: () => StatusConditions<S>,
): OwnFilter {
  return (name, filter, { plural }) => {
    const asked = statusesAsked(statuses, filter[name], plural)
    const conditions = conditionsOf()
    const sql = `(${asked.map((status) => conditions[status]).join(' or ')})`
    return { conditions: [], extra: { key: sql, query: { sql, parameters: [] } } }
  }
}

/**
 * The statuses that a filter asks for, each once, in their own order.
 * @throws InvalidRecordError
 */
export function statusesAsked<S extends string>(
  statuses: readonly S[],
  given: unknown,
  plural: string,
): readonly S[] {
  const asked: readonly unknown[] = Array.isArray(given) ? given : [given]
  const message =
    asked.length === 0 || asked.length > MAX_CHOICES
      ? `must hold 1 to ${MAX_CHOICES} values, holds ${asked.length}`
      : asked.every((one) => statuses.some((status) => status === one))
        ? undefined
        : `must be one of ${statuses.join(', ')}`
  if (message === undefined) return statuses.filter((status) => asked.includes(status))
  const code = message.startsWith('must hold') ? 'choices' : 'not_allowed'
  throw new InvalidRecordError(`filter of ${plural}`, [{ path: ['status'], code, message }])
}
