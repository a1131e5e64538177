// Runs in a thread of its own (backup.ts starts it): SQLite's check of a whole file is one call, five seconds for a gigabyte, in which a
// thread does nothing else.

import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'

const { path, maxLines } = workerData as { readonly path: string; readonly maxLines: number }
const handle = new Database(path, { readonly: true })
try {
  parentPort?.postMessage(handle.prepare(`PRAGMA integrity_check(${maxLines})`).pluck().all())
} finally {
  handle.close()
}
