// Finds the rows of a damaged table: through the index of its key, from both ends, and, if that
// does not reach all of them, by rowid, in ever smaller ranges around unreadable pages.

import { QueryError } from '../../../errors.ts'
import type {
  EngineSnapshot,
  Row,
  RowLocation,
  TableLocations,
  TableShape,
  WireValue,
} from '../../contract/engine.ts'
import { quoteName } from '../quoting.ts'

type View = Pick<EngineSnapshot, 'read'>

/** Rows that one statement asks for. */
const PAGE = 1000n

/** Locates the rows of a table; null for a table without rowids. */
export async function findPlaces(view: View, shape: TableShape): Promise<TableLocations | null> {
  const table = quoteName(shape.table)
  if ((await tried(view, `SELECT rowid FROM ${table} LIMIT 0`)) === undefined) return null
  const columns = shape.columns.map(quoteName).join(', ')
  const rowAt = (at: WireValue) => ({
    sql: `SELECT ${columns} FROM ${table} NOT INDEXED WHERE rowid = ?`,
    parameters: [at],
  })
  const byKey = await locationsByKey(view, table, quoteName(shape.key))
  if (byKey.isWhole) return { locations: byKey.locations, gaps: [], rowAt }
  const known = new Map(byKey.locations.map((place) => [place.at, place]))
  const numbers = await numbersOf(view, table, await lastNumber(view, shape.table, [...known.keys()]))
  const locations = [
    ...known.values(),
    ...numbers.found.filter((at) => !known.has(at)).map((at) => ({ at, key: null })),
  ]
  return { locations, gaps: joined(numbers.lost.filter((at) => !known.has(at))), rowAt }
}

/**
 * Runs a statement; undefined if it fails because of damage. A lock or a closed view is not damage.
 */
async function tried(
  view: View,
  sql: string,
  parameters: readonly WireValue[] = [],
): Promise<readonly Row[] | undefined> {
  try {
    return await view.read({ sql, parameters })
  } catch (error) {
    if (error instanceof QueryError) return undefined
    throw error
  }
}

/** The key's index has every key with its rowid. */
async function locationsByKey(
  view: View,
  table: string,
  key: string,
): Promise<{ readonly locations: readonly RowLocation[]; readonly isWhole: boolean }> {
  const found = new Map<WireValue, RowLocation>()
  for (const [beyond, order] of [
    ['>', 'asc'],
    ['<', 'desc'],
  ]) {
    let last: WireValue | undefined
    let limit = PAGE
    for (;;) {
      const after = last === undefined ? '' : `WHERE ${key} ${beyond} ?`
      const rows = await tried(
        view,
        `SELECT rowid, ${key} FROM ${table} ${after} ORDER BY ${key} ${order} LIMIT ?`,
        [...(last === undefined ? [] : [last]), limit],
      )
      for (const [at = null, value = null] of rows ?? []) found.set(at, { at, key: value })
      if (rows === undefined && limit > 1n) limit = limit / 10n
      else if (rows === undefined) break
      else if (rows.length < Number(limit)) return { locations: [...found.values()], isWhole: true }
      last = rows?.at(-1)?.[1] ?? last
    }
  }
  return { locations: [...found.values()], isWhole: false }
}

/** The largest rowid in use. */
async function lastNumber(view: View, table: string, known: readonly WireValue[]): Promise<bigint> {
  const asked = [
    await tried(view, 'SELECT seq FROM sqlite_sequence WHERE name = ?', [table]),
    await tried(view, `SELECT max(rowid) FROM ${quoteName(table)} NOT INDEXED`),
  ]
  const numbers = [...known, ...asked.map((rows) => rows?.[0]?.[0])]
  return numbers.reduce<bigint>((most, one) => (typeof one === 'bigint' && one > most ? one : most), 0n)
}

/** Rowids of the readable rows of a table, and rowids that cannot be looked up. */
async function numbersOf(view: View, table: string, last: bigint) {
  const found: bigint[] = []
  const lost: bigint[] = []
  const ask = async (from: bigint, to: bigint): Promise<void> => {
    const sql = `SELECT rowid FROM ${table} NOT INDEXED WHERE rowid BETWEEN ? AND ?`
    const rows = await tried(view, sql, [from, to])
    if (rows) {
      for (const [at] of rows) if (typeof at === 'bigint') found.push(at)
    } else if (from === to) {
      lost.push(from)
    } else {
      const middle = (from + to) / 2n
      await ask(from, middle)
      await ask(middle + 1n, to)
    }
  }
  for (let from = 1n; from <= last; from += PAGE) {
    const to = from + PAGE - 1n
    await ask(from, to < last ? to : last)
  }
  return { found, lost }
}

function joined(numbers: readonly bigint[]): TableLocations['gaps'] {
  const gaps: { from: bigint; to: bigint }[] = []
  for (const number of numbers) {
    const open = gaps.at(-1)
    if (open && open.to + 1n === number) open.to = number
    else gaps.push({ from: number, to: number })
  }
  return gaps
}
