// The hash chain out of raw rows, with nothing of the library: what docs/audit.md tells another
// program to do. And the details, which stand in the one canonical text that a value has.

import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { fullEntry, newEntry, newPlan, newProfile, newTask } from '../../src/conformance/support/samples.ts'
import { openStore } from '../../src/index.ts'
import { withDatabase } from '../support/database-content.ts'
import { scratchFile } from '../support/scratch.ts'

type Row = Readonly<Record<string, string | number | null>>

/** RFC 8785 for what JSON.parse gives. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`
}

function hashOfRow(row: Row): string {
  const json = (column: string) => JSON.parse(String(row[column])) as unknown
  const hashed = {
    id: row.id,
    sequence: row.sequence,
    timestamp: row.timestamp,
    actor: row.actor,
    action: row.action,
    subjectType: row.subject_type,
    subjectId: row.subject_id,
    planId: row.plan_id,
    taskId: row.task_id,
    verdict: row.verdict,
    riskLevel: row.risk_level,
    reason: row.reason,
    matchedRules: json('matched_rules'),
    argumentsHash: row.arguments_hash,
    details: json('details'),
    previousHash: row.previous_hash,
  }
  return createHash('sha256')
    .update(Buffer.from(canonical(hashed), 'utf8'))
    .digest('hex')
}

test('each hash follows from the raw row, and each row from the one before', async () => {
  const path = scratchFile()
  const store = await openStore({ url: `sqlite:${path}`, enforce: 'record' })
  await store.audit.append(fullEntry())
  await store.audit.append(newEntry({ reason: 'é \u{1F600} "quoted" \\ \n\u0001\u2028', actor: ' spaced ' }))
  await store.audit.append(newEntry({ details: { b: [1e21, 1e-7, -0.5], a: { 10: 1, 9: 2, '': 3, é: 4 } } }))
  await store.audit.append(newEntry({ details: 'text', matchedRules: ['é', '"', 'b', 'a'] }))
  const plan = await store.as('lead').plans.create(newPlan())
  await store.plans.fail(
    plan.planId,
    { message: 'no' },
    await store.plans.start(plan.planId, await store.plans.use(plan.planId, plan)),
  )
  const task = await store.tasks.create(newTask({ planId: plan.planId }))
  await store.tasks.transition(task.id, 'cancelled', task)
  await store.automationProfiles.create(newProfile())
  const head = await store.audit.head()
  await store.close()
  const rows = withDatabase(
    path,
    (handle) => handle.prepare('SELECT * FROM audit_entries ORDER BY sequence').all() as Row[],
  )
  expect(rows.length).toBe(11)
  let previous = '0'.repeat(64)
  for (const [index, row] of rows.entries()) {
    expect(row.sequence).toBe(index + 1)
    expect(row.previous_hash).toBe(previous)
    expect(row.hash, `row ${index + 1}`).toBe(hashOfRow(row))
    expect(row.details).toBe(canonical(JSON.parse(String(row.details))))
    expect(row.timestamp).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/)
    previous = String(row.hash)
  }
  expect(head).toEqual({ sequence: 11, hash: previous })
})

describe('SQLite’s own ways to write over a row', () => {
  const columns =
    'id, sequence, timestamp, actor, action, subject_type, verdict, risk_level, previous_hash, hash'
  const values = (id: string, sequence: number | string) =>
    `SELECT ${id}, ${sequence}, timestamp, 'forger', action, subject_type, verdict, risk_level, hash, hash FROM audit_entries WHERE sequence = 3`
  const next = "'01J00000000000000000000099'"

  test.each([
    `REPLACE INTO audit_entries (${columns}) ${values('id', 'sequence')}`,
    `INSERT OR REPLACE INTO audit_entries (${columns}) ${values(next, 2)}`,
    `INSERT OR REPLACE INTO audit_entries (${columns}) ${values('id', 4)}`,
    `INSERT OR REPLACE INTO audit_entries (${columns}, rowid) ${values(next, 4).replace(' FROM', ', 2 FROM')}`,
    `INSERT OR REPLACE INTO audit_entries (${columns}) ${values(next, 'NULL')}`,
    `INSERT OR IGNORE INTO audit_entries (${columns}) ${values(next, 7)}`,
    `INSERT INTO audit_entries (${columns}) ${values(next, 3)} ON CONFLICT DO UPDATE SET actor = 'forger'`,
    `INSERT INTO audit_entries (${columns}) ${values('id', 4)} ON CONFLICT (id) DO UPDATE SET actor = 'forger'`,
    "UPDATE OR IGNORE audit_entries SET actor = 'forger'",
    'UPDATE OR REPLACE audit_entries SET sequence = 1 WHERE sequence = 3',
    'UPDATE audit_entries SET rowid = 1 WHERE rowid = 3',
    'UPDATE audit_entries SET rowid = 9 WHERE rowid = 3',
  ])('%s', async (statement) => {
    const path = scratchFile()
    const store = await openStore(`sqlite:${path}`)
    for (let times = 0; times < 3; times += 1) await store.audit.append(newEntry())
    const before = (await store.audit.query()).items
    withDatabase(
      path,
      (handle) => {
        for (const recursive of [0, 1]) {
          handle.pragma(`recursive_triggers = ${recursive}`)
          expect(() => handle.prepare(statement).run()).toThrow()
        }
      },
      false,
    )
    expect((await store.audit.query()).items).toEqual(before)
    expect(await store.audit.verify()).toMatchObject({ ok: true, checked: 3 })
    await store.close()
  })
})
