// Converts the ancestor's child tables (projects, arguments and invariants of plans) to lists in
// the plan, and back. Rows that cannot be restored from a list exactly are set aside whole; rows of
// missing plans become findings.

import type { MigrationStatement, TableSpec } from '../../engines/contract/schema.ts'
import { FINDINGS, ORIGINALS } from '../../migrations/preserved-tables.ts'
import { legacyPlanArguments, legacyPlanInvariants, legacyPlanProjects } from '../ancestor-layouts.ts'
import type { AdoptionWriter } from '../expressions.ts'
import { noteFinding, setAside } from '../preserved-values.ts'
import { provenances } from './layouts.ts'
import { isWord, listsTable, VERSION } from './scratch-tables.ts'

interface ChildTable {
  readonly spec: TableSpec
  /** The plan's column. */
  readonly column: 'projects' | 'arguments' | 'invariants'
  readonly order: (writer: AdoptionWriter) => string
  /** One item of the list. */
  readonly item: (writer: AdoptionWriter, row: Row) => string
  /** A condition under which the list restores the row exactly; null if it never does. */
  readonly isPlain: ((writer: AdoptionWriter, row: Row) => string) | null
  readonly problems: readonly {
    readonly problem: string
    readonly value: string
    readonly where: (writer: AdoptionWriter, row: Row) => string
  }[]
  /** The row's columns, restored from an item. */
  readonly back: (writer: AdoptionWriter, item: string, position: string) => Readonly<Record<string, string>>
}

/**
 * `turn` numbers the rows of a plan with the same alias; `place` is the row's index in the list,
 * from 0.
 */
interface Row {
  readonly turn: string
  readonly place: string
}

const textOr = (writer: AdoptionWriter, column: string) =>
  `CASE WHEN ${writer.isText(column)} THEN ${column} ELSE '' END`
const isAlias = (writer: AdoptionWriter) => `${writer.isText('alias')} AND NOT ${writer.isBlank('alias')}`
const isValue = (writer: AdoptionWriter) =>
  `${writer.isText('value_json')} AND ${writer.isJson('value_json')}`

const projects: ChildTable = {
  spec: legacyPlanProjects,
  column: 'projects',
  order: (writer) => writer.insertionOrder(legacyPlanProjects.name),
  item: (writer, { turn }) =>
    writer.jsonObject({
      name: textOr(writer, 'project_name'),
      alias: `CASE WHEN ${isAlias(writer)} AND ${turn} = 1 THEN alias END`,
      readOnly: writer.jsonBoolean('read_only <> 0'),
    }),
  isPlain: (writer, { turn }) =>
    `${writer.isText('project_name')} AND ${writer.isWholeNumber('read_only')} AND read_only IN (0, 1) AND (alias IS NULL OR ${isAlias(writer)} AND ${turn} = 1)`,
  problems: [
    {
      problem: 'alias-repeated',
      value: 'alias',
      where: (writer, { turn }) => `alias IS NOT NULL AND NOT (${isAlias(writer)} AND ${turn} = 1)`,
    },
  ],
  back: (writer, item) => ({
    project_name: `coalesce(${writer.jsonText(item, 'name')}, '')`,
    alias: writer.jsonText(item, 'alias'),
    read_only: `CASE WHEN ${writer.isTrue(item, 'readOnly')} THEN 1 ELSE 0 END`,
  }),
}

const planArguments: ChildTable = {
  spec: legacyPlanArguments,
  column: 'arguments',
  order: () => 'position, name',
  item: (writer) =>
    writer.jsonObject({
      name: textOr(writer, 'name'),
      value: writer.jsonValue(`CASE WHEN ${isValue(writer)} THEN value_json ELSE 'null' END`),
    }),
  isPlain: (writer, { place }) =>
    `${writer.isText('name')} AND ${writer.isWholeNumber('position')} AND position = ${place} AND CASE WHEN ${isValue(writer)} THEN value_json = ${writer.compactJson('value_json')} ELSE false END`,
  problems: [
    { problem: 'json-unreadable', value: 'value_json', where: (writer) => `NOT (${isValue(writer)})` },
  ],
  back: (writer, item, position) => ({
    name: `coalesce(${writer.jsonText(item, 'name')}, '')`,
    value_json: `coalesce(${writer.jsonOf(item, 'value')}, 'null')`,
    position,
  }),
}

const isSource = (writer: AdoptionWriter) => isWord(writer, 'source', provenances)

const invariants: ChildTable = {
  spec: legacyPlanInvariants,
  column: 'invariants',
  order: () => 'position, id',
  item: (writer) =>
    writer.jsonObject({
      text: textOr(writer, 'invariant_text'),
      source: `CASE WHEN ${isSource(writer)} THEN source ELSE 'global' END`,
    }),
  // A list does not store the row numbers of the table.
  isPlain: null,
  problems: [{ problem: 'word-unknown', value: 'source', where: (writer) => `NOT ${isSource(writer)}` }],
  back: (writer, item, position) => ({
    invariant_text: `coalesce(${writer.jsonText(item, 'text')}, '')`,
    source: `coalesce(${writer.jsonText(item, 'source')}, 'global')`,
    position,
  }),
}

const children = [projects, planArguments, invariants] as const
export const childTables = children.map(({ spec, column }) => ({ table: spec.name, column }))

/** The rows of a child table with their list indexes. */
function rows({ spec, column, order }: ChildTable, writer: AdoptionWriter): string {
  const columns = spec.columns.map(({ name }) => `${spec.name}.${name}`)
  const turn =
    column === 'projects' ? `row_number() OVER (PARTITION BY plan_id, alias ORDER BY ${order(writer)})` : '1'
  return `(SELECT ${columns.join(', ')}, ${turn} AS turn, row_number() OVER (PARTITION BY plan_id ORDER BY ${order(writer)}) - 1 AS place FROM ${spec.name}) AS rows_of`
}

const row: Row = { turn: 'turn', place: 'place' }
const planExists = 'EXISTS (SELECT 1 FROM plans WHERE plans.plan_id = rows_of.plan_id)'

const wholeRow = ({ spec }: ChildTable, writer: AdoptionWriter) =>
  writer.jsonObject(Object.fromEntries(spec.columns.map(({ name }) => [name, writer.jsonCell(name)])))

/** Builds the lists in a separate table. */
export function listChildren(writer: AdoptionWriter): readonly MigrationStatement[] {
  const list = (child: ChildTable) => {
    const columns = children.map((other) =>
      other === child
        ? `${writer.jsonList(child.item(writer, row), 'place')} AS ${other.column}`
        : `NULL AS ${other.column}`,
    )
    return `SELECT plan_id, ${columns.join(', ')} FROM ${rows(child, writer)} GROUP BY plan_id`
  }
  const merged = children.map(({ column }) => `max(${column})`).join(', ')
  return [
    ...writer.createTable(listsTable),
    writer.run(
      'gather projects, arguments and invariants',
      `INSERT INTO ${listsTable.name} (plan_id, projects, arguments, invariants)
SELECT plan_id, ${merged} FROM (
${children.map(list).join('\nUNION ALL\n')}
) AS lists GROUP BY plan_id`,
    ),
  ]
}

/** Records findings, and sets rows aside. */
export function keepChildren(writer: AdoptionWriter): readonly MigrationStatement[] {
  return children.flatMap((child) => {
    const from = rows(child, writer)
    const place = { migration: VERSION, table: 'plans', rowId: 'plan_id', column: child.column, from }
    return [
      noteFinding(writer, place, 'plan-missing', wholeRow(child, writer), `NOT ${planExists}`),
      ...child.problems.map(({ problem, value, where }) =>
        noteFinding(writer, place, problem, value, `${planExists} AND (${where(writer, row)})`),
      ),
      setAside(
        writer,
        place,
        writer.jsonList(wholeRow(child, writer), 'place'),
        `${planExists} GROUP BY plan_id${child.isPlain ? ` HAVING sum(CASE WHEN ${child.isPlain(writer, row)} THEN 0 ELSE 1 END) > 0` : ''}`,
      ),
    ]
  })
}

/** Restores the child tables from rows set aside, findings and lists. */
export function restoreChildren(writer: AdoptionWriter): readonly MigrationStatement[] {
  return [
    ...children.flatMap((child) => [
      ...writer.createTable(child.spec),
      restorePreserved(child, writer),
      restoreMissing(child, writer),
    ]),
    ...listChildren(writer),
    ...children.flatMap((child) => [dropOutdated(child, writer), restoreItems(child, writer)]),
    ...writer.dropTable(listsTable.name),
  ]
}

function restorePreserved({ spec, column }: ChildTable, writer: AdoptionWriter): MigrationStatement {
  const { table, value, position } = writer.itemsOf('kept.value')
  const cells = spec.columns.map(({ name, type }) => writer.cellOf(value, name, type))
  return writer.run(
    `put back rows of ${spec.name}`,
    `INSERT INTO ${spec.name} (${spec.columns.map(({ name }) => name).join(', ')})
SELECT ${cells.join(', ')}
FROM ${ORIGINALS} AS kept JOIN plans ON plans.plan_id = kept.row_id, ${table}
WHERE kept.migration = ${VERSION} AND kept.table_name = 'plans' AND kept.column_name = ${writer.text(column)} AND plans.effective_profile_snapshot = '{}'
ORDER BY kept.row_id, ${position}`,
  )
}

function restoreMissing({ spec, column }: ChildTable, writer: AdoptionWriter): MigrationStatement {
  const cells = spec.columns.map(({ name, type }) => writer.cellOf('kept.original_value', name, type))
  return writer.run(
    `put back rows of ${spec.name} without a plan`,
    `INSERT INTO ${spec.name} (${spec.columns.map(({ name }) => name).join(', ')})
SELECT ${cells.join(', ')}
FROM ${FINDINGS} AS kept
WHERE ${isMissing(writer, column)} ORDER BY kept.id`,
  )
}

/** A condition over findings (`kept`): a child row whose plan is still missing. */
export function isMissing(writer: AdoptionWriter, column: string): string {
  return `kept.migration = ${VERSION} AND kept.table_name = 'plans' AND kept.column_name = ${writer.text(column)} AND kept.problem = 'plan-missing' AND NOT EXISTS (SELECT 1 FROM plans WHERE plans.plan_id = kept.row_id)`
}

/** Rows set aside are used only if the list is still the one derived from them. */
function dropOutdated({ spec, column }: ChildTable, writer: AdoptionWriter): MigrationStatement {
  return writer.run(
    `drop rows of ${spec.name} that changed since`,
    `DELETE FROM ${spec.name} WHERE plan_id IN (SELECT plans.plan_id FROM plans JOIN ${listsTable.name} AS lists ON lists.plan_id = plans.plan_id WHERE lists.${column} IS NOT NULL AND lists.${column} <> plans.${column})`,
  )
}

function restoreItems(child: ChildTable, writer: AdoptionWriter): MigrationStatement {
  const { spec, column } = child
  const { table, value, position } = writer.itemsOf(`plans.${column}`)
  const cells = child.back(writer, value, position)
  return writer.run(
    `make rows of ${spec.name}`,
    `INSERT INTO ${spec.name} (plan_id, ${Object.keys(cells).join(', ')})
SELECT plans.plan_id, ${Object.values(cells).join(', ')}
FROM plans, ${table}
WHERE plans.${column} <> '[]' AND plans.plan_id NOT IN (SELECT plan_id FROM ${spec.name})
ORDER BY plans.plan_id, ${position}`,
  )
}
