// Reads every row of every record with its codec and counts the unreadable values by column. Memory
// use does not grow with the table.

import type { Row } from '../engines/contract/engine.ts'
import { definitions } from '../records/definitions.ts'
import type { Fields, RecordDefinition } from '../records/model/define-record.ts'
import { createCodec, type RecordCodec } from '../records/model/record-codec.ts'
import { pagesOf } from '../records/row-pages.ts'
import { type Check, counted, type ExaminedStore, enumerate, failing, passing } from './check.ts'

/** The most ids listed for each column. */
const NAMED_PER_COLUMN = 3

interface Unreadable {
  count: number
  readonly ids: string[]
}

export const unreadableColumnsCheck: Check = {
  name: 'unreadable columns',
  needsCurrentSchema: true,
  run: async (patient) => {
    const total = await countRows(patient)
    const found = new Map<string, Unreadable>()
    let scanned = 0
    for (const definition of definitions) {
      const codec = createCodec(definition, patient.engine.codec, () => undefined)
      for await (const rows of pagesOf(patient, definition)) {
        note(definition, codec, rows, found)
        scanned += rows.length
        patient.progress(total === 0 ? 1 : Math.min(1, scanned / total))
      }
    }
    if (found.size === 0) return passing(`every value of ${counted(scanned, 'row')} can be read`)
    const values = [...found.values()].reduce((sum, { count }) => sum + count, 0)
    const places = [...found].map(
      ([column, { count, ids }]) => `${column} of ${counted(count, 'row')} (${shorten(ids, count)})`,
    )
    return failing(
      `${counted(values, 'value')} cannot be read: ${enumerate(places)}`,
      values,
      'run purser doctor --fix to see which of them it can put right; an update that names the field writes any other anew',
    )
  },
}

async function countRows({ engine, read }: ExaminedStore): Promise<number> {
  let total = 0
  for (const { shape } of definitions) {
    const { sql } = engine.builder
      .selectFrom(shape.table)
      .select((eb) => eb.fn.countAll().as('count'))
      .compile()
    const [row] = await read({ sql, parameters: [] })
    total += Number(row?.[0] ?? 0)
  }
  return total
}

function note(
  { shape: { table, columns, key } }: RecordDefinition,
  codec: RecordCodec<Fields>,
  rows: readonly Row[],
  found: Map<string, Unreadable>,
): void {
  for (const row of rows) {
    for (const { name } of codec.unreadableIn(row)) {
      const place = `${table}.${name}`
      const entry = found.get(place) ?? { count: 0, ids: [] }
      found.set(place, entry)
      entry.count += 1
      if (entry.ids.length < NAMED_PER_COLUMN) entry.ids.push(String(row[columns.indexOf(key)]))
    }
  }
}

function shorten(ids: readonly string[], count: number): string {
  return count > ids.length ? `${ids.join(', ')}, …` : ids.join(', ')
}
