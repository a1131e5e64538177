// What a copy refuses before it writes anything: a source that is also the target, schemas that are
// not this build's, and a target with other rows. A target that holds only rows of the source, each
// equal, is an interrupted copy and is resumed; no other marker exists
// (docs/decisions/0012-moving-data.md).

import { setImmediate as turn } from 'node:timers/promises'
import type { Engine, EngineSnapshot } from '../../engines/contract/engine.ts'
import { MigrationError, QueryError, quoteId } from '../../errors.ts'
import { loadAdoption } from '../../migrations/load-migrations.ts'
import { latestVersion, type SchemaState } from '../../migrations/schema-state.ts'
import type { Store } from '../../store/store.ts'
import { identityOf, RowFinder } from '../rows/find-rows.ts'
import { readRows } from '../rows/read-rows.ts'
import { type RecordKind, recordKinds } from '../rows/record-kind.ts'
import { createRowBridge, isUnfit } from '../rows/row-converter.ts'
import { nameOf } from '../rows/row-name.ts'
import { countWholly } from '../salvage.ts'

/** @throws QueryError if both are one store, under whatever names */
export async function refuseSameStore(from: Engine, to: Engine): Promise<void> {
  const [source, target] = [await from.uniqueKey?.(), await to.uniqueKey?.()]
  if (from !== to && (source === undefined || source !== target)) return
  throw new QueryError(
    'the source and the target are one database; nothing was written. Name another one as the target',
  )
}

/** @throws MigrationError unless the source is at this build's version */
export async function requireCurrentSource(state: SchemaState): Promise<void> {
  const { current, latest } = await state.status()
  if (current < latest) {
    throw new MigrationError(
      `the source is at version ${current}, this build copies version ${latest}; run purser migrate on the source first`,
    )
  }
  await state.assertCurrent()
}

/**
 * Creates the schema of a target that has none, or none with rows in it.
 * @throws MigrationError if the target is at another version and not empty
 */
export async function prepareTarget(store: Store, engine: Engine, state: SchemaState): Promise<void> {
  const { current } = await state.status()
  if (current < latestVersion) {
    const table = await firstFilledTable(engine)
    if (table !== null) {
      throw new MigrationError(
        `the target is at version ${current}, this build copies version ${latestVersion}, and its table ${table} is not empty; run purser migrate on the target first, or name an empty one`,
      )
    }
    await store.migrate({ backup: false })
  }
  await state.assertCurrent()
}

/** The first table with rows. Tables of other programs in the database are ignored. */
async function firstFilledTable(engine: Engine): Promise<string | null> {
  const { recordTables: adopted } = await loadAdoption()
  const recordTables = new Set([...recordKinds.map(({ shape }) => shape.table), ...adopted])
  const { tables } = await engine.schema.introspect()
  for (const { name } of tables) {
    if (!recordTables.has(name)) continue
    const { sql } = engine.builder
      .selectFrom(name)
      .select(({ lit }) => lit(1).as('one'))
      .limit(1)
      .compile()
    if ((await engine.read({ sql, parameters: [1] })).length > 0) return name
  }
  return null
}

interface Side {
  readonly engine: Engine
  readonly snapshot: EngineSnapshot
}

/** How many rows of each kind there are, in transfer order. */
export async function countAll(
  { engine, snapshot }: Side,
  surveys: ReadonlyMap<string, { readonly found: readonly unknown[] }> = new Map(),
  advice = '',
): Promise<readonly number[]> {
  const counts: number[] = []
  for (const kind of recordKinds)
    counts.push(
      surveys.get(kind.shape.table)?.found.length ?? (await countWholly(engine, snapshot, kind, advice)),
    )
  return counts
}

/**
 * @param merge other rows in the target are no error; but of two chains one must still be a prefix
 * of the other
 * @param compared receives the number of rows compared
 * @returns whether the target holds anything
 * @throws QueryError if it holds rows that the source does not have
 */
export async function refuseOtherRows(
  source: Side,
  target: Side,
  merge: boolean,
  signal: AbortSignal | undefined,
  compared: (kind: RecordKind, rows: number, total: number) => void,
): Promise<boolean> {
  const counts = await countAll(target)
  const isAsked = (kind: RecordKind) => !merge || kind.chain !== undefined
  const total = recordKinds.reduce((sum, kind, index) => sum + (isAsked(kind) ? (counts[index] ?? 0) : 0), 0)
  let done = 0
  const seen = (kind: RecordKind) => (rows: number) => {
    signal?.throwIfAborted()
    done += rows
    compared(kind, Math.min(done, total), total)
  }
  for (const kind of recordKinds) {
    if (!isAsked(kind)) continue
    const missing = await firstMissing(kind, target, source, seen(kind))
    if (missing === null) continue
    // A chain that is longer only in the target needs nothing written.
    const isBehind = merge && (await firstMissing(kind, source, target, seen(kind))) === null
    if (!isBehind) throw otherRows(kind, missing)
  }
  return counts.some((count) => count > 0)
}

/** The name of the first row of one side that is missing on the other or has other values there. */
async function firstMissing(
  kind: RecordKind,
  side: Side,
  other: Side,
  seen: (rows: number) => void,
): Promise<string | null> {
  const finder = new RowFinder(other.engine, other.snapshot, kind)
  const bridge = createRowBridge(kind, side.engine, other.engine)
  for await (const rows of readRows(side.engine, side.snapshot, kind)) {
    const lines = rows.map((row) => bridge.source.toLine(row))
    const crossed = rows.map((row, index) => bridge.convert(row, lines[index] as string))
    const found = await finder.find(crossed.flatMap((row) => (isUnfit(row) ? [] : [row])))
    for (const [index, row] of crossed.entries()) {
      const known = isUnfit(row) ? [] : (found.get(identityOf(kind, row)) ?? [])
      if (known.some((one) => bridge.target.toLine(one) === lines[index])) continue
      return nameOf(kind, rows[index] ?? [])
    }
    seen(rows.length)
    await turn()
  }
  return null
}

function otherRows({ chain, shape: { table } }: RecordKind, id: string): QueryError {
  if (chain) {
    return new QueryError(
      `the audit trails of the source and the target went different ways (${table} ${quoteId(id)}); chains cannot be merged, and nothing was written. Name an empty target`,
    )
  }
  return new QueryError(
    `the target is not empty, and has a row that the source has not, or has changed since (${table} ${quoteId(id)}); nothing was written. Name an empty target, or add to this one with --merge`,
  )
}
