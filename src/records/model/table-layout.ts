// The table of a record in the vocabulary of engines/contract/schema.ts. Its columns follow from
// the fields; the rest (indexes, guards, running totals, full text) is declared beside them by
// field name. Nothing is created here: migrations do that, and the drift check compares the two.

import type { PeriodTotalsSpec } from '../../engines/contract/engine.ts'
import type {
  ColumnSpec,
  CutsSpec,
  FullTextSpec,
  GuardSpec,
  IndexSpec,
  TableLayout,
  TableSpec,
  TotalsSpec,
  WorkQueueSpec,
} from '../../engines/contract/schema.ts'
import { parseMoney } from '../../values/money.ts'
import type { Column } from './column.ts'

/**
 * What a record's table has beyond a column for each field. `Field` and `Generated` are names of
 * fields.
 */
export interface StorageOptions<Field extends string, Generated extends string = never> {
  /** A column that numbers rows in insertion order: the first one, and the primary key. */
  readonly serial?: string
  /** The field that is the primary key, if that is not the record's key. */
  readonly primaryKey?: Field
  /** Columns that the database computes: one key of a JSON field each. They come last. */
  readonly generated?: Readonly<Record<Generated, { readonly from: Field; readonly key: string }>>
  /**
   * By index name, without the table's name as prefix. Rows in which the first field is null are
   * excluded.
   */
  readonly indexes?: Readonly<Record<string, readonly (Field | NoInfer<Generated>)[]>>
  /** The same, for unique indexes. */
  readonly unique?: Readonly<Record<string, readonly Field[]>>
  /** What the database refuses, by guard name without the table's name as prefix. */
  readonly guards?: Readonly<Record<string, GuardOptions<Field>>>
  /** Running totals in a separate table, by trigger name without the record's name as prefix. */
  readonly totals?: TotalsOptions<Field>
  /** Totals of periods; their tables are those of another record. */
  readonly periodTotals?: PeriodTotalsSpec
  /** A queue of the rows that are ready; its tables are among those beside. */
  readonly workQueue?: WorkQueueSpec
  /** Further tables that belong to the record: what is derived, or lasts for a moment. */
  readonly beside?: readonly TableLayout[]
  /** The field whose words are searched; needs `serial`. */
  readonly fullText?: Field
}

export type GuardOptions<Field extends string> =
  | { readonly refuses: 'change'; readonly fields: readonly Field[] }
  | { readonly refuses: 'update' }
  /** With `upTo`, rows may be deleted whose number is no greater than that of the newest cut. */
  | { readonly refuses: 'delete'; readonly upTo?: { readonly number: Field; readonly cuts: CutsSpec } }
  | {
      readonly refuses: 'gap'
      readonly key: Field
      readonly number: Field
      readonly link: { readonly from: Field; readonly to: Field }
      readonly cuts?: CutsSpec
    }

export interface TotalsOptions<Field extends string> {
  readonly name: string
  /** The table that holds them. */
  readonly table: string
  /** The field by whose values records are counted, or the instant by whose hours they are. */
  readonly dimensions: Readonly<Record<string, Field | { readonly hourOf: Field }>>
  readonly sums: readonly Field[]
  /** Counts, under this name, the records in which one of the summed fields is null. */
  readonly missing?: { readonly name: string; readonly field: Field }
  /** Separates totals that must not be added up. */
  readonly partitionBy: Field
  /** The field that says how many records a row represents; absent if that is always one. */
  readonly records?: Field
  /** The totals table is shared with another record, which declares it. */
  readonly shared?: boolean
}

interface Subject {
  readonly table: string
  readonly columns: readonly Column[]
  /** The column of the record's key. */
  readonly key: string
}

/** The record's table and everything that belongs to it, and the table of its totals, if any. */
export function layOutTable<Field extends string, Generated extends string>(
  subject: Subject,
  storage: StorageOptions<Field, Generated> = {},
): readonly [TableLayout, ...TableLayout[]] {
  const { table, columns } = subject
  const specs = columnSpecs(subject, storage)
  const ofField = namesOf(columns, Object.keys(storage.generated ?? {}))
  const one = (field: string): string => {
    const [name, ...others] = ofField(field)
    if (name !== undefined && others.length === 0) return name
    throw new TypeError(`${table}: ${field} has no column of its own`)
  }
  const layout: TableLayout = {
    table: {
      name: table,
      columns: specs,
      primaryKey: [
        storage.serial ?? (storage.primaryKey === undefined ? subject.key : one(storage.primaryKey)),
      ],
    },
    indexes: [
      ...indexSpecs(table, specs, storage.unique, one, true),
      ...indexSpecs(table, specs, storage.indexes, one, false),
    ],
    guards: Object.entries(storage.guards ?? {}).map(([name, guard]) =>
      guardSpec(table, `${table}_${name}`, guard, ofField, one),
    ),
    ...(storage.totals && { totals: totalsSpec(table, storage.totals, one) }),
    ...(storage.periodTotals && { periodTotals: storage.periodTotals }),
    ...(storage.workQueue && { workQueue: storage.workQueue }),
    ...(storage.fullText && { fullText: fullTextSpec(table, storage, one(storage.fullText)) }),
  }
  const { beside = [] } = storage
  if (!layout.totals || storage.totals?.shared) return [layout, ...beside]
  return [layout, { table: totalsTable(layout.totals, specs), indexes: [], guards: [] }, ...beside]
}

function namesOf(columns: readonly Column[], generated: readonly string[]) {
  return (field: string): readonly string[] => {
    if (generated.includes(field)) return [snakeCase(field)]
    return columns.filter((column) => column.field === field).map(({ name }) => name)
  }
}

function columnSpecs(
  { table, columns }: Subject,
  storage: StorageOptions<string, string>,
): readonly ColumnSpec[] {
  const generated = Object.entries(storage.generated ?? {}).map(([field, { from, key }]): ColumnSpec => {
    const source = columns.find((column) => column.field === from)?.name
    if (source === undefined) throw new TypeError(`${table} has no field ${from}`)
    return { name: snakeCase(field), type: 'id', nullable: true, generated: { from: source, key } }
  })
  return [
    ...(storage.serial === undefined ? [] : [{ name: storage.serial, type: 'serial' as const }]),
    ...columns.map((column) => columnSpec(table, column)),
    ...generated,
  ]
}

function columnSpec(table: string, column: Column): ColumnSpec {
  const { name, spec } = column
  const value = defaultOf(column)
  return {
    name,
    type: spec.columnType,
    // If a dedicated text means null, the database needs no default.
    ...(spec.nullable && spec.storedNull === undefined && { nullable: true }),
    ...(value !== undefined && { default: value }),
    ...(spec.references && { references: { ...spec.references, onDelete: 'no action' } }),
    ...(spec.enforced && spec.values && { oneOf: { name: `${table}_${name}`, values: spec.values } }),
  }
}

/** The database's default: the field's own, unless the definition says otherwise. */
function defaultOf({ name, kind, spec }: Column): ColumnSpec['default'] {
  const { columnDefault, initial, nullable, toStored } = spec
  if (columnDefault !== undefined) return columnDefault ?? undefined
  if (nullable || initial === undefined) return undefined
  if (spec.json) return JSON.stringify(toStored ? toStored(initial as never) : initial)
  switch (kind) {
    case 'text':
      return String(initial)
    case 'integer':
      return { number: String(initial) }
    case 'money':
      return { number: String(parseMoney(String(initial))) }
    default:
      throw new TypeError(`${name}: there is no form for a default of the kind ${kind}`)
  }
}

function indexSpecs(
  table: string,
  specs: readonly ColumnSpec[],
  indexes: Readonly<Record<string, readonly string[]>> = {},
  one: (field: string) => string,
  unique: boolean,
): readonly IndexSpec[] {
  return Object.entries(indexes).map(([name, fields]) => {
    const columns = fields.map(one)
    const [first] = columns
    const mayBeNull = specs.some((spec) => spec.name === first && spec.nullable)
    return {
      name: `${table}_${name}`,
      table,
      columns,
      ...(unique && { unique }),
      ...(mayBeNull && first !== undefined && { whereNotNull: first }),
    }
  })
}

function guardSpec(
  table: string,
  name: string,
  guard: GuardOptions<string>,
  ofField: (field: string) => readonly string[],
  one: (field: string) => string,
): GuardSpec {
  switch (guard.refuses) {
    case 'change':
      return { name, table, refuses: 'change', columns: guard.fields.flatMap(ofField) }
    case 'update':
      return { name, table, refuses: 'update' }
    case 'delete': {
      const { upTo } = guard
      return {
        ...{ name, table, refuses: 'delete' },
        ...(upTo && { upTo: { number: one(upTo.number), cuts: upTo.cuts } }),
      }
    }
    case 'gap': {
      const { key, number, link, cuts } = guard
      return {
        ...{ name, table, refuses: 'gap', key: one(key), number: one(number) },
        link: { from: one(link.from), to: one(link.to) },
        ...(cuts && { cuts }),
      }
    }
    default:
      return guard satisfies never
  }
}

function totalsSpec(
  source: string,
  totals: TotalsOptions<string>,
  one: (field: string) => string,
): TotalsSpec {
  return {
    name: `${source}_${totals.name}`,
    source,
    target: totals.table,
    dimensions: Object.entries(totals.dimensions).map(([name, by]) =>
      typeof by === 'string'
        ? { name, column: one(by) }
        : { name, column: one(by.hourOf), by: 'hour' as const },
    ),
    sums: totals.sums.map(one),
    ...(totals.missing && {
      missing: { name: totals.missing.name, column: one(totals.missing.field) },
    }),
    partitionBy: one(totals.partitionBy),
    ...(totals.records !== undefined && { records: one(totals.records) }),
  }
}

/**
 * The layout of every totals table. Servers keep one row for each of several slots, so that
 * processes do not wait for each other.
 */
function totalsTable(totals: TotalsSpec, source: readonly ColumnSpec[]): TableSpec {
  const typeOf = (column: string) => source.find(({ name }) => name === column)?.type ?? 'integer'
  return {
    name: totals.target,
    columns: [
      { name: 'dimension', type: 'name' },
      { name: 'member', type: 'id' },
      { name: totals.partitionBy, type: typeOf(totals.partitionBy) },
      { name: 'slot', type: 'integer' },
      ...totals.sums.map((name) => ({ name, type: typeOf(name) })),
      ...(totals.missing ? [{ name: totals.missing.name, type: 'integer' as const }] : []),
      { name: 'records', type: 'integer' },
    ],
    primaryKey: ['dimension', 'member', totals.partitionBy, 'slot'],
    clustered: true,
  }
}

function fullTextSpec(table: string, { serial }: { readonly serial?: string }, column: string): FullTextSpec {
  if (serial === undefined) throw new TypeError(`${table}: full text needs a serial column`)
  return { table, column, serial, tokens: true }
}

/** The column of a field: `assignedTo` is `assigned_to`. */
export function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
