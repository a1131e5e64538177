// What a copy refuses, what it goes on with, what it adds to, and what it tells of rows that the target cannot hold.

import { linkSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  type CopyProgress,
  copyRecords,
  createBackend,
  MigrationError,
  PersistenceConnectionError,
  QueryError,
  type Store,
  TransferError,
} from '../../src/index.ts'
import { contentOf, withDatabase } from '../fixtures/database-content.ts'
import { freshUrl } from '../fixtures/fresh-url.ts'
import { makeAncestor } from '../fixtures/legacy.ts'
import { migrateFile } from '../fixtures/migrated.ts'
import { CONTENT, damage, damageUnseen, makeOrganisation } from '../fixtures/organisation.ts'
import { folderState, scratchFile, scratchFolder } from '../fixtures/scratch.ts'
import { connected, opened, placeNames, source, target } from './places.ts'
import { recordLines } from './record-lines.ts'

const servers = placeNames.filter((place) => place !== 'sqlite')
const task = { title: 't', description: 'd', project: 'p', createdBy: 'x', type: 'admin' } as const
const message = { sender: 'ada', to: 'bo', channel: 'deck', type: 'announcement' } as const

async function organisation() {
  const path = scratchFile('source.db')
  const made = await makeOrganisation(path)
  return { path, made, store: await opened(`sqlite:${path}`) }
}

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => new Error('nothing was refused'),
    (error: unknown) => error as Error,
  )

describe('refuses', () => {
  test('a store as its own target, by every name of the file', async () => {
    const { store, path } = await organisation()
    const folder = scratchFolder()
    mkdirSync(join(folder, 'down'))
    symlinkSync(path, join(folder, 'link.db'))
    linkSync(path, join(folder, 'down', 'hard.db'))
    const before = contentOf(path)
    expect((await failureOf(copyRecords(store, store))).message).toMatch(
      /are one database; nothing was written/,
    )
    for (const name of [path, join(folder, 'link.db'), join(folder, 'down', 'hard.db')]) {
      const failure = await failureOf(copyRecords(store, await connected(`sqlite:${name}`)))
      expect(failure).toBeInstanceOf(QueryError)
      expect(failure.message).toMatch(/are one database; nothing was written/)
    }
    expect(contentOf(path)).toEqual(before)
  })

  test.each(servers)('a store as its own target, by another address of the server %s', async (place) => {
    const url = await freshUrl(place)
    const store = await opened(url)
    const same = await connected(url.replace('127.0.0.1', 'localhost'))
    expect((await failureOf(copyRecords(store, same))).message).toMatch(/are one database/)
  })

  test('a store that is not open', async () => {
    const { store, path } = await organisation()
    const closed = createBackend(`sqlite:${path}`)
    expect(await failureOf(copyRecords(closed, await target()))).toBeInstanceOf(PersistenceConnectionError)
    expect(await failureOf(copyRecords(store, createBackend('sqlite::memory:')))).toBeInstanceOf(
      PersistenceConnectionError,
    )
  })

  test('a source at an older version, and says what to do', async () => {
    const path = scratchFile('old.db')
    await migrateFile(path, { to: 5 })
    const to = await target()
    const failure = await failureOf(copyRecords(await connected(`sqlite:${path}`), to))
    expect(failure).toBeInstanceOf(MigrationError)
    expect(failure.message).toMatch(/the source is at version 5.*run purser migrate on the source first/)
    expect((await to.migrationStatus()).current).toBe(0)
  })

  test('a target at another version that holds rows; one without rows is made ready', async () => {
    const { store } = await organisation()
    const ancestor = makeAncestor(scratchFile('ancestor.db'), { operations: true })
    const folder = folderState(join(ancestor, '..'))
    const failure = await failureOf(copyRecords(store, await connected(`sqlite:${ancestor}`)))
    expect(failure).toBeInstanceOf(MigrationError)
    expect(failure.message).toMatch(
      /the target is at version 0.*table [a-z_]+ is not empty; run purser migrate/,
    )
    expect(folderState(join(ancestor, '..'))).toEqual(folder)
    const empty = scratchFile('empty.db')
    await migrateFile(empty, { to: 1 })
    withDatabase(empty, (handle) => handle.exec('CREATE TABLE of_another_program (x)'), false)
    withDatabase(empty, (handle) => handle.exec('INSERT INTO of_another_program VALUES (1)'), false)
    expect(await copyRecords(store, await connected(`sqlite:${empty}`))).toMatchObject({ ok: true })
  })

  test.each(placeNames)('a target on %s with a row of its own, and leaves it as it was', async (place) => {
    const { store } = await organisation()
    const to = await source(place)
    await to.tasks.create({ ...task, id: 'own' })
    const before = await recordLines(to)
    const failure = await failureOf(copyRecords(store, to))
    expect(failure).toBeInstanceOf(QueryError)
    expect(failure.message).toMatch(/the target is not empty.*tasks "own".*--merge/)
    expect(await recordLines(to)).toEqual(before)
  })

  test('a target with a row of the source that was changed', async () => {
    const { store } = await organisation()
    const to = await target()
    await copyRecords(store, to)
    const [first] = (await to.tasks.list()).items
    await to.tasks.update(String(first?.id), { title: 'other' }, { version: first?.version ?? 0 })
    expect((await failureOf(copyRecords(store, to))).message).toMatch(/the target is not empty/)
  })
})

describe('goes on', () => {
  /** Ends a copy after some rows. */
  function interruptedAfter(rows: number) {
    const controller = new AbortController()
    const seen: CopyProgress[] = []
    const progress = (now: CopyProgress) => {
      seen.push(now)
      if (now.phase === 'copy' && now.rows >= rows) controller.abort(new Error('enough'))
    }
    return { signal: controller.signal, progress, seen }
  }

  test.each(placeNames)('with a copy to %s that was cut off at any batch', async (place) => {
    const { store } = await organisation()
    const to = await target(place)
    const lines = await recordLines(store)
    let unchanged = 0
    for (const rows of [1, 4, 9, 15, 20]) {
      const { seen, ...options } = interruptedAfter(rows)
      const failure = await failureOf(copyRecords(store, to, { ...options, batchRows: 2 }))
      expect(failure.message).toBe('enough')
      expect(seen.at(-1)).toMatchObject({ phase: 'copy', total: lines.length })
    }
    const report = await copyRecords(store, to)
    for (const table of report.tables) unchanged += table.unchanged
    expect(report).toMatchObject({ ok: true, continued: true, problemCount: 0 })
    expect(unchanged).toBeGreaterThanOrEqual(20)
    expect(await recordLines(to)).toEqual(lines)
    expect((await to.doctor()).ok).toBe(true)
  })

  test('with rows that were added to the source meanwhile', async () => {
    const { store } = await organisation()
    const to = await target()
    await failureOf(copyRecords(store, to, { ...interruptedAfter(10), batchRows: 2 }))
    await store.messages.append({ ...message, content: 'later' })
    await store.costRecords.append({
      agentId: 'a',
      provider: 'none',
      model: 'm',
      inputTokens: 1,
      outputTokens: 1,
      cost: '1',
    })
    expect(await copyRecords(store, to)).toMatchObject({ ok: true, continued: true })
    expect(await recordLines(to)).toEqual(await recordLines(store))
  })

  test('a second time does nothing, and says so', async () => {
    const { store } = await organisation()
    const to = await target()
    await copyRecords(store, to)
    const report = await copyRecords(store, to)
    expect(report).toMatchObject({ ok: true, continued: true })
    expect(report.tables.every(({ stored, unchanged, rows }) => stored === 0 && unchanged === rows)).toBe(
      true,
    )
  })
})

test('copies one view of the source, whatever others write meanwhile', async () => {
  const { store } = await organisation()
  const to = await target()
  const before = await recordLines(store)
  let isDone = false
  let written = 0
  const progress = ({ phase }: CopyProgress) => {
    if (phase === 'verify') isDone = true
  }
  const copying = copyRecords(store, to, { progress, batchRows: 1 })
  // Plans come before messages: without one view a message of a plan that is not there would be met.
  while (!isDone) {
    const plan = await store.plans.create({
      name: `local/late-${written}`,
      actionName: 'local/build',
      description: 'x',
    })
    await store.messages.append({ ...message, content: 'late', metadata: { planId: plan.planId } })
    written += 1
  }
  expect(await copying).toMatchObject({ ok: true })
  expect(written).toBeGreaterThan(0)
  const copied = await recordLines(to)
  expect(copied.length).toBeLessThan((await recordLines(store)).length)
  expect(before.every((line) => copied.includes(line))).toBe(true)
})

describe('adds to a store with --merge', () => {
  test.each(placeNames)(
    'on %s: its rows stay, equal ones are counted, different ones are told',
    async (place) => {
      const from = await source()
      const to = await source(place)
      for (const store of [from, to]) {
        await store.messages.append({
          ...message,
          id: 'same',
          content: 'same',
          timestamp: '2026-01-31T00:00:00Z',
        })
        await store.tasks.create({ ...task, id: 'both', title: store === from ? 'from' : 'to' })
      }
      await to.tasks.create({ ...task, id: 'own' })
      await from.tasks.create({ ...task, id: 'new' })
      const report = await copyRecords(from, to, { merge: true })
      expect(report).toMatchObject({ ok: false, continued: false, problemCount: 1 })
      expect(report.problems).toEqual([
        {
          problem: 'different',
          table: 'tasks',
          id: 'both',
          column: null,
          reason: expect.stringContaining('other values'),
        },
      ])
      const byTable = Object.fromEntries(report.tables.map((table) => [table.table, table]))
      expect(byTable.tasks).toMatchObject({ rows: 2, stored: 1, different: 1, others: 1, verified: false })
      expect(byTable.messages).toMatchObject({ rows: 1, unchanged: 1, others: 0, verified: true })
      expect((await to.tasks.get('both'))?.title).toBe('to')
      expect([await to.tasks.count(), await to.messages.count()]).toEqual([3, 1])
    },
  )

  test('nothing is written where neither audit trail is the beginning of the other', async () => {
    const { store } = await organisation()
    const to = await source()
    await to.actions.create({ name: 'local/own', description: 'x' })
    await to.plans.create({ name: 'local/own', actionName: 'local/own', description: 'x' })
    const before = await recordLines(to)
    const failure = await failureOf(copyRecords(store, to, { merge: true }))
    expect(failure.message).toMatch(
      /audit trails of the source and the target went different ways.*nothing was written/,
    )
    expect(await recordLines(to)).toEqual(before)
  })

  test('an audit trail that is the beginning of the source’s goes on', async () => {
    const { store } = await organisation()
    const to = await target()
    await copyRecords(store, to)
    await to.messages.append({ ...message, content: 'own' })
    await store.as('ada').audit.append({ action: 'tool:call', subjectType: 'tool' })
    expect(await copyRecords(store, to, { merge: true })).toMatchObject({ ok: true })
    expect((await to.audit.head())?.hash).toBe((await store.audit.head())?.hash)
  })

  test('a store without an audit trail, or with the beginning of the target’s, is added to one that has more', async () => {
    const { store } = await organisation()
    const to = await target()
    await copyRecords(store, to)
    await to.as('ada').audit.append({ action: 'tool:call', subjectType: 'tool' })
    expect(await copyRecords(store, to, { merge: true })).toMatchObject({ ok: true })
    const without = await source()
    await without.messages.append({ ...message, id: 'other', content: 'from elsewhere' })
    expect(await copyRecords(without, to, { merge: true })).toMatchObject({ ok: true, problemCount: 0 })
    expect((await to.messages.get('other'))?.content).toBe('from elsewhere')
    expect((await to.audit.verify()).ok).toBe(true)
  })

  test('a plan whose name another plan of the target has is told', async () => {
    const from = await source()
    await from.actions.create({ name: 'local/act', description: 'x' })
    const plan = await from.plans.create({ name: 'local/one', actionName: 'local/act', description: 'x' })
    const to = await source()
    await copyRecords(from, to)
    withNewId(to, plan.planId)
    const report = await copyRecords(from, to, { merge: true })
    expect(report.problems).toMatchObject([{ problem: 'different', table: 'plans', id: plan.planId }])
  })
})

/** The plan of a file under another id, by hand. */
function withNewId(store: Store, id: string): void {
  damage(store.location, `UPDATE plans SET plan_id = 'other', root_plan_id = 'other' WHERE plan_id = '${id}'`)
}

describe('rows that the target cannot hold', () => {
  async function damaged(...statements: readonly string[]) {
    const path = scratchFile('source.db')
    const first = await opened(`sqlite:${path}`)
    await first.actions.create({ name: 'local/act', description: 'x' })
    const plan = await first.plans.create({ name: 'local/one', actionName: 'local/act', description: 'x' })
    for (const id of ['a', 'b', 'c']) await first.tasks.create({ ...task, id })
    await first.messages.append({ ...message, id: 'm', content: 'x' })
    await first.close()
    damageUnseen(path, 'plans', ...statements)
    return { store: await opened(`sqlite:${path}`), plan: plan.planId }
  }

  const columns = {
    nul: `UPDATE tasks SET description = '${CONTENT}' || char(0) || 'x' WHERE id = 'b'`,
    blob: `UPDATE tasks SET description = CAST('${CONTENT}' AS BLOB) WHERE id = 'b'`,
    notJson: `UPDATE tasks SET reviewers = '["${CONTENT}' WHERE id = 'b'`,
    noInstant: `UPDATE tasks SET created_at = '${CONTENT}' WHERE id = 'b'`,
  } as const
  const held: Readonly<Record<string, readonly (keyof typeof columns)[]>> = {
    sqlite: ['nul', 'blob', 'notJson', 'noInstant'],
    postgres: [],
    mariadb: ['nul', 'notJson'],
  }

  describe.each(placeNames)('on %s', (place) => {
    test.each(Object.keys(columns) as (keyof typeof columns)[])('%s', async (fault) => {
      const { store } = await damaged(columns[fault])
      const to = await target(place)
      if (held[place]?.includes(fault)) {
        expect(await copyRecords(store, to)).toMatchObject({ ok: true })
        expect(await recordLines(to)).toEqual(await recordLines(store))
        return
      }
      const failure = await failureOf(copyRecords(store, to))
      expect(failure).toBeInstanceOf(TransferError)
      expect(failure.message).toMatch(/the target cannot hold .*the row "b" of tasks: .*--on-error skip/)
      expect(failure.message).not.toContain(CONTENT)
      expect((failure as TransferError).transferred.stored).toBeGreaterThan(0)
      // What stood before it is there, and the next run goes on from it.
      expect(await to.tasks.get('a')).not.toBeNull()
      const report = await copyRecords(store, to, { onError: 'skip' })
      expect(report).toMatchObject({ ok: false, continued: true, problemCount: 1 })
      expect(report.problems).toMatchObject([{ problem: 'refused', table: 'tasks', id: 'b' }])
      expect(JSON.stringify(report)).not.toContain(CONTENT)
      if (fault !== 'notJson') {
        const column = fault === 'noInstant' ? 'created_at' : 'description'
        expect(report.problems[0]?.column).toBe(column)
      }
      const tasks = report.tables.find(({ table }) => table === 'tasks')
      expect(tasks).toMatchObject({ rows: 3, refused: 1, verified: false })
      expect(report.tables.filter(({ verified }) => !verified)).toHaveLength(1)
      expect([await to.tasks.count(), await to.messages.count()]).toEqual([2, 1])
    })

    test('words that no enumeration has', async () => {
      const { store, plan } = await damaged(
        "UPDATE plans SET phase = 'lost', state = 'found'",
        "UPDATE tasks SET status = 'lost', priority = 'odd' WHERE id = 'a'",
        "UPDATE messages SET type = 'shout'",
      )
      const to = await target(place)
      const report = await copyRecords(store, to, { onError: 'skip' })
      if (place === 'postgres') {
        // A check that holds for every session: the row is told, and nothing else is lost.
        expect(report.problems).toMatchObject([{ problem: 'refused', table: 'plans', id: plan }])
        return
      }
      expect(report).toMatchObject({ ok: true })
      expect(await recordLines(to)).toEqual(await recordLines(store))
    })
  })

  test.each(placeNames)('what a column is computed from may be no JSON on %s too', async (place) => {
    const { store } = await damaged("UPDATE messages SET metadata = '{\"task_id' WHERE id = 'm'")
    const to = await target(place)
    const report = await copyRecords(store, to, { onError: 'skip' })
    if (place === 'postgres') expect(report.problems).toMatchObject([{ table: 'messages', id: 'm' }])
    else expect(await recordLines(to)).toEqual(await recordLines(store))
  })

  test('an entry of the audit trail that was changed is copied, and found in the copy too', async () => {
    const { path, store } = await organisation()
    await store.close()
    damageUnseen(path, 'audit_entries', "UPDATE audit_entries SET actor = 'nobody' WHERE sequence = 2")
    const first = await opened(`sqlite:${path}`)
    for (const place of placeNames) {
      const to = await target(place)
      expect(await copyRecords(first, to)).toMatchObject({ ok: true })
      expect(await to.audit.verify()).toEqual(await first.audit.verify())
      expect((await to.audit.verify()).ok).toBe(false)
    }
  })

  test('an audit trail with a gap is held by no database, and every entry after it is told', async () => {
    const { path, store } = await organisation()
    const entries = Number((await store.audit.head())?.sequence)
    await store.close()
    damageUnseen(path, 'audit_entries', 'DELETE FROM audit_entries WHERE sequence = 3')
    const to = await target()
    const report = await copyRecords(await opened(`sqlite:${path}`), to, { onError: 'skip' })
    expect(report.problemCount).toBe(entries - 3)
    expect((await to.audit.head())?.sequence).toBe(2)
  })

  test('a plan whose parent is missing is told, with what stands below it', async () => {
    const { path, store, made } = await organisation()
    await store.close()
    damage(path, `UPDATE plans SET parent_plan_id = 'gone' WHERE plan_id = '${made.plans[1]}'`)
    const report = await copyRecords(await opened(`sqlite:${path}`), await target(), { onError: 'skip' })
    const refused = report.problems.map(({ table, id }) => `${table} ${id}`)
    // The child, its child, and the task that belongs to that.
    expect(refused).toEqual([`plans ${made.plans[1]}`, `plans ${made.plans[2]}`, 'tasks busy'].toSorted())
  })
})
