// Groups the writes of a batch that one statement can do: same kind, same table, same columns, no
// row twice. A write may be moved ahead of others in the batch, but never past one that affects the
// same row, or past an arbitrary statement.

import type { Row, TableShape, WireValue, WriteOperation } from '../contract/engine.ts'

export type InsertOperation = Extract<WriteOperation, { kind: 'insert' }>
export type SetOperation = Extract<WriteOperation, { kind: 'compareAndSet' }>
export type DeleteOperation = Extract<WriteOperation, { kind: 'delete' }>
export type ExecuteOperation = Extract<WriteOperation, { kind: 'execute' }>

/** Writes of one statement, with their positions in the batch. */
export type Group =
  | { readonly kind: 'insert'; readonly places: number[]; readonly operations: InsertOperation[] }
  | { readonly kind: 'compareAndSet'; readonly places: number[]; readonly operations: SetOperation[] }
  | { readonly kind: 'delete'; readonly places: number[]; readonly operations: DeleteOperation[] }
  | { readonly kind: 'execute'; readonly places: number[]; readonly operations: ExecuteOperation[] }

interface Growing {
  readonly group: Group
  readonly form: string
  readonly table: string
  /** The rows that the group affects, by key and unique key. */
  readonly rows: Set<string>
  /** How long the values of its columns of bytes are as text. */
  length: number
}

/**
 * The most characters of bytes in one statement: an array of them is one text, and a text of the
 * program has at most 512 MiB.
 */
const MAX_BYTES_LENGTH = 67_108_864

/** Leaves out appends to chains: they are done when the outcomes of the others are known. */
export function groupWrites(operations: readonly WriteOperation[]): readonly Group[] {
  const groups: Growing[] = []
  operations.forEach((operation, place) => {
    if (operation.kind === 'append') return
    const form = formOf(operation)
    const table = operation.kind === 'execute' ? '' : operation.shape.table
    const rows = rowsOf(operation)
    const length = lengthOfBytes(operation)
    const home = findHome(groups, form, table, rows, length)
    if (home) {
      home.length += length
      home.group.places.push(place)
      ;(home.group.operations as WriteOperation[]).push(operation)
      for (const row of rows) home.rows.add(row)
      return
    }
    const group = { kind: operation.kind, places: [place], operations: [operation] } as Group
    groups.push({ group, form, table, rows: new Set(rows), length })
  })
  return groups.map(({ group }) => group)
}

function findHome(
  groups: readonly Growing[],
  form: string,
  table: string,
  rows: readonly string[],
  length: number,
): Growing | undefined {
  if (form === '') return undefined
  for (let index = groups.length - 1; index >= 0; index -= 1) {
    const candidate = groups[index] as Growing
    if (candidate.form === '') return undefined
    const meets = candidate.table === table && rows.some((row) => candidate.rows.has(row))
    if (meets) return undefined
    if (candidate.form === form) {
      const isFull = length > 0 && candidate.length + length > MAX_BYTES_LENGTH
      return isFull ? undefined : candidate
    }
  }
  return undefined
}

/**
 * Equal for writes that one statement can do; empty for a write that needs a separate statement.
 */
function formOf(operation: Exclude<WriteOperation, { kind: 'append' }>): string {
  switch (operation.kind) {
    case 'execute':
      return ''
    case 'compareAndSet': {
      const { shape, columns, expect, whereIn } = operation
      const choices = whereIn === undefined ? '' : `${whereIn.column} ${JSON.stringify(whereIn.values)}`
      return `set ${shape.table} ${columns.join()} ${expect.column} ${choices}`
    }
    case 'insert':
    case 'delete':
      return `${operation.kind} ${operation.shape.table}`
    default:
      return operation satisfies never
  }
}

function rowsOf(operation: Exclude<WriteOperation, { kind: 'append' }>): readonly string[] {
  if (operation.kind === 'execute') return []
  if (operation.kind !== 'insert') return [`key ${String(operation.key)}`]
  const { shape, row } = operation
  const key = `key ${String(cellOf(shape, row, shape.key))}`
  const uniqueKey = shape.uniqueKey === undefined ? null : cellOf(shape, row, shape.uniqueKey)
  return uniqueKey === null ? [key] : [key, `identity ${String(uniqueKey)}`]
}

function lengthOfBytes(operation: Exclude<WriteOperation, { kind: 'append' }>): number {
  if (operation.kind === 'execute' || !operation.shape.kinds.includes('bytes')) return 0
  const values =
    operation.kind === 'insert' ? operation.row : operation.kind === 'compareAndSet' ? operation.values : []
  return values.reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 0), 0)
}

/** The value of a column in a row, as the driver takes it. */
export function cellOf(shape: TableShape, row: Row, column: string): WireValue {
  return row[shape.columns.indexOf(column)] ?? null
}
