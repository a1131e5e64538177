// A database with a great many messages, filled by SQL for speed.

import Database from 'better-sqlite3'
import { openStore } from '../../../src/index.ts'

export async function manyMessages(path: string, count: number): Promise<void> {
  await (await openStore(`sqlite:${path}`)).close()
  const handle = new Database(path)
  try {
    handle.pragma('synchronous = off')
    handle.exec(`INSERT INTO messages (id, timestamp, sender, "to", channel, type, content, attachments, metadata)
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
      SELECT printf('message-%07d', i), strftime('%Y-%m-%dT%H:%M:%S', 1700000000 + i, 'unixepoch') || '.000Z',
        'agent-' || (i % 7), 'agent-' || (i % 5), 'channel-' || (i % 8), 'task_update',
        'message number ' || i || ' about the release, the report and the review of what was built', '[]',
        '{"task_id":"task-' || (i / 3) || '","project_id":null,"tokens_used":null,"cost_usd":null,"extra":[]}' FROM n`)
  } finally {
    handle.close()
  }
}
