// The queue of work, maintained by row triggers.

import type { MigrationStatement } from '../../contract/schema.ts'
import {
  hasEnded,
  isMet,
  queueSources,
  queueValues,
  type WorkQueueSpec,
  workQueueColumns,
} from '../../contract/work-queue.ts'
import { quoteName, quoteText } from '../quoting.ts'

const quoting = { name: quoteName, text: quoteText }
const { task, dependency, met } = workQueueColumns.edges
const { unmet } = workQueueColumns.queue

/** Text that is no JSON list names nothing. */
function namedBy(list: string): string {
  return `json_each(CASE WHEN json_valid(${list}) AND json_type(${list}) = 'array' THEN ${list} ELSE '[]' END) AS named`
}

function insertEdges(spec: WorkQueueSpec, row: string, from: string, condition: string): string {
  const source = quoteName(spec.source)
  const key = quoteName(spec.columns.key)
  return `INSERT INTO ${quoteName(spec.edges)} (${task}, ${dependency}, ${met})
  SELECT DISTINCT ${row}.${key}, named.value, coalesce((SELECT ${isMet(spec, 'other', quoting)} FROM ${source} AS other WHERE other.${key} = named.value), 0)
  FROM ${from}${namedBy(`${row}.${quoteName(spec.columns.dependencies)}`)}
  WHERE named.type = 'text'${condition}
  ON CONFLICT (${task}, ${dependency}) DO UPDATE SET ${met} = excluded.${met}`
}

function insertQueue(spec: WorkQueueSpec, row: string, from: string): string {
  const values = queueValues(spec, row, quoting)
  const key = `${row}.${quoteName(spec.columns.key)}`
  const columns = [task, unmet, ...values.map(({ column }) => column)]
  const open = `(SELECT count(*) FROM ${quoteName(spec.edges)} AS edge WHERE edge.${task} = ${key} AND edge.${met} = 0)`
  return `INSERT INTO ${quoteName(spec.queue)} (${columns.join(', ')})
  SELECT ${[key, open, ...values.map(({ value }) => value)].join(', ')}${from}
  WHERE NOT (${hasEnded(spec, row, quoting)})
  ON CONFLICT (${task}) DO UPDATE SET ${columns
    .slice(1)
    .map((column) => `${column} = excluded.${column}`)
    .join(', ')}`
}

/** Counts a dependency as met, or as unmet again, for all that name it. */
function settle(spec: WorkQueueSpec, row: string, isNowMet: boolean, condition: string): string {
  const [before, after] = isNowMet ? [0, 1] : [1, 0]
  const edges = quoteName(spec.edges)
  const which = `${dependency} = ${row}.${quoteName(spec.columns.key)} AND ${met} = ${before}`
  return `UPDATE ${quoteName(spec.queue)} SET ${unmet} = ${unmet} ${isNowMet ? '-' : '+'} 1 WHERE ${condition} AND ${task} IN (SELECT ${task} FROM ${edges} WHERE ${which});
  UPDATE ${edges} SET ${met} = ${after} WHERE ${condition} AND ${which};`
}

/** Table and triggers that keep which tasks are ready. */
export function createWorkQueue(spec: WorkQueueSpec): readonly MigrationStatement[] {
  const [source, edges, queue, key] = [spec.source, spec.edges, spec.queue, spec.columns.key].map(quoteName)
  const list = quoteName(spec.columns.dependencies)
  const sources = [spec.columns.dependencies, ...queueSources(spec)].map(quoteName)
  const differs = sources.map((column) => `NEW.${column} IS NOT OLD.${column}`).join(' OR ')
  const [isNow, was] = [isMet(spec, 'NEW', quoting), isMet(spec, 'OLD', quoting)]
  const trigger = (event: string, on: string, body: string): MigrationStatement => ({
    label: `keep ${spec.queue}`,
    sql: `CREATE TRIGGER ${quoteName(`${spec.name}_${event}`)} AFTER ${on} BEGIN\n  ${body}\nEND`,
  })
  return [
    trigger(
      'insert',
      `INSERT ON ${source}`,
      `${insertEdges(spec, 'NEW', '', '')};
  ${insertQueue(spec, 'NEW', '')};
  ${settle(spec, 'NEW', true, isNow)}`,
    ),
    trigger(
      'update',
      `UPDATE OF ${sources.join(', ')} ON ${source} WHEN ${differs}`,
      `DELETE FROM ${edges} WHERE ${task} = NEW.${key} AND NEW.${list} IS NOT OLD.${list};
  ${insertEdges(spec, 'NEW', '', ` AND NEW.${list} IS NOT OLD.${list}`)};
  DELETE FROM ${queue} WHERE ${task} = NEW.${key} AND ${hasEnded(spec, 'NEW', quoting)};
  ${insertQueue(spec, 'NEW', '')};
  ${settle(spec, 'NEW', true, `${isNow} AND NOT ${was}`)}
  ${settle(spec, 'NEW', false, `${was} AND NOT ${isNow}`)}`,
    ),
    trigger(
      'delete',
      `DELETE ON ${source}`,
      `DELETE FROM ${edges} WHERE ${task} = OLD.${key};
  DELETE FROM ${queue} WHERE ${task} = OLD.${key};
  ${settle(spec, 'OLD', false, was)}`,
    ),
  ]
}

/** Fills the queue from the tasks that are stored. */
export function fillWorkQueue(spec: WorkQueueSpec): readonly MigrationStatement[] {
  const source = `${quoteName(spec.source)} AS work`
  return [
    { label: `fill ${spec.edges}`, sql: insertEdges(spec, 'work', `${source}, `, '') },
    { label: `fill ${spec.queue}`, sql: insertQueue(spec, 'work', ` FROM ${source}`) },
  ]
}

/** Removes the triggers, then the table. */
export function dropWorkQueue(spec: WorkQueueSpec): readonly MigrationStatement[] {
  return ['insert', 'update', 'delete'].map((event) => ({
    label: `stop ${spec.queue}`,
    sql: `DROP TRIGGER ${quoteName(`${spec.name}_${event}`)}`,
  }))
}
