// Asks SQLite whether the file is sound: its own check of pages, indexes and constraints, and the references between rows.
// Each is one statement over the whole file, and nothing else of its thread runs meanwhile.

import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import type { BrokenReference, Query, Row } from '../engine.ts'

const MAX_LINES = 100
const CHECK = `PRAGMA integrity_check(${MAX_LINES})`

type Read = (query: Query) => Promise<readonly Row[]>

export async function checkIntegrity(read: Read): Promise<readonly string[]> {
  const lines = await read({ sql: CHECK, parameters: [] })
  return faultsIn(lines.map(([line]) => line))
}

/**
 * The same for a file that nobody writes to, in a thread of its own: a gigabyte takes five seconds, in which this one goes on with
 * other work. A thread needs the driver's file. Where there is none (the driver is inside a bundle), or no thread may be started,
 * `read` is asked in this one.
 * @param driver what the driver's package exports
 */
export async function checkAside(path: string, driver: unknown, read: Read): Promise<readonly string[]> {
  const driverFile = fileOf(driver)
  if (driverFile === undefined) return checkIntegrity(read)
  try {
    return faultsIn(await linesOfThread({ path, driverFile, sql: CHECK }))
  } catch {
    return checkIntegrity(read)
  }
}

/** The module that has these exports. Every module that was loaded from a file of CommonJS is in the cache, also by `import`. */
function fileOf(exports: unknown): string | undefined {
  const { cache } = createRequire(process.execPath)
  return Object.values(cache).find((module) => module?.exports === exports)?.filename
}

/** Text, so that it works wherever this file ends up: compiled, run as a source, or inside an application's bundle. */
const THREAD = `import { createRequire } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
const { path, driverFile, sql } = workerData
const Database = createRequire(driverFile)(driverFile)
const handle = new Database(path, { readonly: true })
try {
  parentPort.postMessage(handle.prepare(sql).pluck().all())
} finally {
  handle.close()
}`

async function linesOfThread(workerData: Readonly<Record<string, string>>): Promise<readonly unknown[]> {
  const source = new URL(`data:text/javascript,${encodeURIComponent(THREAD)}`)
  // Without this process's options: what an application preloads has no business in this thread.
  const thread = new Worker(source, { workerData, execArgv: [] })
  try {
    return await new Promise((resolve, reject) => {
      thread.once('message', resolve)
      thread.once('error', reject)
      thread.once('exit', () => reject(new Error('the thread ended without an answer')))
    })
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
