// Groups the writes of a batch so that each group is one statement: same kind, same table, same
// columns, no row twice. Writes to one row keep their order, and no write is moved across a
// statement with unknown effects.

import type { ChainAppend, Row, TableShape, WireValue, WriteOperation } from '../contract/engine.ts'

type OfKind<K extends WriteOperation['kind']> = Extract<WriteOperation, { kind: K }>
/** A write with its position in the batch. */
export interface Placed<K extends WriteOperation['kind']> {
  readonly index: number
  readonly operation: OfKind<K>
}

export type Group =
  | { readonly kind: 'insert'; readonly shape: TableShape; readonly writes: Placed<'insert'>[] }
  | { readonly kind: 'compareAndSet'; readonly shape: TableShape; readonly writes: Placed<'compareAndSet'>[] }
  | { readonly kind: 'delete'; readonly shape: TableShape; readonly writes: Placed<'delete'>[] }
  | { readonly kind: 'execute'; readonly writes: readonly [Placed<'execute'>] }

export interface WritePlan {
  /** In the order in which they have to run. */
  readonly groups: readonly Group[]
  /**
   * Entries to append to chains after the groups have run. An audit entry is appended only if the
   * write at its position succeeded.
   */
  readonly appends: readonly {
    readonly index: number
    readonly chain: ChainAppend
    readonly auditEntry: boolean
  }[]
}

/**
 * Sorts the operations of a batch into statements of many rows, in an order that keeps their
 * outcomes.
 */
export function planWrites(operations: readonly WriteOperation[]): WritePlan {
  const groups: Group[] = []
  const appends: { index: number; chain: ChainAppend; auditEntry: boolean }[] = []
  /** The last group of each kind of statement, and the last group that touches each row. */
  const open = new Map<string, number>()
  const touched = new Map<string, number>()
  let barrier = -1
  for (const [index, operation] of operations.entries()) {
    if (operation.kind === 'append') {
      appends.push({ index, chain: operation.chain, auditEntry: false })
      continue
    }
    if (operation.kind === 'execute') {
      groups.push({ kind: 'execute', writes: [{ index, operation }] })
      barrier = groups.length - 1
      continue
    }
    if (operation.auditEntry) appends.push({ index, chain: operation.auditEntry, auditEntry: true })
    const rows = rowsOf(operation)
    const after = Math.max(barrier, ...rows.map((row) => touched.get(row) ?? -1))
    const key = statementKey(operation)
    let place = open.get(key) ?? -1
    if (place <= after) {
      place = groups.length
      groups.push({ kind: operation.kind, shape: operation.shape, writes: [] } as Group)
      open.set(key, place)
    }
    const writes = groups[place]?.writes as unknown as { index: number; operation: WriteOperation }[]
    writes.push({ index, operation })
    for (const row of rows) touched.set(row, place)
  }
  return { groups, appends }
}

function statementKey(operation: OfKind<'insert' | 'compareAndSet' | 'delete'>): string {
  const { kind, shape } = operation
  if (kind === 'insert' && operation.skipChecks) return `${kind} ${shape.table} as stored`
  if (kind !== 'compareAndSet') return `${kind} ${shape.table}`
  return `${kind} ${shape.table} ${operation.columns.join()} ${operation.expect.column} ${operation.whereIn?.column}`
}

/** What a write claims exclusively: the row's key, and its unique key if it has one. */
function rowsOf(operation: OfKind<'insert' | 'compareAndSet' | 'delete'>): readonly string[] {
  const { shape } = operation
  if (operation.kind !== 'insert') return [`${shape.table} key ${String(operation.key)}`]
  const rows = [`${shape.table} key ${String(cellOf(shape, operation.row, shape.key))}`]
  const uniqueKey = shape.uniqueKey === undefined ? null : cellOf(shape, operation.row, shape.uniqueKey)
  if (uniqueKey !== null) rows.push(`${shape.table} identity ${String(uniqueKey)}`)
  return rows
}

/** The value of a column in a row, as the driver takes it. */
export function cellOf(shape: TableShape, row: Row, column: string): WireValue {
  return row[shape.columns.indexOf(column)] ?? null
}
