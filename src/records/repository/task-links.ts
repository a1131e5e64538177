// What a record takes from the task that it names: a cost, a message or an audit entry with a task
// id need not name the plan and project of that task. The task is read at the time of writing
// (engines/core/dependent-writes.ts), after all writes called earlier; values that the record gives
// itself are kept.

import {
  type Row,
  type TableShape,
  unreadable,
  type WireValue,
  type WriteOperation,
} from '../../engines/contract/engine.ts'
import { completeWrites, type QueuedWrite } from '../../engines/core/dependent-writes.ts'
import { idRule, nameRule } from '../model/rules.ts'
import { taskDefinition } from '../tasks/definition.ts'
import { type RecordSession, type Runner, writeAll } from './session.ts'
import { rowReader } from './statements.ts'

/** What a task provides; null where it has no value, and if there is no such task. */
export interface TaskLinks {
  readonly planId: string | null
  readonly project: string | null
}

const linkColumns = ['id', 'planId', 'project'].map((field) => taskDefinition.columnOf(field).name)

const shape: TableShape = {
  table: taskDefinition.shape.table,
  columns: linkColumns,
  kinds: linkColumns.map(() => 'text'),
  key: taskDefinition.shape.key,
  references: [],
}

/** A record about to be written. */
export interface Pending<R> {
  /** As given by the caller, with generated values. */
  readonly given: R
  readonly write: QueuedWrite
  /** As written; available once the write has run. */
  readonly written: () => R
}

/**
 * A record that takes missing values from its task.
 * @param taskId the task; null if the record names none, or needs nothing from it: then nothing is
 * read
 * @param complete the record with the task's values
 */
export function pendingRecord<R>(
  session: RecordSession,
  given: R,
  taskId: string | null,
  complete: (links: TaskLinks) => R,
  write: (record: R) => WriteOperation,
): Pending<R> {
  if (taskId === null) return { given, write: write(given), written: () => given }
  let record = given
  return {
    given,
    write: linkedWrite(session, taskId, (links) => {
      record = complete(links)
      return write(record)
    }),
    written: () => record,
  }
}

/** The links of tasks by their ids; a task that is missing is not in the map. */
export async function readTaskLinks(
  session: RecordSession,
  runner: Pick<Runner, 'read'>,
  taskIds: readonly string[],
): Promise<ReadonlyMap<string, TaskLinks>> {
  const readRows = rowReader(session, (query) => runner.read(query))
  const links = new Map<string, TaskLinks>()
  for (let start = 0; start < taskIds.length; start += MAX_TASKS) {
    const rows = await readRows(shape, taskIds.slice(start, start + MAX_TASKS))
    for (const row of rows) links.set(String(row[0]), linksOf(session, row))
  }
  return links
}

/** The most tasks of one query. */
const MAX_TASKS = 512

/** Rows written by an ancestor or a database tool may hold values that no record may have. */
function linksOf({ engine }: Pick<RecordSession, 'engine'>, row: Row | null): TaskLinks {
  const valid = (rule: typeof idRule, cell: WireValue | undefined): string | null => {
    const text = cell === null || cell === undefined ? null : engine.codec.decode.text(cell)
    return text !== null && text !== unreadable && rule.safeParse(text).success ? text : null
  }
  return { planId: valid(idRule, row?.[1]), project: valid(nameRule, row?.[2]) }
}

/** A write that knows its task's links. With `changes`, it changes the task itself. */
export function linkedWrite(
  session: RecordSession,
  taskId: string,
  complete: (links: TaskLinks) => WriteOperation,
  changes = false,
): QueuedWrite {
  return {
    kind: 'dependent',
    on: { shape, key: taskId },
    changes,
    complete: (row) => complete(linksOf(session, row)),
  }
}

/**
 * Writes records together in a transaction, after one read of their tasks. Throws the first error.
 */
export async function writePending(
  session: RecordSession,
  runner: Runner,
  records: readonly Pick<Pending<unknown>, 'write'>[],
): ReturnType<typeof writeAll> {
  const readRows = rowReader(session, (query) => runner.read(query))
  const writes = await completeWrites(
    records.map(({ write }) => write),
    readRows,
  )
  return writeAll(runner, writes)
}
