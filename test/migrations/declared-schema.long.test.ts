// The definitions of the records and the chain of migrations say the same: the last layout that the
// chain gives each table, in the vocabulary of migrations and before any engine renders it, is the
// declared one. Types that one engine stores alike (an id, a name, a text) are told apart here.

import { expect, test } from 'vitest'
import type { AdoptionWriter } from '../../src/adoption/expressions.ts'
import { adoptionMigrations } from '../../src/adoption/index.ts'
import { dialect } from '../../src/adoption/sqlite/dialect.ts'
import type {
  ColumnSpec,
  FullTextSpec,
  GuardSpec,
  IndexSpec,
  PeriodTotalsSpec,
  TableLayout,
  TableSpec,
  TotalsSpec,
} from '../../src/engines/contract/schema.ts'
import { chain } from '../../src/migrations/chain.ts'
import { declaredSchema } from '../../src/migrations/declared-schema.ts'

interface Layout {
  table: TableSpec
  indexes: IndexSpec[]
  guards: GuardSpec[]
  totals?: TotalsSpec
  periodTotals?: PeriodTotalsSpec
  fullText?: FullTextSpec
}

/** A writer that also follows what becomes of every table. */
function followingWriter() {
  const layouts = new Map<string, Layout>()
  const at = (name: string): Layout => {
    const layout = layouts.get(name)
    if (!layout) throw new Error(`the chain speaks of ${name}, which is not there`)
    return layout
  }
  const writer = dialect.writer(new Date(0))
  const own: Partial<AdoptionWriter> = {
    createTable: (table) => {
      layouts.set(table.name, { table, indexes: [], guards: [] })
      return writer.createTable(table)
    },
    changeTable: (change) => {
      const { to, indexes, guards = [] } = change
      layouts.set(to.name, { table: to, indexes: [...indexes], guards: [...guards] })
      return writer.changeTable(change)
    },
    dropTable: (name) => {
      layouts.delete(name)
      return writer.dropTable(name)
    },
    createIndex: (index) => {
      at(index.table).indexes.push(index)
      return writer.createIndex(index)
    },
    rebuildTable: (change) => {
      layouts.set(change.to.name, { table: change.to, indexes: [...change.indexes], guards: [] })
      return writer.rebuildTable(change)
    },
    renameTable: (from, to) => {
      const moved = at(from)
      layouts.delete(from)
      layouts.set(to, { ...moved, table: { ...moved.table, name: to } })
      for (const layout of layouts.values()) layout.table = following(layout.table, from, to)
      return writer.renameTable(from, to)
    },
    dropGuard: (guard) => {
      const layout = at(guard.table)
      layout.guards = layout.guards.filter(({ name }) => name !== guard.name)
      return writer.dropGuard(guard)
    },
    createGuard: (guard) => {
      at(guard.table).guards.push(guard)
      return writer.createGuard(guard)
    },
    createTotals: (totals) => {
      at(totals.source).totals = totals
      return writer.createTotals(totals)
    },
    createPeriodTotals: (totals) => {
      at(totals.source).periodTotals = totals
      return writer.createPeriodTotals(totals)
    },
    addColumns: (to, columns) => {
      const layout = at(to.name)
      layout.table = { ...layout.table, columns: [...layout.table.columns, ...columns] }
      return writer.addColumns(to, columns)
    },
    createFullText: (index) => {
      at(index.table).fullText = index
      return writer.createFullText(index)
    },
  }
  return { writer: { ...writer, ...own }, layouts }
}

/** References follow a table that gets another name. */
function following(table: TableSpec, from: string, to: string): TableSpec {
  const columns = table.columns.map((column): ColumnSpec => {
    const { references } = column
    return references?.table === from ? { ...column, references: { ...references, table: to } } : column
  })
  return { ...table, columns }
}

/** What is left out and what is said to be false are the same. */
function plain({ table, indexes, guards, totals, periodTotals, fullText }: TableLayout) {
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
  return {
    table: {
      ...table,
      clustered: table.clustered ?? false,
      columns: table.columns.map((column) => ({ ...column, nullable: column.nullable ?? false })),
    },
    indexes: indexes.map((index) => ({ ...index, unique: index.unique ?? false })).toSorted(byName),
    guards: guards.toSorted(byName),
    totals,
    periodTotals,
    fullText,
  }
}

const { writer, layouts } = followingWriter()
for (const migration of adoptionMigrations) migration.up(writer)
for (const migration of chain) if ('up' in migration) migration.up(writer)

test('the chain leads to the declared tables, and to no others', () => {
  expect([...layouts.keys()].sort()).toEqual(declaredSchema.map(({ table }) => table.name).sort())
})

test.each(declaredSchema.map((layout) => [layout.table.name, layout] as const))(
  'the chain leaves %s as declared',
  (name, declared) => {
    const led = layouts.get(name)
    if (!led) throw new Error(`the chain does not make ${name}`)
    expect(plain(led)).toEqual(plain(declared))
  },
)

test('tables that others refer to stand before them', () => {
  const seen = new Set<string>()
  for (const { table } of declaredSchema) {
    seen.add(table.name)
    for (const { references } of table.columns) if (references) expect(seen).toContain(references.table)
  }
})
