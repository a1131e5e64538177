// Checks a file with SQLite: its own check of pages, indexes and constraints, and the references
// between rows. Each is one statement over the whole file, which blocks its thread. The output is
// interpreted by integrity-lines.ts.

import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import type { BrokenReference, IntegrityFault, Query, Row } from '../../contract/engine.ts'
import type { Connection } from '../connection.ts'
import { primaryCode, sqliteCode } from '../errors.ts'
import { quoteName } from '../quoting.ts'
import { describeFaults, type SchemaPart } from './integrity-lines.ts'

const MAX_FAULTS = 100
/** One damaged page may produce many lines. */
const CHECK = 'PRAGMA integrity_check(10000)'
const CHECK_OF = 'PRAGMA integrity_check'
const SCHEMA = 'SELECT rootpage, type, name, tbl_name FROM sqlite_schema'

/**
 * First column of a statement's rows up to where it fails, and whether it failed because of damage.
 */
interface Lines {
  readonly lines: readonly string[]
  readonly isCut: boolean
}

/** @returns the first column of a statement's rows, up to the row at which damage is found */
type ReadLines = (sql: string) => Promise<Lines>
type Read = (query: Query) => Promise<readonly Row[]>

/** Reads lines over a connection. */
export function linesOf(connection: Connection): ReadLines {
  return async (sql) =>
    connection.whenFree(() => {
      const lines: string[] = []
      try {
        for (const line of connection.handle.prepare(sql).pluck().iterate()) lines.push(String(line))
      } catch (error) {
        if (primaryCode(sqliteCode(error) ?? '') !== 'SQLITE_CORRUPT') throw error
        return { lines, isCut: true }
      }
      return { lines, isCut: false }
    })
}

/** Runs SQLite's own checks, and reports each fault with the table it is in. */
export async function checkIntegrity(readLines: ReadLines, read: Read): Promise<readonly IntegrityFault[]> {
  const whole = await readLines(CHECK)
  const parts = await schemaParts(read)
  const lines = [...whole.lines]
  // The check stops at damage, so the remaining tables are checked one by one.
  const tables = parts.filter(({ type, root }) => type === 'table' && root > 0).map(({ name }) => name)
  for (const name of whole.isCut ? tables : []) {
    lines.push(...(await readLines(`${CHECK_OF}(${quoteName(name)})`)).lines)
  }
  const faults = describeFaults([...new Set(lines)], parts)
  if (faults.length === 0 && whole.isCut) return [unnamed]
  return faults.slice(0, MAX_FAULTS)
}

const unnamed: IntegrityFault = {
  text: 'the file is damaged where the check itself could not go on',
  table: null,
  damaged: null,
}

/** Tables and indexes with their root pages; empty if not even the schema can be read. */
async function schemaParts(read: Read): Promise<readonly SchemaPart[]> {
  const rows = await read({ sql: SCHEMA, parameters: [] }).catch(() => [])
  return rows.map(([root, type, name, table]) => ({
    root: Number(root),
    type: String(type),
    name: String(name),
    table: String(table),
  }))
}

/**
 * The same check for a file without writers, in a worker thread: a gigabyte takes five seconds,
 * during which this thread can do other work. The worker needs the driver's file. If there is none
 * (the driver is bundled), or no worker can be started, `here` runs the check in this thread.
 * @param driver the exports of the driver's package
 */
export async function checkAside(
  path: string,
  driver: unknown,
  here: ReadLines,
  read: Read,
): Promise<readonly IntegrityFault[]> {
  const driverFile = fileOf(driver)
  const aside = async (sql: string) =>
    driverFile === undefined ? here(sql) : linesOfThread({ path, driverFile, sql }).catch(() => here(sql))
  return checkIntegrity(aside, read)
}

/**
 * Finds the module with these exports. Every CommonJS module loaded from a file is in the cache,
 * including those loaded by `import`.
 */
function fileOf(exports: unknown): string | undefined {
  const { cache } = createRequire(process.execPath)
  return Object.values(cache).find((module) => module?.exports === exports)?.filename
}

/**
 * Source text, so that it works wherever this file ends up: compiled, run as source, or inside an
 * application's bundle.
 */
const THREAD = `import { createRequire } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
const { path, driverFile, sql } = workerData
const Database = createRequire(driverFile)(driverFile)
const handle = new Database(path, { readonly: true })
const lines = []
let isCut = false
try {
  for (const line of handle.prepare(sql).pluck().iterate()) lines.push(String(line))
} catch (error) {
  if (!String(error?.code).startsWith('SQLITE_CORRUPT')) throw error
  isCut = true
} finally {
  handle.close()
}
parentPort.postMessage({ lines, isCut })`

async function linesOfThread(workerData: Readonly<Record<string, string>>): Promise<Lines> {
  const source = new URL(`data:text/javascript,${encodeURIComponent(THREAD)}`)
  // Without this process's options: modules that an application preloads do not belong in this
  // thread.
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

/** Counts broken references. A composite key is listed under its first column. */
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
