// Indexes and search indexes that are missing, differ from the declaration, or are damaged: rebuilt
// from the rows of their table. Their content is derived from the rows, so nothing can be lost.

import { searchIndexFaults } from '../doctor/search-index.ts'
import type { Engine, IntegrityFault, WriteOperation } from '../engines/contract/engine.ts'
import type {
  IndexSpec,
  LiveIndex,
  MigrationStatement,
  Rebuild,
  TableLayout,
} from '../engines/contract/schema.ts'
import { QueryError } from '../errors.ts'
import { declaredSchema } from '../migrations/declared-schema.ts'
import { auditEntryDefinition } from '../records/audit-entries/definition.ts'
import { AuditTrail } from '../records/audit-entries/trail.ts'
import { type RecordSession, writeAll } from '../records/repository/session.ts'
import { FIX_ACTION, type Repair, type Unrepaired } from './repair-plan.ts'

type Found = { readonly repairs: readonly Repair[]; readonly left: readonly Unrepaired[] }

/** Finds damaged indexes that can be rebuilt, and tables whose rows are lost. */
export async function findStructureRepairs(session: Pick<RecordSession, 'engine' | 'read'>): Promise<Found> {
  const { engine } = session
  const faults = await engine.integrity()
  const lost = new Set(
    faults.flatMap(({ table, damaged }) => (damaged === 'rows' && table !== null ? [table] : [])),
  )
  const left = faults
    .filter(({ damaged }) => damaged === 'rows')
    .map(
      ({ table, text }): Unrepaired => ({
        table: table ?? '',
        id: null,
        column: null,
        reason: text,
        next: 'restore the last sound backup; without one, purser export --salvage writes what can be read',
      }),
    )
  const repairs = [
    ...damagedIndexes(faults, lost),
    ...(await differingIndexes(engine)).filter(({ table }) => !lost.has(table)),
    ...(await searchRepairs(session, faults)).filter(({ table }) => !lost.has(table)),
  ]
  // Every repair is recorded in the trail, so that is repaired first.
  const rank = ({ table }: Repair) => (table === auditEntryDefinition.shape.table ? 0 : 1)
  return { repairs: repairs.toSorted((a, b) => rank(a) - rank(b)), left }
}

function repair(kind: Repair['kind'], table: string, column: string | null, detail: string): Repair {
  return { kind, table, id: null, column, before: null, after: null, detail }
}

function damagedIndexes(faults: readonly IntegrityFault[], lost: ReadonlySet<string>): readonly Repair[] {
  const tables = new Set(
    faults.flatMap(({ table, damaged }) => (damaged === 'index' && table !== null ? [table] : [])),
  )
  const known = declaredSchema.flatMap(({ table, totals }) => [
    table.name,
    ...(totals ? [totals.target] : []),
  ])
  return [...tables]
    .filter((table) => !lost.has(table) && known.includes(table))
    .map((table) => repair('index', table, null, 'damaged; every index of the table is made anew'))
}

async function differingIndexes({ schema }: Engine): Promise<readonly Repair[]> {
  const [expected, live] = [await schema.expected(declaredSchema), await schema.introspect()]
  return declaredSchema.flatMap(({ table, indexes }) => {
    const of = (one: typeof live) => one.tables.find(({ name }) => name === table.name)?.indexes
    const there = of(live)
    return indexes.flatMap(({ name }) => {
      const should = of(expected)?.find((index) => index.name === name)
      const is = there?.find((index) => index.name === name)
      // A missing table has no indexes either.
      if (!there || !should || (is && isSame(should, is))) return []
      return [
        repair(
          'index',
          table.name,
          name,
          is ? 'is not as declared; it is made anew' : 'is missing; it is made',
        ),
      ]
    })
  })
}

function isSame(a: LiveIndex, b: LiveIndex): boolean {
  return a.unique === b.unique && a.where === b.where && a.columns.join() === b.columns.join()
}

async function searchRepairs(
  session: Pick<RecordSession, 'engine' | 'read'>,
  faults: readonly IntegrityFault[],
): Promise<readonly Repair[]> {
  const found: Repair[] = []
  for (const { fullText } of declaredSchema) {
    if (!fullText) continue
    const { table } = fullText
    const isDamaged = faults.some((fault) => fault.damaged === 'full text' && fault.table === table)
    const wrong = isDamaged
      ? 'it is damaged'
      : await searchIndexFaults(session, table).then(describeSearch, () => 'it cannot be read')
    if (wrong !== null)
      found.push(repair('full text', table, null, `${wrong}; it is made anew, and filled by the next search`))
  }
  return found
}

function describeSearch({
  missing,
  stale,
}: {
  readonly missing: number
  readonly stale: number
}): string | null {
  if (missing + stale === 0) return null
  return [
    ...(missing > 0 ? [`it lacks ${missing}`] : []),
    ...(stale > 0 ? [`it has ${stale} that are gone`] : []),
  ].join(', ')
}

/**
 * Rebuilds it, in one transaction with an audit entry if the database supports transactional DDL.
 */
export async function repairStructure(session: RecordSession, planned: Repair): Promise<void> {
  const layout = declaredSchema.find(({ table }) => table.name === planned.table)
  const { engine } = session
  const chain = new AuditTrail(session).entry({
    action: FIX_ACTION,
    subjectType: planned.kind,
    subjectId: planned.column ?? planned.table,
    reason: planned.detail,
  })
  const append: WriteOperation = { kind: 'append', chain }
  const writer = engine.schema.writer(session.now())
  const index = layout?.indexes.find(({ name }) => name === planned.column)
  const isThere = index !== undefined && (await hasIndex(engine, index))
  const statements = statementsFor(planned, layout, index, isThere, writer)
  const anew = rebuildOf(planned, layout)
  if (engine.schema.rebuild && anew) {
    await engine.schema.rebuild(anew, append)
  } else if (engine.capabilities.transactionalDdl) {
    await session.inTransaction(async (runner) => {
      const run = statements.map(
        ({ sql }): WriteOperation => ({ kind: 'execute', query: { sql, parameters: [] } }),
      )
      for (const operation of [append, ...run]) await writeAll(runner, [operation])
    })
  } else {
    // Such a change commits by itself: the audit entry is written first, so that none is missing.
    await session.write(append)
    await engine.schema.exclusively(async ({ execute }) => {
      for (const { sql } of statements) await execute(sql)
    })
  }
}

/** Undefined if a single index is rebuilt. */
function rebuildOf({ kind, table, column }: Repair, layout: TableLayout | undefined): Rebuild | undefined {
  if (kind === 'full text') return layout?.fullText && { kind, spec: layout.fullText }
  return column === null ? { kind: 'indexes', table } : undefined
}

async function hasIndex({ schema }: Engine, { name, table }: IndexSpec): Promise<boolean> {
  const { tables } = await schema.introspect()
  return tables.some((one) => one.name === table && one.indexes.some((index) => index.name === name))
}

function statementsFor(
  { kind, table, column }: Repair,
  layout: TableLayout | undefined,
  index: IndexSpec | undefined,
  isThere: boolean,
  writer: ReturnType<Engine['schema']['writer']>,
): readonly MigrationStatement[] {
  if (kind === 'full text') {
    if (!layout?.fullText) throw new QueryError(`${table} has no search index`)
    return [...writer.dropFullText(layout.fullText), ...writer.createFullText(layout.fullText)]
  }
  if (column === null) return writer.rebuildIndexes(table)
  if (!index) throw new QueryError(`there is no index ${column} in this build's schema`)
  return [...(isThere ? writer.dropIndex(index) : []), ...writer.createIndex(index)]
}
