// Full-text search by FTS5. Indexing a row inside its append would cost more than the append itself (measured: 8 µs a row
// without, 18 µs with), so an append only notes the row's number, and the next search indexes what has been noted.
// PostgreSQL's GIN indexes keep a pending list for the same reason.

import type { EngineTransaction, Query } from '../engine.ts'
import { fullTextTables } from './ddl.ts'

/** Rows that one step indexes: about 5 ms of work, after which others have their turn. */
const STEP_ROWS = 500

type Runner = Pick<EngineTransaction, 'read' | 'writeSet'>

export async function refreshFullText(runner: Runner, table: string): Promise<void> {
  const { index, pending, column, serial } = fullTextTables(table)
  for (;;) {
    const [row] = await runner.read({
      sql: `select max(serial) from (select serial from ${pending} order by serial limit ${STEP_ROWS})`,
      parameters: [],
    })
    const last = row?.[0] ?? null
    if (last === null) return
    const copy = `insert into ${index} (rowid, ${column}) select ${serial}, ${column} from ${table} where ${serial} in (select serial from ${pending} where serial <= ?)`
    const outcomes = await runner.writeSet([
      { kind: 'execute', query: { sql: copy, parameters: [last] } },
      { kind: 'execute', query: { sql: `delete from ${pending} where serial <= ?`, parameters: [last] } },
    ])
    for (const outcome of outcomes) if (outcome.kind === 'failed') throw outcome.error
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Words are quoted, so that operators of FTS5 in a search text are words too. */
export function matchCondition(table: string, words: readonly string[]): Query {
  const { index, serial } = fullTextTables(table)
  const expression = words.map((word) => `"${word.replaceAll('"', '""')}"`).join(' AND ')
  return {
    sql: `${table}.${serial} in (select rowid from ${index} where ${index} match ?)`,
    parameters: [expression],
  }
}
