// docs/schema.md and schema.json: the declared schema, for people and for programs. Tables,
// columns, indexes and guards are derived from src/migrations/declared-schema.ts; the purpose of a
// table and the meaning of a type are written here.

import type {
  ColumnSpec,
  GuardSpec,
  IndexSpec,
  TableLayout,
  TotalsSpec,
} from '../../src/engines/contract/schema.ts'
import { typeName } from '../../src/engines/sqlite/schema/ddl.ts'
import { declaredSchema } from '../../src/migrations/declared-schema.ts'
import { latestVersion } from '../../src/migrations/schema-state.ts'
import { definitions } from '../../src/records/definitions.ts'
import { code, notice, page, table } from './markdown.ts'

const SOURCES = 'src/records/*/definition.ts and src/migrations/declared-schema.ts'

/** Tables that hold no records. */
const purposes: Readonly<Record<string, string>> = {
  purser_migrations: 'The ledger: every migration that the database has, with its checksum.',
  task_dependencies:
    'One row for each task and dependency, whether or not there is such a task; `met` is 1 if it is completed. Kept by triggers.',
  task_queue:
    'One row for each task that has not ended. `owner` may take it: an agent, or anyone where it is empty; null if no agent may. It is ready if `unmet` (dependencies) and `postponed` (until `wake_at`) are 0. Kept by triggers.',
  purser_findings:
    'Values that a migration could not carry over as they were, with the originals. `purser doctor --findings` lists them.',
  purser_originals:
    'Texts whose meaning a migration carried over in another form, such as a time in another zone. Going down puts them back.',
  purser_changes:
    'The feed of changes, in the order of positions: one row for each commit and actor, with what it changed as JSON.',
  purser_changes_new:
    'Rows of the feed that have no position yet. On SQLite it is empty: rows get their position when they are written.',
  budget_periods:
    'The periods for which the database keeps totals of costs: from the first reservation in a period on. Both ends are included.',
  budget_spent:
    "The totals of those periods: what each member of the dimension (an agent, a plan; everything has the member '') has spent, kept in the transaction that inserts a record.",
  budget_holds: 'What live reservations hold, in each budget. A cost that settles one removes its rows.',
  budget_notices: 'Which events of budgets were published, so that each is once in a period.',
  cost_totals:
    'Running totals of `cost_records`, pruned ones included, kept by the database in the transaction that inserts a record. `member` is the value of the dimension; it is empty where records have none.',
}

/** `legacy` and `real` occur only in the layouts of the ancestors. */
const types = {
  id: 'a key, or a reference to one: up to 255 characters, compared byte by byte',
  name: 'up to 255 characters, compared byte by byte',
  text: 'text of up to 1 MiB',
  integer: 'a whole number of 64 bits',
  boolean: 'true or false, stored as 1 or 0',
  money: 'billionths of a unit, as a whole number of 64 bits',
  instant: 'an instant in UTC with milliseconds: `2026-01-31T09:30:00.000Z`',
  json: 'valid JSON, as text',
  serial: 'a number that rises with every row, made by the database',
} as const satisfies Partial<Record<Extract<ColumnSpec['type'], string>, string>>

export function schemaPage(): string {
  return page([
    notice(SOURCES),
    '# Schema',
    `The tables of a database at version ${latestVersion}. They follow from the definitions of the records ([records.md](records.md) says what each field means); migrations lead to them ([migrations.md](migrations.md)), and \`purser drift\` says where a database differs. The same for programs is in [schema.json](../schema.json).`,
    '## Types',
    table(
      ['type', 'holds', 'in SQLite'],
      Object.entries(types).map(([type, meaning]) => [
        code(type),
        meaning,
        code(typeName(type as keyof typeof types)),
      ]),
    ),
    ...declaredSchema.flatMap(tableBlocks),
  ])
}

function tableBlocks(layout: TableLayout): readonly string[] {
  const { name, primaryKey, clustered } = layout.table
  const order = clustered ? ' Rows stand in its order.' : ''
  return [
    `## ${name}`,
    `${purposeOf(name)} Primary key: ${primaryKey.map(code).join(', ')}.${order}`,
    table(
      ['column', 'type', 'null', 'default', 'more'],
      layout.table.columns.map((column) => [
        code(column.name),
        typeof column.type === 'string' ? column.type : `text of ${column.type.legacy}`,
        column.nullable ? 'yes' : '',
        defaultOf(column),
        moreOf(column),
      ]),
    ),
    [...layout.indexes.map(indexLine), ...layout.guards.map(guardLine), ...extraLines(layout)]
      .map((line) => `- ${line}`)
      .join('\n'),
  ]
}

function purposeOf(name: string): string {
  const record = definitions.find(({ shape }) => shape.table === name)
  if (record) return `One row for each ${record.name}.`
  const purpose = purposes[name]
  if (purpose === undefined) throw new Error(`it is not written what the table ${name} is for`)
  return purpose
}

function defaultOf({ default: value }: ColumnSpec): string {
  if (value === undefined) return ''
  return code(typeof value === 'string' ? `'${value}'` : value.number)
}

function moreOf({ references, oneOf, generated }: ColumnSpec): string {
  return [
    ...(references
      ? [`refers to ${code(`${references.table}.${references.column}`)}, on delete ${references.onDelete}`]
      : []),
    ...(oneOf ? [`check ${code(oneOf.name)}: ${oneOf.values.map(code).join(', ')}`] : []),
    ...(generated ? [`computed: ${code(generated.key)} of ${code(generated.from)}`] : []),
  ].join('; ')
}

function indexLine({ name, columns, unique, whereNotNull }: IndexSpec): string {
  const where = whereNotNull === undefined ? '' : `, where ${code(whereNotNull)} is not null`
  return `${unique ? 'Unique index' : 'Index'} ${code(name)}: ${columns.map(code).join(', ')}${where}.`
}

function guardLine(guard: GuardSpec): string {
  switch (guard.refuses) {
    case 'change':
      return `Guard ${code(guard.name)}: refuses to change ${guard.columns.map(code).join(', ')}.`
    case 'update':
      return `Guard ${code(guard.name)}: refuses to change any row.`
    case 'delete':
      return guard.upTo
        ? `Guard ${code(guard.name)}: refuses to delete any row whose ${code(guard.upTo.number)} is above the greatest ${code(guard.upTo.cuts.number)} of ${code(guard.upTo.cuts.table)}.`
        : `Guard ${code(guard.name)}: refuses to delete any row.`
    case 'gap':
      return `Guard ${code(guard.name)}: refuses a row whose ${code(guard.number)} is not the next one, whose ${code(guard.link.from)} is not the ${code(guard.link.to)} of the row before, or whose ${code(guard.key)} is there.${guard.cuts ? ` In an empty table the first row follows the newest of ${code(guard.cuts.table)}.` : ''}`
    default:
      return guard satisfies never
  }
}

function extraLines({ totals, fullText }: TableLayout): readonly string[] {
  return [
    ...(totals ? [totalsLine(totals)] : []),
    ...(fullText ? [`Full-text index of ${code(fullText.column)}, brought up to date before a search.`] : []),
  ]
}

function totalsLine({ name, target, dimensions, sums, partitionBy, records }: TotalsSpec): string {
  const by = dimensions.map(({ name: dimension, column, by: unit }) =>
    unit === undefined ? `${dimension} (${code(column)})` : `${dimension} (${unit} of ${code(column)})`,
  )
  return `Totals ${code(name)}: every row is added to ${code(target)} by ${by.join(', ')}, apart by ${code(partitionBy)}: ${sums.map(code).join(', ')}.${records === undefined ? '' : ` It counts as many records as its ${code(records)} says.`}`
}

/** The declared schema in the vocabulary of migrations. */
export function schemaDocument(): string {
  const tables = declaredSchema.map(({ table: spec, ...rest }) => ({ ...spec, ...rest }))
  return `${JSON.stringify({ version: latestVersion, tables }, null, 2)}\n`
}
