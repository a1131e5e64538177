// Rows about claims on SQLite, against a loop by hand on the raw driver: a table of jobs with an
// index, and one statement to take the next one and one to finish it, each its own commit. The
// driver answers in the same tick, so 8 workers of a process are one after another.

import type Database from 'better-sqlite3'
import { newId, openStore } from '../../src/index.ts'
import { newTasks } from '../inputs.ts'
import { perOperation, takeTurnsAmong } from '../measure.ts'
import { openRaw } from '../raw.ts'
import type { Row } from '../row.ts'
import { claimAndComplete, WORKERS } from './claimed.ts'

const COUNT = 800

export async function* claimRows(folder: string): AsyncGenerator<Row> {
  await using store = await openStore(`sqlite:${folder}/claims.db`)
  const handle = openRaw(`${folder}/claims-raw.db`)
  const loop = new JobsByHand(handle)
  const compare = await takeTurnsAmong(9, {
    single: () => claimAndComplete(store, COUNT, 1),
    several: () => claimAndComplete(store, 2 * COUNT, 50),
    byHand: () => loop.work(COUNT),
  })
  handle.close()
  yield {
    workload: `SQLite: claim + complete, ${WORKERS} workers, one at a time, against UPDATE … RETURNING by hand`,
    unit: 'µs',
    target: { kind: 'at least', ratio: 0.5 },
    ...compare('single', 'byHand'),
  }
  yield {
    workload: `SQLite: claim of 50 at once + complete each, ${WORKERS} workers, against one at a time`,
    unit: 'µs',
    target: { kind: 'at least', ratio: 2 },
    ...compare('several', 'single'),
  }
}

class JobsByHand {
  readonly #handle: Database.Database
  readonly #insert: Database.Statement
  readonly #claim: Database.Statement
  readonly #complete: Database.Statement

  constructor(handle: Database.Database) {
    this.#handle = handle
    handle.exec(`CREATE TABLE jobs (
      id TEXT PRIMARY KEY, status TEXT NOT NULL, priority INTEGER NOT NULL, created_at INTEGER NOT NULL,
      payload TEXT NOT NULL, agent TEXT, claim TEXT, lease_expires_at INTEGER, attempt INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX jobs_ready ON jobs (priority, created_at, id) WHERE status = 'created'`)
    this.#insert = handle.prepare(
      "INSERT INTO jobs (id, status, priority, created_at, payload) VALUES (?, 'created', 2, ?, ?)",
    )
    this.#claim = handle.prepare(`UPDATE jobs
      SET status = 'in_progress', agent = ?, claim = ?, attempt = attempt + 1,
          lease_expires_at = unixepoch('subsec') * 1000 + 60000
      WHERE id = (SELECT id FROM jobs WHERE status = 'created' ORDER BY priority, created_at, id LIMIT 1)
      RETURNING *`)
    this.#complete = handle.prepare(`UPDATE jobs
      SET status = 'completed', claim = NULL, lease_expires_at = NULL
      WHERE id = ? AND claim = ? AND lease_expires_at > unixepoch('subsec') * 1000
      RETURNING *`)
  }

  /** @returns microseconds per job; making the jobs does not count */
  async work(count: number): Promise<number> {
    const jobs = newTasks(count)
    this.#handle.transaction(() => {
      for (const job of jobs) this.#insert.run(job.id, Date.now(), JSON.stringify(job))
    })()
    return perOperation(count, () => {
      for (let done = 0; done < count; done += 1) {
        const claim = newId()
        const job = this.#claim.get(`agent-${done % WORKERS}`, claim) as { id: string } | undefined
        if (!job || !this.#complete.get(job.id, claim)) throw new Error('a job was not taken')
      }
    })
  }
}
