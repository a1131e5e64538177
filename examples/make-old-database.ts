// Creates a small database in the layout of Purser's ancestor for operations (`user_version` 1),
// with synthetic rows. It serves as the file of an existing system: README.md and
// adopt-an-old-database.ts take it over.
//
//   node examples/make-old-database.ts old.db

import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import Database from 'better-sqlite3'

const layout = `
CREATE TABLE tasks (
  id TEXT PRIMARY KEY, title TEXT NOT NULL, description TEXT NOT NULL, type TEXT NOT NULL,
  priority TEXT NOT NULL DEFAULT 'medium', project TEXT NOT NULL, created_by TEXT NOT NULL, assigned_to TEXT,
  status TEXT NOT NULL DEFAULT 'created', estimated_complexity TEXT NOT NULL DEFAULT 'medium',
  budget_limit REAL NOT NULL DEFAULT 0.0, deadline TEXT, max_retries INTEGER NOT NULL DEFAULT 1, parent_task_id TEXT,
  task_structure TEXT, coordination_topology TEXT NOT NULL DEFAULT 'auto', reviewers TEXT NOT NULL DEFAULT '[]',
  dependencies TEXT NOT NULL DEFAULT '[]', artifacts_expected TEXT NOT NULL DEFAULT '[]',
  acceptance_criteria TEXT NOT NULL DEFAULT '[]', delegation_chain TEXT NOT NULL DEFAULT '[]'
);
CREATE TABLE cost_records (
  rowid INTEGER PRIMARY KEY AUTOINCREMENT, agent_id TEXT NOT NULL, task_id TEXT NOT NULL, provider TEXT NOT NULL,
  model TEXT NOT NULL, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, cost_usd REAL NOT NULL,
  timestamp TEXT NOT NULL, call_category TEXT
);
CREATE TABLE messages (
  id TEXT PRIMARY KEY, timestamp TEXT NOT NULL, sender TEXT NOT NULL, "to" TEXT NOT NULL, type TEXT NOT NULL,
  priority TEXT NOT NULL DEFAULT 'normal', channel TEXT NOT NULL, content TEXT NOT NULL,
  attachments TEXT NOT NULL DEFAULT '[]', metadata TEXT NOT NULL DEFAULT '{}'
);
PRAGMA user_version = 1;
`

/**
 * id, title, assignee, status, budget, deadline, reviewers. The last text is not JSON: a value that
 * cannot be carried over.
 */
const tasks: readonly (readonly (string | number | null)[])[] = [
  ['lamp-1', 'Survey the old lamp', 'bo', 'completed', 0.5, '2026-03-06', '["cy"]'],
  ['lamp-2', 'Choose a new lens', 'bo', 'in_progress', 1.25, '2026-03-20', '["cy", "ada"]'],
  ['lamp-3', 'Write the keeper’s manual', null, 'created', 0.3, null, '[]'],
  ['lamp-4', 'Review the wiring plan', 'cy', 'in_review', 0.1, '2026-03-18T17:00:00', 'cy and ada'],
]

/**
 * agent, task, model, input and output tokens, cost, time, category. Times in three forms; one has
 * no offset.
 */
const costs: readonly (readonly (string | number | null)[])[] = [
  ['bo', 'lamp-1', 'large-1', 1200, 310, 0.0171, '2026-03-02T09:30:00Z', 'productive'],
  ['bo', 'lamp-1', 'small-1', 800, 95, 0.00119, '2026-03-02T11:45:10.250+02:00', 'productive'],
  ['cy', 'lamp-4', 'large-1', 2400, 120, 0.0156, '2026-03-03T08:00:00Z', null],
  ['ada', 'lamp-2', 'small-1', 500, 60, 0.00074, '2026-03-03T08:05:00', 'coordination'],
  ['bo', 'lamp-2', 'large-1', 3100, 880, 0.1, '2026-03-04T14:20:00Z', 'productive'],
  ['bo', 'lamp-2', 'large-1', 2900, 640, 0.2, '2026-03-04T14:25:00Z', 'productive'],
]

/** id, time, sender, receiver, type, content, metadata. */
const messages: readonly (readonly string[])[] = [
  [
    'm-1',
    '2026-03-02T09:00:00Z',
    'ada',
    'bo',
    'delegation',
    'Please survey the old lamp first.',
    '{"task_id": "lamp-1"}',
  ],
  [
    'm-2',
    '2026-03-02T12:10:00+02:00',
    'bo',
    'ada',
    'status_report',
    'The lamp is cracked; we need a new lens.',
    '{"task_id": "lamp-1"}',
  ],
  [
    'm-3',
    '2026-03-03T08:04:00Z',
    'ada',
    'bo',
    'approval',
    'A new lens it is. Keep it under the budget.',
    '{"task_id": "lamp-2"}',
  ],
]

export function makeOldDatabase(path: string): void {
  if (existsSync(path)) throw new Error(`${path} exists already`)
  const database = new Database(path)
  try {
    database.exec(layout)
    const insert = (sql: string, rows: readonly (readonly unknown[])[]) => {
      const statement = database.prepare(sql)
      for (const row of rows) statement.run(...row)
    }
    insert(
      `INSERT INTO tasks (id, title, assigned_to, status, budget_limit, deadline, reviewers, description, type, project, created_by)
       VALUES (?, ?, ?, ?, ?, ?, ?, 'Part of the new light', 'development', 'lighthouse', 'ada')`,
      tasks,
    )
    insert(
      `INSERT INTO cost_records (agent_id, task_id, model, input_tokens, output_tokens, cost_usd, timestamp, call_category, provider)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'acme')`,
      costs,
    )
    insert(
      `INSERT INTO messages (id, timestamp, sender, "to", type, content, metadata, channel)
       VALUES (?, ?, ?, ?, ?, ?, ?, 'lighthouse')`,
      messages,
    )
  } finally {
    database.close()
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const path = process.argv[2] ?? 'old.db'
  makeOldDatabase(path)
  console.log(
    `made ${path}: ${tasks.length} tasks, ${costs.length} cost records, ${messages.length} messages`,
  )
}
