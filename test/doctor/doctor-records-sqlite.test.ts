// The doctor, on records that somebody damaged behind Purser's back: plan trees, values that cannot
// be read, tasks and their assignees, cost totals, the audit chain. Each kind of damage is found by
// the check that is there for it, with its count and its place, and by no other.

import { describe, expect, test } from 'vitest'
import { bad, find, soundDatabase, statuses } from '../support/diagnose.ts'
import { damage, damageUnseen } from '../support/organisation.ts'

const sound = soundDatabase()

describe('plan trees', () => {
  const wrong = async (...statements: readonly string[]) => {
    const report = await sound.diagnose((path) => damage(path, ...statements))
    expect(statuses(report)).toEqual(['plan trees: fail'])
    return find(report, 'plan trees')
  }

  test('a root_plan_id that is the parent, not the root', async () => {
    const [, child, leaf] = sound.organisation.plans
    const { detail, count } = await wrong(
      `UPDATE plans SET root_plan_id = '${child}' WHERE plan_id = '${leaf}'`,
    )
    expect({ detail, count }).toEqual({ detail: `1 plan with a wrong root_plan_id: ${leaf}`, count: 1 })
  })

  test('a tree that was hung below another without its plans being told', async () => {
    const [root, child, leaf] = sound.organisation.plans
    const { detail, count } = await wrong(
      `UPDATE plans SET parent_plan_id = '${sound.organisation.otherPlan}' WHERE plan_id = '${root}'`,
    )
    expect(count).toBe(3)
    expect(detail).toBe(`3 plans with a wrong root_plan_id: ${[root, child, leaf].sort().join(', ')}`)
  })

  test('a cycle, with what hangs below it', async () => {
    const [root, child, leaf] = sound.organisation.plans
    const { detail, count } = await wrong(
      `UPDATE plans SET parent_plan_id = '${child}' WHERE plan_id = '${root}'`,
    )
    expect(count).toBe(3)
    expect(detail).toBe(`1 cycle of parents: ${[root, child].sort().join(', ')}, and 1 plan below`)
    expect(detail).not.toContain(leaf)
  })

  test('a plan that is its own parent', async () => {
    const { detail } = await wrong(
      `UPDATE plans SET parent_plan_id = plan_id WHERE plan_id = '${sound.organisation.otherPlan}'`,
    )
    expect(detail).toBe(`1 cycle of parents: ${sound.organisation.otherPlan}`)
  })

  test('a parent that is missing; what stands below it is not reported with it', async () => {
    const [, child, leaf] = sound.organisation.plans
    const report = await sound.diagnose((path) =>
      damage(
        path,
        `UPDATE plans SET parent_plan_id = 'gone' WHERE plan_id = '${child}'`,
        `UPDATE plans SET root_plan_id = '${child}' WHERE plan_id = '${leaf}'`,
      ),
    )
    expect(statuses(report)).toEqual(['references: fail', 'plan trees: fail'])
    expect(find(report, 'plan trees')).toMatchObject({
      detail: `1 plan without the parent they name: ${child}`,
      count: 1,
    })
  })

  test('of many, ten are named and all are counted; a chain of 20,000 is no trouble', async () => {
    const [root] = sound.organisation.plans
    const columns =
      'plan_id, parent_plan_id, root_plan_id, action_name, description, automation_profile_name, automation_profile_provenance, effective_profile_snapshot, created_at, updated_at'
    const values = `'a', '', 'balanced', 'global', '{}', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'`
    const { detail, count } = await wrong(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
       INSERT INTO plans (${columns}) SELECT printf('P%05d', i), CASE i WHEN 1 THEN '${root}' ELSE printf('P%05d', i - 1) END,
       CASE WHEN i > 19988 THEN 'P00001' ELSE '${root}' END, ${values} FROM n`,
    )
    expect(count).toBe(12)
    const named = Array.from({ length: 10 }, (_, index) => `P${19989 + index}`)
    expect(detail).toBe(`12 plans with a wrong root_plan_id: ${named.join(', ')} and 2 more`)
  })
})

describe('values that cannot be read', () => {
  const cases: Readonly<
    Record<string, { sql: string; table?: string; column: string; others?: readonly string[] }>
  > = {
    'JSON of another shape': {
      sql: `UPDATE tasks SET reviewers = '{"a": 1}' WHERE id = 'busy'`,
      column: 'tasks.reviewers',
    },
    'broken JSON': {
      sql: "UPDATE tasks SET metadata = '{' WHERE id = 'busy'",
      column: 'tasks.metadata',
      others: ['integrity'],
    },
    'a word that is none of the list': {
      sql: "UPDATE tasks SET priority = 'odd' WHERE id = 'busy'",
      column: 'tasks.priority',
    },
    'a time that is none': {
      sql: "UPDATE messages SET timestamp = 'yesterday'",
      column: 'messages.timestamp',
    },
    'an id of bytes': { sql: "UPDATE messages SET id = x'00ff'", column: 'messages.id' },
    'a number that is text': {
      sql: "UPDATE cost_records SET latency_ms = 'slow' WHERE agent_id = 'agent-0' AND input_tokens = 10",
      column: 'cost_records.latency_ms',
    },
    'a profile that is none': {
      sql: `UPDATE plans SET effective_profile_snapshot = '[]' WHERE name = 'local/second'`,
      table: 'plans',
      column: 'plans.effective_profile_snapshot',
    },
    'one member of a group': {
      sql: `UPDATE plans SET error_message = 'x', error_details = '[1]' WHERE name = 'local/second'`,
      column: 'plans.error_details',
    },
  }

  test.each(Object.keys(cases))('%s', async (name) => {
    const { sql, table, column, others = [] } = cases[name] as (typeof cases)[string]
    const report = await sound.diagnose((path) =>
      table ? damageUnseen(path, table, sql) : damage(path, sql),
    )
    expect(statuses(report)).toEqual([...others, 'unreadable columns'].map((check) => `${check}: fail`))
    expect(find(report, 'unreadable columns')).toMatchObject({
      count: 1,
      detail: expect.stringContaining(`1 value cannot be read: ${column} of 1 row (`),
    })
  })

  test('on every page of a long table, counted by column, with the first ids', async () => {
    const report = await sound.diagnose((path) =>
      damage(
        path,
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1700)
         INSERT INTO tasks (id, title, description, project, created_by, type, reviewers, created_at, updated_at)
         SELECT printf('t%04d', i), 't', 'd', 'p', 'c', CASE WHEN i % 400 = 0 THEN 'odd' ELSE 'admin' END,
         CASE WHEN i % 100 = 0 THEN '1' ELSE '[]' END, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z' FROM n`,
      ),
    )
    expect(statuses(report)).toEqual(['unreadable columns: fail'])
    expect(find(report, 'unreadable columns')).toMatchObject({
      count: 21,
      detail:
        '21 values cannot be read: tasks.reviewers of 17 rows (t0100, t0200, t0300, …), tasks.type of 4 rows (t0400, t0800, t1200, …)',
    })
  })
})

test('tasks whose status and assignee disagree, either way', async () => {
  const report = await sound.diagnose((path) =>
    damage(
      path,
      "UPDATE tasks SET assigned_to = NULL WHERE id = 'busy'",
      "UPDATE tasks SET assigned_to = 'bo' WHERE id = 'idle'",
    ),
  )
  expect(statuses(report)).toEqual(['task assignees: fail'])
  expect(find(report, 'task assignees')).toMatchObject({
    count: 2,
    detail: '2 tasks with a status that their assignee contradicts: busy, idle',
  })
})

describe('cost totals', () => {
  const cases: Readonly<Record<string, { sql: string; detail: string }>> = {
    'one that is off by one billionth': {
      sql: "UPDATE cost_totals SET cost = cost + 1 WHERE dimension = 'model'",
      detail: '1 total is not the sum of the records: 1 by model',
    },
    'one whose tokens are off': {
      sql: "UPDATE cost_totals SET cache_read_tokens = 1 WHERE dimension = 'agent' AND member = 'agent-1'",
      detail: '1 total is not the sum of the records: 1 by agent',
    },
    'some that are gone': {
      sql: "DELETE FROM cost_totals WHERE dimension IN ('agent', 'task')",
      detail: '4 totals are not the sum of the records: 3 by agent, 1 by task',
    },
    'one of nothing': {
      sql: "INSERT INTO cost_totals VALUES ('project', 'none', 'USD', 0, 0, 0, 0, 0, 0, 0, 1)",
      detail: '1 total is not the sum of the records: 1 by project',
    },
    'a record that was removed': {
      sql: "DELETE FROM cost_records WHERE agent_id = 'agent-0' AND input_tokens = 10",
      detail:
        '8 totals are not the sum of the records: 1 by agent, 1 by task, 1 by plan, 1 by project, 1 by provider, 1 by model, 1 by category, 1 by hour',
    },
    'the currency of a record': {
      sql: "UPDATE cost_records SET currency = 'EUR' WHERE input_tokens = 10",
      detail:
        '16 totals are not the sum of the records: 2 by agent, 2 by task, 2 by plan, 2 by project, 2 by provider, 2 by model, 2 by category, 2 by hour',
    },
  }

  test.each(Object.keys(cases))('%s', async (name) => {
    const { sql, detail } = cases[name] as (typeof cases)[string]
    const report = await sound.diagnose((path) => damage(path, sql))
    expect(statuses(report)).toEqual(['cost totals: fail'])
    expect(find(report, 'cost totals').detail).toBe(detail)
  })

  test('a total that is split over several slots is one', async () => {
    const report = await sound.diagnose((path) =>
      damage(
        path,
        "UPDATE cost_totals SET cost = cost - 3, records = records - 1 WHERE dimension = 'model'",
        "INSERT INTO cost_totals SELECT dimension, member, currency, 7, 3, 0, 0, 0, 0, 0, 1 FROM cost_totals WHERE dimension = 'model'",
      ),
    )
    expect(bad(report)).toEqual([])
  })
})

describe('the audit chain', () => {
  const cases: Readonly<Record<string, { sql: string; detail: string }>> = {
    'an entry that was changed': {
      sql: "UPDATE audit_entries SET actor = 'nobody' WHERE sequence = 3",
      detail: 'entry 3 was changed after it was written; 2 entries before it are sound',
    },
    'an entry that was removed': {
      sql: 'DELETE FROM audit_entries WHERE sequence = 2',
      detail: 'entry 2 is missing; 1 entry before it is sound',
    },
    'an entry that cannot be read': {
      sql: "UPDATE audit_entries SET matched_rules = '7' WHERE sequence = 1",
      detail: 'entry 1 cannot be read; 0 entries before it are sound',
    },
  }

  test.each(Object.keys(cases))('%s', async (name) => {
    const { sql, detail } = cases[name] as (typeof cases)[string]
    const report = await sound.diagnose((path) => damageUnseen(path, 'audit_entries', sql))
    expect(statuses(report)).toContain('audit chain: fail')
    expect(statuses(report).filter((check) => !/^(audit chain|unreadable columns)/.test(check))).toEqual([])
    expect(find(report, 'audit chain')).toMatchObject({ detail, count: 1 })
  })

  test('triggers that are gone are drift, even when nothing was changed yet', async () => {
    const report = await sound.diagnose((path) => damage(path, 'DROP TRIGGER audit_entries_no_update'))
    expect(statuses(report)).toEqual(['schema drift: fail'])
  })
})
