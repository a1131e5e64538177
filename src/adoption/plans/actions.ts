// Actions: one name instead of a name and its parts, and the reverse. Plans no longer have to refer
// to an existing action.

import type { MigrationStatement } from '../../engines/contract/schema.ts'
import { ORIGINALS } from '../../migrations/preserved-tables.ts'
import { EPOCH } from '../adopted-instants.ts'
import { legacyActions } from '../ancestor-layouts.ts'
import type { AdoptionWriter } from '../expressions.ts'
import { foundValue, noteFinding, setAside, setAsideValue, type ValuePlace } from '../preserved-values.ts'
import { isLeftOpen, MISSING } from './down-values.ts'
import { actionIndexes, actionStates, actionsTable } from './layouts.ts'
import { isWord, VERSION } from './scratch-tables.ts'

const times = ['created_at', 'updated_at'] as const
const place = (rowId: string, column: string): ValuePlace => ({
  migration: VERSION,
  table: 'actions',
  rowId,
  column,
})
const before = (column: string) => place('actions.namespaced_name', column)
const after = (column: string) => place('actions.name', column)

/** Statements that take the actions of an earlier database over. */
export function alignActions(writer: AdoptionWriter): readonly MigrationStatement[] {
  const isState = isWord(writer, 'state', actionStates)
  const parts = {
    namespace: writer.before('namespaced_name', '/'),
    name: writer.after('namespaced_name', '/'),
  }
  return [
    ...times.flatMap((column) => {
      const instant = writer.instantOfIso(column)
      return [
        noteFinding(writer, before(column), 'time-unreadable', column, `${instant} IS NULL`),
        noteFinding(
          writer,
          before(column),
          'time-without-offset',
          column,
          `${instant} IS NOT NULL AND NOT ${writer.nameInstants([column])}`,
        ),
        setAside(
          writer,
          before(column),
          column,
          `${writer.nameInstants([column])} AND NOT ${writer.arePlainIso([column])}`,
        ),
      ]
    }),
    noteFinding(writer, before('state'), 'word-unknown', 'state', `NOT ${isState}`),
    ...Object.entries(parts).map(([column, part]) =>
      setAside(writer, before(column), column, `${column} <> ${part}`),
    ),
    writer.run(
      'note actions that are not there',
      `INSERT INTO ${ORIGINALS} (migration, table_name, row_id, column_name, value)
SELECT ${VERSION}, 'actions', label, ${writer.text(MISSING)}, ''
FROM (SELECT DISTINCT action_name AS label FROM plans) AS labels
WHERE NOT EXISTS (SELECT 1 FROM actions WHERE actions.namespaced_name = label)`,
    ),
    ...writer.rebuildTable({
      to: actionsTable,
      indexes: actionIndexes,
      values: {
        name: 'namespaced_name',
        description: 'description',
        definition_of_done: 'definition_of_done',
        state: `CASE WHEN ${isState} THEN state ELSE 'available' END`,
        ...Object.fromEntries(
          times.map((column) => [column, `coalesce(${writer.instantOfIso(column)}, ${writer.text(EPOCH)})`]),
        ),
      },
    }),
  ]
}

/** Statements that give the actions their earlier form back. */
export function restoreActions(writer: AdoptionWriter): readonly MigrationStatement[] {
  const instant = (column: string) => {
    const original = `coalesce(${setAsideValue(writer, after(column))}, ${foundValue(writer, after(column))})`
    const same = `coalesce(${writer.instantOfIso(original)}, ${writer.text(EPOCH)}) = ${writer.instantOf(column)}`
    return `CASE WHEN ${original} IS NOT NULL AND ${same} THEN ${original} ELSE ${writer.isoOfInstant(column)} END`
  }
  const now = writer.isoOfInstant(writer.now)
  return [
    ...writer.rebuildTable({
      to: legacyActions,
      indexes: [],
      values: {
        namespaced_name: 'name',
        namespace: `coalesce(${setAsideValue(writer, after('namespace'))}, ${writer.before('name', '/')})`,
        name: `coalesce(${setAsideValue(writer, after('name'))}, ${writer.after('name', '/')})`,
        state: `CASE WHEN state = 'available' THEN coalesce(${foundValue(writer, after('state'))}, state) ELSE state END`,
        description: 'description',
        definition_of_done: 'definition_of_done',
        created_at: instant('created_at'),
        updated_at: instant('updated_at'),
      },
    }),
    writer.run(
      'make actions that plans name',
      `INSERT INTO actions (namespaced_name, namespace, name, description, created_at, updated_at)
SELECT label, ${writer.before('label', '/')}, ${writer.after('label', '/')}, '', ${now}, ${now}
FROM (SELECT DISTINCT action_name AS label FROM plans) AS labels
WHERE NOT EXISTS (SELECT 1 FROM actions WHERE actions.namespaced_name = label) AND NOT (${isLeftOpen(writer, 'label')})`,
    ),
  ]
}
