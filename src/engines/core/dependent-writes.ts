// Writes whose content depends on a row of another table. The row is read when the write runs,
// after every write queued before it and together with the other rows of the batch, so these writes
// keep their order among all others. Shared by every engine; engines never see a dependent write.

import type { Row, TableShape, WireValue, WriteOperation } from '../contract/engine.ts'

/** A write that is unknown until a row of another table is read. */
export interface DependentWrite {
  readonly kind: 'dependent'
  /** The row it depends on. The shape may list only some of the table's columns. */
  readonly on: { readonly shape: TableShape; readonly key: WireValue }
  /** The write also changes the row it depends on. */
  readonly changes?: boolean
  /**
   * Returns the write, given the row in the order of the shape's columns, or null if the row is
   * missing. Called again if the batch is repeated.
   */
  readonly complete: (found: Row | null) => WriteOperation
}

/** What a caller may queue. */
export type QueuedWrite = WriteOperation | DependentWrite

/** Reads rows of a table by key, in no particular order. */
export type RowReader = (shape: TableShape, keys: readonly WireValue[]) => Promise<readonly Row[]>

/** The most keys of one query. */
const MAX_KEYS = 512

/**
 * The number of writes, from the first, that can run together: up to one that depends on a row
 * another of them may change. Rows are read before the batch runs, but that row has to be read
 * after the earlier write.
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
        // The rows it changes are unknown here.
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

/**
 * Completes dependent writes, so that an engine can run them. All rows they depend on are read
 * together. Reads nothing if there are none.
 */
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

/** Whether no write still waits for the outcome of another. */
export function areComplete(writes: readonly QueuedWrite[]): writes is readonly WriteOperation[] {
  return writes.every(({ kind }) => kind !== 'dependent')
}

function nameOf({ table }: TableShape, key: WireValue): string {
  return `${table} ${String(key)}`
}
