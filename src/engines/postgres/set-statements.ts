// The statements of batches: one for any number of rows, with one array parameter per column. Their
// text depends only on tables and columns, so that each is built and prepared once.

import type { Query, Row, StorageKind, TableShape, WireValue } from '../contract/engine.ts'
import { quoteName } from './quoting.ts'
import type { SetOperation } from './write-groups.ts'
import { cellOf } from './write-groups.ts'

const types: Readonly<Record<StorageKind, string>> = {
  text: 'text',
  integer: 'bigint',
  boolean: 'boolean',
  money: 'bigint',
  instant: 'timestamptz',
  json: 'text',
  bytes: 'bytea',
}

const texts = new Map<string, string>()

function once(key: string, build: () => string): string {
  let text = texts.get(key)
  if (text === undefined) {
    text = build()
    texts.set(key, text)
  }
  return text
}

/** Inserts rows in batch order and skips those whose key or unique key already exists. */
export function insertion(shape: TableShape, rows: readonly Row[]): Query {
  const sql = once(`insert ${shape.table} ${shape.columns.join()}`, () => {
    const columns = shape.columns.map(quoteName).join(', ')
    const arrays = shape.kinds.map((kind, index) => `$${index + 1}::${types[kind]}[]`).join(', ')
    return `INSERT INTO ${quoteName(shape.table)} (${columns}) SELECT ${columns} FROM unnest(${arrays}) WITH ORDINALITY AS given (${columns}, purser_place) ORDER BY purser_place ON CONFLICT DO NOTHING RETURNING ${quoteName(shape.key)}`
  })
  return { sql, parameters: shape.columns.map((_, index) => arrayOf(rows.map((row) => row[index] ?? null))) }
}

/** Locks every row before changing any, in a fixed order, so that two batches cannot deadlock. */
export function change(operations: readonly SetOperation[]): Query {
  const [first] = operations
  if (!first) throw new TypeError('a group has at least one write')
  const { shape, columns, expect, whereIn } = first
  const key = quoteName(shape.key)
  const sql = once(
    `set ${shape.table} ${columns.join()} ${expect.column} ${whereIn?.column} ${operations.length > 1}`,
    () => {
      const table = quoteName(shape.table)
      const sources = [shape.key, expect.column, ...columns]
      const names = sources.map((_, index) => `given_${index}`)
      const arrays = sources.map((column, index) => `$${index + 1}::${typeOf(shape, column)}[]`).join(', ')
      const set = columns.map((column, index) => `${quoteName(column)} = given_${index + 2}`).join(', ')
      const choice =
        whereIn === undefined
          ? ''
          : ` AND target.${quoteName(whereIn.column)} = ANY ($${sources.length + 1}::${typeOf(shape, whereIn.column)}[])`
      const several = operations.length > 1
      const locked = several
        ? `WITH locked AS (SELECT ${key} FROM ${table} WHERE ${key} = ANY ($1) ORDER BY ${key} FOR UPDATE) `
        : ''
      return `${locked}UPDATE ${table} AS target SET ${set} FROM unnest(${arrays}) AS given (${names.join(', ')}) WHERE target.${key} = given_0 AND target.${quoteName(expect.column)} = given_1${choice}${several ? ' AND (SELECT count(*) FROM locked) >= 0' : ''} RETURNING target.${key}`
    },
  )
  return {
    sql,
    parameters: [
      arrayOf(operations.map((operation) => operation.key)),
      arrayOf(operations.map((operation) => operation.expect.value)),
      ...columns.map((_, index) => arrayOf(operations.map((operation) => operation.values[index] ?? null))),
      ...(whereIn === undefined ? [] : [arrayOf(whereIn.values)]),
    ],
  }
}

/** One DELETE for any number of keys. */
export function deletion(shape: TableShape, keys: readonly WireValue[]): Query {
  const key = quoteName(shape.key)
  const sql = once(
    `delete ${shape.table}`,
    () =>
      `DELETE FROM ${quoteName(shape.table)} WHERE ${key} = ANY ($1::${typeOf(shape, shape.key)}[]) RETURNING ${key}`,
  )
  return { sql, parameters: [arrayOf(keys)] }
}

/**
 * Columns of the rows whose `by` is in a parameter's array, each found by a separate lookup. `= ANY
 * (…)` would be shorter, but a prepared statement keeps the plan that was best for the table at the
 * time. An empty table is scanned, and the same plan would scan the 100,000 rows it has a minute
 * later. `OFFSET 0` keeps the planner from joining the two.
 */
function lookup(shape: TableShape, columns: readonly string[], by: string, parameter: number): string {
  const selected = columns.map(quoteName).join(', ')
  const wanted = `unnest($${parameter}::${typeOf(shape, by)}[]) AS wanted (value)`
  return `SELECT found.* FROM ${wanted} CROSS JOIN LATERAL (SELECT ${selected} FROM ${quoteName(shape.table)} AS target WHERE target.${quoteName(by)} = wanted.value OFFSET 0) AS found`
}

/** The existing rows that conflict with new ones: the same key, or the same unique key. */
export function rowsInTheWay(shape: TableShape, rows: readonly Row[]): Query {
  const { uniqueKey } = shape
  const keys = arrayOf(rows.map((row) => cellOf(shape, row, shape.key)))
  const sql = once(`way ${shape.table}`, () => {
    const byKey = lookup(shape, shape.columns, shape.key, 1)
    // A row found in both ways is returned twice, which is harmless.
    return uniqueKey === undefined
      ? byKey
      : `${byKey} UNION ALL ${lookup(shape, shape.columns, uniqueKey, 2)}`
  })
  if (uniqueKey === undefined) return { sql, parameters: [keys] }
  const identities = rows.map((row) => cellOf(shape, row, uniqueKey)).filter((value) => value !== null)
  return { sql, parameters: [keys, arrayOf(identities)] }
}

/** Current columns of rows, by default preceded by their keys. No duplicate keys. */
export function look(
  shape: TableShape,
  columns: readonly string[],
  keys: readonly WireValue[],
  withKey = true,
): Query {
  const sql = once(`look ${shape.table} ${columns.join()} ${withKey}`, () =>
    lookup(shape, withKey ? [shape.key, ...columns] : columns, shape.key, 1),
  )
  return { sql, parameters: [arrayOf(keys)] }
}

/** The last row of a chain. */
export function headOf(shape: TableShape, { sequence, hash }: { sequence: string; hash: string }): Query {
  const sql = once(
    `head ${shape.table}`,
    () =>
      `SELECT ${quoteName(sequence)}, ${quoteName(hash)} FROM ${quoteName(shape.table)} ORDER BY ${quoteName(sequence)} DESC LIMIT 1`,
  )
  return { sql, parameters: [] }
}

function typeOf(shape: TableShape, column: string): string {
  return types[shape.kinds[shape.columns.indexOf(column)] ?? 'text']
}

const special = /["\\]/

/**
 * The server's text form of an array
 * (https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO).
 */
function arrayOf(values: readonly WireValue[]): string {
  let text = '{'
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? null
    if (index > 0) text += ','
    if (value === null) text += 'NULL'
    else if (typeof value === 'string')
      text += special.test(value) ? `"${value.replaceAll(/["\\]/g, '\\$&')}"` : `"${value}"`
    else text += value instanceof Date ? `"${value.toISOString()}"` : String(value)
  }
  return `${text}}`
}
