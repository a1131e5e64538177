// The queue of work, maintained by row triggers. A dependency is locked while it is looked at, so
// that it is not met between the look and the commit; rows of the queue are locked in the order of
// their keys, so that two that are met at once seldom deadlock.

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
import { triggerFunction } from './preserved-tables.ts'

const quoting = { name: quoteName, text: quoteText }
const { task, dependency, met } = workQueueColumns.edges
const { unmet } = workQueueColumns.queue

const events = ['insert', 'update', 'delete'] as const

/**
 * Instants are cast, and read from the table instead of the trigger's row, so that inserts go on if
 * a column was given another type.
 */
function valuesOf(spec: WorkQueueSpec, row: string) {
  const instants = [...spec.fixed, workQueueColumns.queue.wakeAt].map(quoteName)
  return queueValues(spec, row, quoting).map(({ column, value }) => ({
    column,
    value: instants.includes(column) ? `(${value})::timestamp(3) with time zone` : value,
  }))
}

function unmetOf(spec: WorkQueueSpec, key: string): string {
  return `(SELECT count(*) FROM ${quoteName(spec.edges)} AS edge WHERE edge.${task} = ${key} AND edge.${met} = 0)`
}

/** Text that is no JSON list names nothing. */
function insertEdges(spec: WorkQueueSpec): string {
  const [source, key, list] = [spec.source, spec.columns.key, spec.columns.dependencies].map(quoteName)
  return `named := NULL;
    BEGIN
      SELECT array_agg(DISTINCT item #>> '{}') INTO named FROM json_array_elements(NEW.${list}::json) AS item WHERE json_typeof(item) = 'string';
    EXCEPTION WHEN data_exception THEN
      named := NULL;
    END;
    INSERT INTO ${quoteName(spec.edges)} (${task}, ${dependency}, ${met})
    SELECT NEW.${key}, one.id, coalesce((SELECT CASE WHEN ${isMet(spec, 'other', quoting)} THEN 1 ELSE 0 END FROM ${source} AS other WHERE other.${key} = one.id FOR SHARE), 0)
    FROM unnest(named) AS one (id) ORDER BY 2
    ON CONFLICT (${task}, ${dependency}) DO UPDATE SET ${met} = excluded.${met};`
}

function insertQueue(spec: WorkQueueSpec, row: string): string {
  const values = valuesOf(spec, row)
  const key = `${row}.${quoteName(spec.columns.key)}`
  const columns = [task, unmet, ...values.map(({ column }) => column)]
  return `INSERT INTO ${quoteName(spec.queue)} (${columns.join(', ')})
    SELECT ${[key, unmetOf(spec, key), ...values.map(({ value }) => value)].join(', ')}`
}

/** Counts a dependency as met, or as unmet again, for all that name it. */
function settle(spec: WorkQueueSpec, row: string, isNowMet: boolean): string {
  const [before, after] = isNowMet ? [0, 1] : [1, 0]
  const [edges, queue] = [spec.edges, spec.queue].map(quoteName)
  const which = `${dependency} = ${row}.${quoteName(spec.columns.key)} AND ${met} = ${before}`
  return `PERFORM 1 FROM ${queue} WHERE ${task} IN (SELECT ${task} FROM ${edges} WHERE ${which}) ORDER BY ${task} FOR UPDATE;
    WITH settled AS (UPDATE ${edges} SET ${met} = ${after} WHERE ${which} RETURNING ${task})
    UPDATE ${queue} SET ${unmet} = ${unmet} ${isNowMet ? '-' : '+'} 1 FROM settled WHERE ${queue}.${task} = settled.${task};`
}

function bodyOf(spec: WorkQueueSpec, event: (typeof events)[number]): string {
  const [source, edges, queue, key] = [spec.source, spec.edges, spec.queue, spec.columns.key].map(quoteName)
  const list = quoteName(spec.columns.dependencies)
  const [isNow, was] = [isMet(spec, 'NEW', quoting), isMet(spec, 'OLD', quoting)]
  const fixed = spec.fixed.map(quoteName)
  const set = valuesOf(spec, 'NEW')
    .filter(({ column }) => !fixed.includes(column))
    .map(({ column, value }) => `${column} = ${value}`)
  const sources = [spec.columns.dependencies, ...queueSources(spec)].map(quoteName)
  // Not a condition of the trigger: the type of a column that one names cannot be changed.
  const differs = sources.map((column) => `NEW.${column} IS DISTINCT FROM OLD.${column}`).join(' OR ')
  switch (event) {
    case 'insert':
      return `DECLARE
  named text[];
BEGIN
  IF NEW.${list} <> '[]' THEN
    ${insertEdges(spec)}
  END IF;
  IF NOT ${hasEnded(spec, 'NEW', quoting)} THEN
    ${insertQueue(spec, 'work')} FROM ${source} AS work WHERE work.${key} = NEW.${key}
    ON CONFLICT (${task}) DO UPDATE SET ${unmet} = excluded.${unmet}, ${set.join(', ')};
  END IF;
  IF ${isNow} THEN
    ${settle(spec, 'NEW', true)}
  END IF;
  RETURN NULL;
END`
    case 'update':
      return `DECLARE
  named text[];
BEGIN
  IF NOT (${differs}) THEN
    RETURN NULL;
  END IF;
  IF NEW.${list} IS DISTINCT FROM OLD.${list} THEN
    PERFORM 1 FROM ${queue} WHERE ${task} = NEW.${key} FOR UPDATE;
    DELETE FROM ${edges} WHERE ${task} = NEW.${key};
    ${insertEdges(spec)}
    UPDATE ${queue} SET ${unmet} = ${unmetOf(spec, `NEW.${key}`)} WHERE ${task} = NEW.${key};
  END IF;
  IF ${hasEnded(spec, 'NEW', quoting)} THEN
    DELETE FROM ${queue} WHERE ${task} = NEW.${key};
  ELSE
    UPDATE ${queue} SET ${set.join(', ')} WHERE ${task} = NEW.${key};
    IF NOT FOUND THEN
      ${insertQueue(spec, 'work')} FROM ${source} AS work WHERE work.${key} = NEW.${key}
      ON CONFLICT (${task}) DO NOTHING;
    END IF;
  END IF;
  IF ${isNow} AND NOT ${was} THEN
    ${settle(spec, 'NEW', true)}
  ELSIF ${was} AND NOT ${isNow} THEN
    ${settle(spec, 'NEW', false)}
  END IF;
  RETURN NULL;
END`
    case 'delete':
      return `BEGIN
  DELETE FROM ${edges} WHERE ${task} = OLD.${key};
  DELETE FROM ${queue} WHERE ${task} = OLD.${key};
  IF ${was} THEN
    ${settle(spec, 'OLD', false)}
  END IF;
  RETURN NULL;
END`
    default:
      return event satisfies never
  }
}

/** Table, functions and triggers that keep which tasks are ready. */
export function createWorkQueue(spec: WorkQueueSpec): readonly MigrationStatement[] {
  const label = `keep ${spec.queue}`
  return events.flatMap((event) => {
    const name = quoteName(`${spec.name}_${event}`)
    return [
      { label, sql: triggerFunction(`${spec.name}_${event}`, bodyOf(spec, event)) },
      {
        label,
        sql: `CREATE TRIGGER ${name} AFTER ${event.toUpperCase()} ON ${quoteName(spec.source)} FOR EACH ROW EXECUTE FUNCTION ${name}()`,
      },
    ]
  })
}

/** Fills the queue from the tasks that are stored. */
export function fillWorkQueue(spec: WorkQueueSpec): readonly MigrationStatement[] {
  const [source, key] = [spec.source, spec.columns.key].map(quoteName)
  const list = `work.${quoteName(spec.columns.dependencies)}`
  return [
    {
      label: `fill ${spec.edges}`,
      sql: `INSERT INTO ${quoteName(spec.edges)} (${task}, ${dependency}, ${met})
SELECT DISTINCT work.${key}, item #>> '{}', CASE WHEN ${isMet(spec, 'other', quoting)} THEN 1 ELSE 0 END
FROM ${source} AS work
CROSS JOIN LATERAL json_array_elements(CASE WHEN ${list} ~ '^\\s*[[]' AND ${list} !~ '\\\\u0000' THEN ${list}::json ELSE '[]' END) AS item
LEFT JOIN ${source} AS other ON other.${key} = item #>> '{}'
WHERE json_typeof(item) = 'string'`,
    },
    {
      label: `fill ${spec.queue}`,
      sql: `${insertQueue(spec, 'work')} FROM ${source} AS work WHERE NOT ${hasEnded(spec, 'work', quoting)}`,
    },
  ]
}

/** Removes the triggers and functions, then the table. */
export function dropWorkQueue(spec: WorkQueueSpec): readonly MigrationStatement[] {
  return events.map((event) => ({
    label: `stop ${spec.queue}`,
    sql: `DROP FUNCTION ${quoteName(`${spec.name}_${event}`)}() CASCADE`,
  }))
}
