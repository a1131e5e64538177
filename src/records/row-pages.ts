// Reads every row of a record, in pages by its key, so that memory use does not grow with the
// table.

import type { Row, WireValue } from '../engines/contract/engine.ts'
import type { RecordDefinition } from './model/define-record.ts'
import type { RecordSession } from './repository/session.ts'

const PAGE_ROWS = 500
/** Rows of a table with bytes, each of which may have 16 MiB. */
const LARGE_ROWS = 4

/**
 * Every row of a record as stored, columns in the order of its shape; yields to other work between
 * two pages.
 */
export async function* pagesOf(
  { engine, read }: Pick<RecordSession, 'engine' | 'read'>,
  { shape }: RecordDefinition,
): AsyncGenerator<readonly Row[]> {
  const key = shape.columns.indexOf(shape.key)
  const pageRows = shape.kinds.includes('bytes') ? LARGE_ROWS : PAGE_ROWS
  const first = engine.builder
    .selectFrom(shape.table)
    .select(shape.columns)
    .orderBy(shape.key)
    .limit(pageRows)
  let position: WireValue | undefined
  for (;;) {
    const page =
      position === undefined
        ? first
        : position === null
          ? first.where(shape.key, 'is not', null)
          : first.where(shape.key, '>', position)
    const { sql, parameters } = page.compile()
    const rows = await read({ sql, parameters: parameters as readonly WireValue[] })
    yield rows
    const last = rows.at(-1)?.[key] ?? null
    // A key that does not compare as it reads must not cause an endless loop.
    if (rows.length < pageRows || last === position) return
    position = last
    await new Promise((resolve) => setImmediate(resolve))
  }
}
