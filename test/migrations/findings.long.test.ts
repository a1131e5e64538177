// What adoption cannot carry over as it is becomes a finding with the original value; what means
// the same in another form is set aside without one. The rows stay readable, the report counts, and
// down gives back what nobody has replaced since.

import { describe, expect, test } from 'vitest'
import { withDatabase } from '../support/database-content.ts'
import { makeAncestor } from '../support/legacy.ts'
import { migrateFile, withBackend } from '../support/migrated.ts'
import { scratchFile } from '../support/scratch.ts'

interface Finding {
  readonly migration: number
  readonly table_name: string
  readonly row_id: string
  readonly column_name: string
  readonly problem: string
  readonly original_value: unknown
}

const findingsOf = (path: string, table = 'purser_findings') =>
  withDatabase(path, (handle) =>
    handle.prepare(`SELECT * FROM ${table} ORDER BY row_id, column_name`).all(),
  ) as Finding[]

const ancestor = (...afterwards: string[]) => makeAncestor(scratchFile(), { operations: true, afterwards })

const messageId = (path: string, rowid: number) =>
  withDatabase(path, (handle) =>
    String(handle.prepare('SELECT id FROM messages WHERE rowid = ?').pluck().get(rowid)),
  )

describe('a time', () => {
  const forms: Readonly<Record<string, { text: string; instant: string; problem?: string }>> = {
    'in UTC': { text: '2024-02-01T10:00:00Z', instant: '2024-02-01T10:00:00.000Z' },
    'in UTC, with milliseconds': { text: '2024-02-01T10:00:00.120Z', instant: '2024-02-01T10:00:00.120Z' },
    'with an offset': { text: '2024-02-01T10:00:00+08:00', instant: '2024-02-01T02:00:00.000Z' },
    'with a negative offset': { text: '2024-02-01T23:30:00-05:30', instant: '2024-02-02T05:00:00.000Z' },
    'with an offset of zero': { text: '2024-02-01T10:00:00+00:00', instant: '2024-02-01T10:00:00.000Z' },
    'with microseconds': { text: '2024-02-01T10:00:00.123456+00:00', instant: '2024-02-01T10:00:00.123Z' },
    'with a space and an hour for an offset': {
      text: '2024-02-01 10:00:00+08',
      instant: '2024-02-01T02:00:00.000Z',
    },
    'without an offset': {
      text: '2024-02-01T10:00:00',
      instant: '2024-02-01T10:00:00.000Z',
      problem: 'time-without-offset',
    },
    'of a day alone': {
      text: '2024-02-01',
      instant: '2024-02-01T00:00:00.000Z',
      problem: 'time-without-offset',
    },
    'of a day that does not exist': {
      text: '2024-02-30T10:00:00Z',
      instant: '1970-01-01T00:00:00.000Z',
      problem: 'time-unreadable',
    },
    'that is none': { text: 'just now', instant: '1970-01-01T00:00:00.000Z', problem: 'time-unreadable' },
    'that is empty': { text: '', instant: '1970-01-01T00:00:00.000Z', problem: 'time-unreadable' },
    'beyond the year 9999': {
      text: '9999-12-31T23:59:59-01:00',
      instant: '1970-01-01T00:00:00.000Z',
      problem: 'time-unreadable',
    },
  }

  test.each(Object.entries(forms))('%s', async (_, { text, instant, problem }) => {
    const path = ancestor(
      `UPDATE messages SET timestamp = '${text}' WHERE rowid = 4`,
      `UPDATE cost_records SET timestamp = '${text}' WHERE rowid = 7`,
    )
    const id = messageId(path, 4)
    const report = await migrateFile(path)
    expect(report.findings).toEqual(
      problem ? { total: 2, byProblem: { [problem]: 2 } } : { total: 0, byProblem: {} },
    )
    const [message, cost] = await withBackend(path, async (store) => [
      await store.messages.get(id),
      (await store.costRecords.query({}, { limit: 1000 })).items.find((record) => record.inputTokens === 103),
    ])
    expect(message?.timestamp).toEqual(new Date(instant))
    expect(cost?.timestamp).toEqual(new Date(instant))
    expect(cost?.id.endsWith('7')).toBe(true)
    const finding = { column_name: 'timestamp', problem, original_value: text }
    const expected = [
      expect.objectContaining({ ...finding, migration: 4, table_name: 'cost_records', row_id: cost?.id }),
      expect.objectContaining({ ...finding, migration: 5, table_name: 'messages', row_id: id }),
    ]
    const found = findingsOf(path).sort((a, b) => a.migration - b.migration)
    expect(found).toEqual(problem ? expected : [])
  })
})

test('broken JSON is empty, the record is readable and says nothing is wrong with it now', async () => {
  const path = ancestor(`UPDATE tasks SET reviewers = '["agent-1"' WHERE id = 'task-3'`)
  expect((await migrateFile(path)).findings).toEqual({ total: 1, byProblem: { 'json-unreadable': 1 } })
  expect(findingsOf(path)).toEqual([
    expect.objectContaining({
      migration: 3,
      table_name: 'tasks',
      row_id: 'task-3',
      column_name: 'reviewers',
      problem: 'json-unreadable',
      original_value: '["agent-1"',
    }),
  ])
  const task = await withBackend(path, (store) => store.tasks.get('task-3'))
  expect(task).toMatchObject({ reviewers: [], unreadable: [] })
})

describe('money', () => {
  const amounts: Readonly<Record<string, { sql: string; cost: string; finding?: unknown; aside?: string }>> =
    {
      'that no floating-point number holds exactly': {
        sql: '0.30000000000000004',
        cost: '0.3',
        aside: '0.30000000000000004',
      },
      'at the ninth decimal': { sql: '0.000000001', cost: '0.000000001' },
      'half-way at the tenth decimal, to even below': { sql: '0.0000000005', cost: '0', aside: '5e-10' },
      'half-way at the tenth decimal, to even above': {
        sql: '0.0000000015',
        cost: '0.000000002',
        aside: '1.5e-9',
      },
      'as small as numbers get': { sql: '5e-324', cost: '0', aside: '5e-324' },
      'of millions': { sql: '1234567.123456789', cost: '1234567.123456789' },
      'below zero': { sql: '-0.5', cost: '0', finding: '-0.5' },
      'without bound': { sql: '9e999', cost: '0', finding: '9e999' },
      'beyond 64 bits': { sql: '1e15', cost: '0', finding: '1000000000000000' },
      'that is text': { sql: "'free'", cost: '0', finding: 'free' },
      'that is empty text': { sql: "''", cost: '0', finding: '' },
    }

  test.each(Object.entries(amounts))('%s', async (_, { sql, cost, finding, aside }) => {
    const path = ancestor(
      `UPDATE cost_records SET cost_usd = ${sql} WHERE rowid = 7`,
      'DELETE FROM cost_records WHERE rowid <> 7',
      "UPDATE tasks SET budget_limit = 1 WHERE id <> 'task-2'",
      `UPDATE tasks SET budget_limit = ${sql} WHERE id = 'task-2'`,
    )
    const { findings } = await migrateFile(path)
    expect(findings.byProblem).toEqual(finding === undefined ? {} : { 'money-unreadable': 2 })
    await withBackend(path, async (store) => {
      expect((await store.costRecords.query()).items.map((record) => record.cost)).toEqual([cost])
      expect(await store.costRecords.aggregate()).toMatchObject([{ cost, records: 1 }])
      expect(await store.tasks.get('task-2')).toMatchObject({ budgetLimit: cost })
    })
    const moneyOf = (rows: readonly Finding[]) =>
      rows.filter((row) => /cost_usd|budget_limit/.test(row.column_name))
    expect(moneyOf(findingsOf(path)).map((row) => row.original_value)).toEqual(
      finding === undefined ? [] : [finding, finding],
    )
    const kept = withDatabase(path, (handle) =>
      handle
        .prepare("SELECT value FROM purser_originals WHERE column_name IN ('cost_usd', 'budget_limit')")
        .pluck()
        .all(),
    )
    expect(kept).toEqual(aside === undefined ? [] : [aside, aside])
  })
})

test('what somebody has written since is not replaced on the way down', async () => {
  const path = ancestor(
    `UPDATE tasks SET reviewers = 'broken', dependencies = 'broken too', budget_limit = 'plenty' WHERE id = 'task-3'`,
  )
  await withBackend(path, async (store) => {
    await store.migrate({ backup: false })
    await store.tasks.update('task-3', { reviewers: ['agent-9'], budgetLimit: '2.5' }, { version: 1 })
    await store.migrate({ to: 1, backup: false, allowDataLoss: true })
  })
  const row = withDatabase(path, (handle) =>
    handle.prepare("SELECT reviewers, dependencies, budget_limit FROM tasks WHERE id = 'task-3'").get(),
  )
  expect(row).toEqual({ reviewers: '["agent-9"]', dependencies: 'broken too', budget_limit: 2.5 })
})

test('the report counts the findings of this run by problem', async () => {
  const path = makeAncestor(scratchFile(), {
    operations: true,
    damage: ['timesUnreadable', 'timesWithoutOffset', 'brokenJson', 'strangeMoney'],
  })
  const { findings } = await migrateFile(path)
  const counted = withDatabase(path, (handle) =>
    handle.prepare('SELECT problem, count(*) AS count FROM purser_findings GROUP BY 1 ORDER BY 1').all(),
  ) as { problem: string; count: number }[]
  expect(findings.byProblem).toEqual(
    Object.fromEntries(counted.map(({ problem, count }) => [problem, count])),
  )
  expect(findings.total).toBe(findingsOf(path).length)
  expect(Object.keys(findings.byProblem)).toEqual([
    'json-unreadable',
    'money-unreadable',
    'time-unreadable',
    'time-without-offset',
  ])
  expect((await migrateFile(path)).findings).toEqual({ total: 0, byProblem: {} })
})
