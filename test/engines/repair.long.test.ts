// U15: what `store.repair` does to the structure of a database, and where the database itself
// refuses the words that are put right: on every engine, over damage that was really done.

import { expect, test } from 'vitest'
import { openStore } from '../../src/index.ts'
import { largeDatabase, leavesOf, overwrite, rootOf } from '../support/damaged-pages.ts'
import { withDatabase } from '../support/database-content.ts'
import { describeOnEngines, type EngineName, freshUrl } from '../support/fresh-url.ts'
import { onMariadb, onPostgres } from '../support/transfer/places.ts'

/** Statements by engine, with `@` before the names of tables and indexes. */
type Harm = Readonly<Record<EngineName, readonly string[]>>

async function harm(engine: EngineName, url: string, { sqlite, postgres, mariadb }: Harm): Promise<void> {
  if (engine === 'sqlite') {
    withDatabase(
      url.slice('sqlite:'.length),
      (handle) => {
        handle.pragma('ignore_check_constraints = on')
        for (const statement of sqlite) handle.exec(statement.replaceAll('@', ''))
      },
      false,
    )
  } else if (engine === 'postgres') {
    const schema = new URL(url).searchParams.get('schema') ?? 'public'
    await onPostgres(...postgres.map((statement) => statement.replaceAll('@', `"${schema}".`)))
  } else {
    const database = new URL(url).pathname.slice(1)
    await onMariadb(...mariadb.map((statement) => statement.replaceAll('@', `\`${database}\`.`)))
  }
}

async function prepared(engine: EngineName): Promise<string> {
  const url = await freshUrl(engine)
  await using store = await openStore(url)
  const actors = { strategy: 'planner', execution: 'coder' }
  await store.actions.create({ name: 'x/y', description: 'd', actors })
  const root = await store.plans.create({ name: 'x/root', actionName: 'x/y', description: 'd' })
  await store.plans.use(root.planId, { version: root.version })
  for (const index of [1, 2, 3])
    await store.messages.append({
      sender: 'a',
      to: 'b',
      channel: 'c',
      type: 'question',
      content: index === 3 ? '…' : `word${index} common`,
    })
  await store.messages.search('common')
  return url
}

describeOnEngines('U15: a repair', (engine) => {
  test('makes indexes that are missing, or other than declared, and tells each in the audit trail', async () => {
    const url = await prepared(engine)
    await harm(engine, url, {
      sqlite: [
        'DROP INDEX tasks_status',
        'DROP INDEX plans_phase',
        'CREATE INDEX plans_phase ON plans (phase)',
      ],
      postgres: [
        'DROP INDEX @tasks_status',
        'DROP INDEX @plans_phase',
        'CREATE INDEX plans_phase ON @plans (phase)',
      ],
      mariadb: [
        'DROP INDEX tasks_status ON @tasks',
        'DROP INDEX plans_phase ON @plans',
        'CREATE INDEX plans_phase ON @plans (phase)',
      ],
    })
    await using store = await openStore(url)
    expect(await store.drift()).not.toEqual([])
    const plan = await store.repairPlan()
    expect(plan.repairs.map(({ kind, table, column }) => [kind, table, column])).toEqual([
      ['index', 'plans', 'plans_phase'],
      ['index', 'tasks', 'tasks_status'],
    ])
    expect(await store.as('ada').repair(plan)).toEqual({ done: plan.repairs, failed: [] })
    expect(await store.drift()).toEqual([])
    const { items } = await store.audit.query({ actor: 'ada' })
    expect(items.map(({ action, subjectType, subjectId }) => [action, subjectType, subjectId])).toEqual([
      ['doctor:fix', 'index', 'tasks_status'],
      ['doctor:fix', 'index', 'plans_phase'],
    ])
    expect((await store.doctor()).ok).toBe(true)
  })

  test('makes a search index anew that lacks messages and has one that is gone', async () => {
    const url = await prepared(engine)
    const number = { sqlite: 'rowid', postgres: 'serial', mariadb: 'seq' }[engine]
    const remove = `DELETE FROM @messages_fts WHERE ${number} = 1`
    const insert = {
      sqlite: "INSERT INTO messages_fts (rowid, tokens) VALUES (99, 'ghost')",
      postgres: "INSERT INTO @messages_fts (serial, tokens) VALUES (99, ARRAY['ghost'])",
      mariadb: "INSERT INTO @messages_fts (word, seq) VALUES ('ghost', 99)",
    }[engine]
    await harm(engine, url, {
      sqlite: [remove, insert],
      postgres: [remove, insert],
      mariadb: [remove, insert],
    })
    await using store = await openStore(url)
    expect((await store.messages.search('word1')).items).toHaveLength(0)
    const check = (await store.doctor()).checks.find(({ name }) => name === 'search index')
    expect(check).toMatchObject({
      status: 'fail',
      count: 2,
      detail: '1 message is not in it; 1 entry of messages that are gone',
    })
    const plan = await store.repairPlan()
    expect(plan.repairs.map(({ kind, table }) => [kind, table])).toEqual([['full text', 'messages']])
    expect(await store.repair(plan)).toMatchObject({ failed: [] })
    expect((await store.messages.search('word1')).items).toHaveLength(1)
    expect((await store.messages.search('common')).items).toHaveLength(2)
    expect((await store.doctor()).ok).toBe(true)
    expect(await store.repairPlan()).toEqual({ repairs: [], left: [], more: { repairs: 0, left: 0 } })
  })

  test('puts a plan right whose phase and state are none, though the database refuses such words', async () => {
    const url = await prepared(engine)
    const update = "UPDATE @plans SET phase = 'sideways', state = 'stuck'"
    await harm(engine, url, {
      sqlite: [update],
      postgres: [
        'ALTER TABLE @plans DROP CONSTRAINT plans_phase, DROP CONSTRAINT plans_state',
        update,
        `ALTER TABLE @plans ADD CONSTRAINT plans_phase CHECK (phase IN ('action', 'strategize')) NOT VALID, ADD CONSTRAINT plans_state CHECK (state IN ('queued', 'processing')) NOT VALID`,
      ],
      mariadb: ['SET check_constraint_checks = 0', update],
    })
    await using store = await openStore(url)
    const plan = await store.repairPlan()
    expect(plan.repairs.map(({ column, before, after }) => [column, before, after])).toEqual([
      ['phase', 'sideways', 'action'],
      ['state', 'stuck', 'queued'],
    ])
    expect(await store.repair(plan)).toMatchObject({ failed: [], done: { length: 2 } })
    const [found] = (await store.plans.list()).items
    expect(found).toMatchObject({ phase: 'action', state: 'queued', unreadable: [] })
    await store.plans.use(found?.planId ?? '', { version: found?.version ?? 0 })
  })
})

test('U15: on a SQLite file, indexes are made anew whose pages cannot be read, that of a key and of the full text among them', async () => {
  const path = await largeDatabase()
  overwrite(path, [
    ...leavesOf(path, 'tasks_status').slice(0, 1),
    rootOf(path, 'plans_parent'),
    rootOf(path, 'sqlite_autoindex_tasks_1'),
    rootOf(path, 'audit_entries_id'),
    rootOf(path, 'messages_fts_data'),
  ])
  await using store = await openStore(`sqlite:${path}`)
  const plan = await store.repairPlan()
  expect(plan.repairs.map(({ kind, table }) => `${kind} ${table}`).toSorted()).toEqual([
    'full text messages',
    'index audit_entries',
    'index plans',
    'index tasks',
  ])
  // Whatever is audited needs the trail first.
  const trail = plan.repairs.filter(({ table }) => table === 'audit_entries')
  expect(plan.repairs[0]).toEqual(trail[0])
  expect(await store.as('ada').repair(plan)).toMatchObject({ failed: [], done: { length: 4 } })
  const { checks } = await store.doctor()
  expect(checks.filter(({ status }) => status !== 'ok')).toEqual([])
  expect(await store.drift()).toEqual([])
  expect(await store.tasks.count()).toBe(120)
  expect((await store.messages.search('word7')).items).toHaveLength(1)
  expect(await store.tasks.get('task-007')).not.toBeNull()
  expect((await store.audit.query({ actor: 'ada' })).items).toHaveLength(4)
})

test('U15: a table with damaged pages is left, with what to do', async () => {
  const path = await largeDatabase()
  overwrite(path, [...leavesOf(path, 'tasks').slice(1, 2), rootOf(path, 'tasks_status')])
  await using store = await openStore(`sqlite:${path}`)
  const { repairs, left } = await store.repairPlan()
  expect(repairs).toEqual([])
  expect(left[0]).toMatchObject({
    table: 'tasks',
    reason: expect.stringMatching(/page \d+ of the table tasks is damaged/) as string,
    next: expect.stringContaining('purser export --salvage') as string,
  })
})
