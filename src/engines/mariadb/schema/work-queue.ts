// The queue of work, maintained by row triggers. A dependency is locked while it is looked at, so
// that it is not met between the look and the commit.

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
import { COLLATION } from '../session-settings.ts'

const quoting = { name: quoteName, text: quoteText }
const { task, dependency, met } = workQueueColumns.edges
const { unmet } = workQueueColumns.queue

export const workQueueEvents = ['insert', 'update', 'delete'] as const

/** Text that is no JSON list names nothing, nor does an item that is no text. */
function insertEdges(spec: WorkQueueSpec, row: string, from: string, lock: string): string {
  const [source, key, list] = [spec.source, spec.columns.key, spec.columns.dependencies].map(quoteName)
  const items = `if(json_valid(${row}.${list}), ${row}.${list}, '[]')`
  return `INSERT INTO ${quoteName(spec.edges)} (${task}, ${dependency}, ${met})
    SELECT ${row}.${key}, named.id, coalesce((SELECT ${isMet(spec, 'other', quoting)} FROM ${source} AS other WHERE other.${key} = named.id${lock}), 0)
    FROM ${from}JSON_TABLE(${items}, '$[*]' COLUMNS (id VARCHAR(255) COLLATE ${COLLATION} PATH '$', item JSON PATH '$')) AS named
    WHERE named.id IS NOT NULL AND named.item LIKE '"%'
    ON DUPLICATE KEY UPDATE ${met} = VALUES(${met})`
}

function unmetOf(spec: WorkQueueSpec, key: string): string {
  return `(SELECT count(*) FROM ${quoteName(spec.edges)} AS edge WHERE edge.${task} = ${key} AND edge.${met} = 0)`
}

function insertQueue(spec: WorkQueueSpec, row: string, from: string): string {
  const values = queueValues(spec, row, quoting)
  const key = `${row}.${quoteName(spec.columns.key)}`
  const columns = [task, unmet, ...values.map(({ column }) => column)]
  const set = values.map(({ column }) => `${column} = VALUES(${column})`)
  return `INSERT INTO ${quoteName(spec.queue)} (${columns.join(', ')})
    SELECT ${[key, unmetOf(spec, key), ...values.map(({ value }) => value)].join(', ')}${from}
    ON DUPLICATE KEY UPDATE ${set.join(', ')}`
}

/**
 * Counts a dependency as met, or as unmet again, for all that name it. An update with a subquery
 * would read the whole queue.
 */
function settle(spec: WorkQueueSpec, row: string, isNowMet: boolean): string {
  const [before, after] = isNowMet ? [0, 1] : [1, 0]
  const [edges, queue] = [spec.edges, spec.queue].map(quoteName)
  const which = `${dependency} = ${row}.${quoteName(spec.columns.key)} AND ${met} = ${before}`
  return `UPDATE ${edges} STRAIGHT_JOIN ${queue} ON ${queue}.${task} = ${edges}.${task} SET ${queue}.${unmet} = ${queue}.${unmet} ${isNowMet ? '-' : '+'} 1 WHERE ${edges}.${which};
    UPDATE ${edges} SET ${met} = ${after} WHERE ${which};`
}

/** The body of the trigger for one event on tasks. */
export function workQueueBody(spec: WorkQueueSpec, event: (typeof workQueueEvents)[number]): string {
  const [edges, queue, key] = [spec.edges, spec.queue, spec.columns.key].map(quoteName)
  const list = quoteName(spec.columns.dependencies)
  const [isNow, was] = [isMet(spec, 'NEW', quoting), isMet(spec, 'OLD', quoting)]
  const same = [spec.columns.dependencies, ...queueSources(spec)]
    .map(quoteName)
    .map((column) => `NEW.${column} <=> OLD.${column}`)
  const lock = ' LOCK IN SHARE MODE'
  switch (event) {
    case 'insert':
      return `BEGIN
  IF NEW.${list} <> '[]' THEN
    ${insertEdges(spec, 'NEW', '', lock)};
  END IF;
  IF NOT ${hasEnded(spec, 'NEW', quoting)} THEN
    ${insertQueue(spec, 'NEW', '')};
  END IF;
  IF ${isNow} THEN
    ${settle(spec, 'NEW', true)}
  END IF;
END`
    case 'update':
      return `BEGIN
  IF NOT (NEW.${list} <=> OLD.${list}) THEN
    DELETE FROM ${edges} WHERE ${task} = NEW.${key};
    ${insertEdges(spec, 'NEW', '', lock)};
    UPDATE ${queue} SET ${unmet} = ${unmetOf(spec, `NEW.${key}`)} WHERE ${task} = NEW.${key};
  END IF;
  IF NOT (${same.join(' AND ')}) THEN
    IF ${hasEnded(spec, 'NEW', quoting)} THEN
      DELETE FROM ${queue} WHERE ${task} = NEW.${key};
    ELSE
      ${insertQueue(spec, 'NEW', '')};
    END IF;
  END IF;
  IF ${isNow} AND NOT (${was}) THEN
    ${settle(spec, 'NEW', true)}
  ELSEIF ${was} AND NOT (${isNow}) THEN
    ${settle(spec, 'NEW', false)}
  END IF;
END`
    case 'delete':
      return `BEGIN
  DELETE FROM ${edges} WHERE ${task} = OLD.${key};
  DELETE FROM ${queue} WHERE ${task} = OLD.${key};
  IF ${was} THEN
    ${settle(spec, 'OLD', false)}
  END IF;
END`
    default:
      return event satisfies never
  }
}

/** Table and triggers that keep which tasks are ready. */
export function createWorkQueue(spec: WorkQueueSpec): readonly MigrationStatement[] {
  return workQueueEvents.map((event) => ({
    label: `keep ${spec.queue}`,
    sql: `CREATE TRIGGER IF NOT EXISTS ${quoteName(`${spec.name}_${event}`)} AFTER ${event.toUpperCase()} ON ${quoteName(spec.source)} FOR EACH ROW ${workQueueBody(spec, event)}`,
  }))
}

/** Fills the queue from the tasks that are stored. */
export function fillWorkQueue(spec: WorkQueueSpec): readonly MigrationStatement[] {
  const source = `${quoteName(spec.source)} AS work`
  return [
    { label: `fill ${spec.edges}`, sql: insertEdges(spec, 'work', `${source} JOIN `, '') },
    {
      label: `fill ${spec.queue}`,
      sql: insertQueue(spec, 'work', ` FROM ${source} WHERE NOT ${hasEnded(spec, 'work', quoting)}`),
    },
  ]
}

/** Removes the triggers, then the table. */
export function dropWorkQueue(spec: WorkQueueSpec): readonly MigrationStatement[] {
  return workQueueEvents.map((event) => ({
    label: `stop ${spec.queue}`,
    sql: `DROP TRIGGER IF EXISTS ${quoteName(`${spec.name}_${event}`)}`,
  }))
}
