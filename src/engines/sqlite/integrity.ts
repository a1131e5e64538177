// Asks SQLite whether the file is sound: its own check of pages, indexes and constraints, and the references between rows.
// Each is one statement over the whole file, and nothing else of its thread runs meanwhile.

import { once } from 'node:events'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { BrokenReference, Query, Row } from '../engine.ts'

const MAX_LINES = 100

type Read = (query: Query) => Promise<readonly Row[]>

export async function checkIntegrity(read: Read): Promise<readonly string[]> {
  const lines = await read({ sql: `PRAGMA integrity_check(${MAX_LINES})`, parameters: [] })
  return faultsIn(lines.map(([line]) => line))
}

/** The same for a file that nobody writes to, in a thread of its own: this one goes on with other work. */
export async function checkAside(path: string): Promise<readonly string[]> {
  const file = `./integrity-thread${extname(import.meta.url)}`
  const thread = new Worker(new URL(file, import.meta.url), { workerData: { path, maxLines: MAX_LINES } })
  try {
    const [lines] = await once(thread, 'message')
    return faultsIn(lines as readonly unknown[])
  } finally {
    await thread.terminate()
  }
}

function faultsIn(lines: readonly unknown[]): readonly string[] {
  return lines
    .flatMap((line) => String(line).split('\n'))
    .filter((line) => line !== 'ok')
    .slice(0, MAX_LINES)
}

/** A key of several columns goes by its first. */
export async function findBrokenReferences(read: Read): Promise<readonly BrokenReference[]> {
  const broken = await read({
    sql: `SELECT broken."table", key."from", broken."parent", count(*)
FROM pragma_foreign_key_check AS broken
JOIN pragma_foreign_key_list(broken."table") AS key ON key.id = broken.fkid AND key.seq = 0
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
    parameters: [],
  })
  return broken.map(([table, column, target, rows]) => ({
    table: String(table),
    column: String(column),
    target: String(target),
    rows: Number(rows),
  }))
}
