// Writes that take something from a row of another table: what they write is known once that row is read. The row is read where the
// write runs, after every write that was queued before it and together with all others of the set, so a write that looks at a row keeps its
// place among those that do not. Shared by every engine; none of them sees such a write.

import type { Row, TableShape, WireValue, WriteOperation } from '../contract/engine.ts'

/** A write that cannot be told before a row of another table is read. */
export interface DependentWrite {
  readonly kind: 'dependent'
  /** The row that it looks at; the shape may have a few of the table's columns only. */
  readonly on: { readonly shape: TableShape; readonly key: WireValue }
  /** What it writes also changes the row that it looks at. */
  readonly changes?: boolean
  /** The write, given the row in the order of the shape's columns, or null where there is none. Called anew when its set is repeated. */
  readonly complete: (found: Row | null) => WriteOperation
}

/** What a caller may queue. */
export type QueuedWrite = WriteOperation | DependentWrite

/** Rows of a table by their keys, in no order. */
export type RowReader = (shape: TableShape, keys: readonly WireValue[]) => Promise<readonly Row[]>

/** Keys of one query. */
const MAX_KEYS = 512

/**
 * How many writes, from the first one on, can go together: up to one that looks at a row which another of them may change. The row is read
 * before all of them, and has to be read after that one.
 */
export function independentCount(writes: readonly QueuedWrite[]): number {
  if (areComplete(writes)) return writes.length
  const changed = new Set<string>()
  let anything = false
  for (const [index, write] of writes.entries()) {
    switch (write.kind) {
      case 'dependent': {
        const row = nameOf(write.on.shape, write.on.key)
        if (anything || changed.has(row)) return index
        if (write.changes) changed.add(row)
        break
      }
      case 'execute':
        // Which rows it changes is not known here.
        anything = true
        break
      case 'insert':
        changed.add(nameOf(write.shape, write.row[write.shape.columns.indexOf(write.shape.key)] ?? null))
        break
      case 'compareAndSet':
      case 'delete':
        changed.add(nameOf(write.shape, write.key))
        break
      case 'append':
        break
      default:
        write satisfies never
    }
  }
  return writes.length
}

/** The writes as an engine takes them. The rows that they look at are read at once; where none looks at any, nothing is read. */
export async function completeWrites(
  writes: readonly QueuedWrite[],
  readRows: RowReader,
): Promise<readonly WriteOperation[]> {
  if (areComplete(writes)) return writes
  const wanted = new Map<TableShape, Set<WireValue>>()
  for (const write of writes) {
    if (write.kind !== 'dependent') continue
    const keys = wanted.get(write.on.shape) ?? new Set()
    wanted.set(write.on.shape, keys.add(write.on.key))
  }
  const found = new Map<string, Row>()
  for (const [shape, keys] of wanted) {
    const place = shape.columns.indexOf(shape.key)
    const all = [...keys]
    for (let start = 0; start < all.length; start += MAX_KEYS) {
      const rows = await readRows(shape, all.slice(start, start + MAX_KEYS))
      for (const row of rows) found.set(nameOf(shape, row[place] ?? null), row)
    }
  }
  return writes.map((write) =>
    write.kind === 'dependent'
      ? write.complete(found.get(nameOf(write.on.shape, write.on.key)) ?? null)
      : write,
  )
}

export function areComplete(writes: readonly QueuedWrite[]): writes is readonly WriteOperation[] {
  return writes.every(({ kind }) => kind !== 'dependent')
}

function nameOf({ table }: TableShape, key: WireValue): string {
  return `${table} ${String(key)}`
}
