// What a copy refuses, what it goes on with, and what it adds to.

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
} from '../../src/index.ts'
import { contentOf, withDatabase } from '../support/database-content.ts'
import { freshUrl } from '../support/fresh-url.ts'
import { makeAncestor } from '../support/legacy.ts'
import { migrateFile } from '../support/migrated.ts'
import { damage } from '../support/organisation.ts'
import { folderState, scratchFile, scratchFolder } from '../support/scratch.ts'
import { failureOf, message, organisation, task } from '../support/transfer/copy-samples.ts'
import { connected, opened, placeNames, source, target } from '../support/transfer/places.ts'
import { recordLines } from '../support/transfer/record-lines.ts'

const servers = placeNames.filter((place) => place !== 'sqlite')

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
    const { signal, progress } = interruptedAfter(10)
    expect((await failureOf(copyRecords(store, to, { signal, progress, batchRows: 2 }))).message).toBe(
      'enough',
    )
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
  // Plans come before messages: without one view a message of a plan that is not there would be
  // met.
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

/** The id of a cost record that both stores have. */
const SAME = '01J00000000000000000000001'

describe('adds to a store with --merge', () => {
  test.each(placeNames)(
    'on %s: its rows stay, equal ones are counted, different ones are told',
    async (place) => {
      const from = await source()
      const to = await source(place)
      // Messages and costs leave no audit entry: the trails of both are the same.
      const timestamp = '2026-01-31T00:00:00Z'
      const cost = { agentId: 'ada', provider: 'p', model: 'm', inputTokens: 1, outputTokens: 1, cost: '1' }
      for (const store of [from, to]) {
        await store.costRecords.append({ ...cost, id: SAME, timestamp })
        const content = store === from ? 'from' : 'to'
        await store.messages.append({ ...message, id: 'both', content, timestamp })
      }
      await to.messages.append({ ...message, id: 'own', content: 'own' })
      await from.messages.append({ ...message, id: 'new', content: 'new' })
      const report = await copyRecords(from, to, { merge: true })
      expect(report).toMatchObject({ ok: false, continued: false, problemCount: 1 })
      expect(report.problems).toEqual([
        {
          problem: 'different',
          table: 'messages',
          id: 'both',
          column: null,
          reason: expect.stringContaining('other values'),
        },
      ])
      const byTable = Object.fromEntries(report.tables.map((table) => [table.table, table]))
      expect(byTable.messages).toMatchObject({ rows: 2, stored: 1, different: 1, others: 1, verified: false })
      expect(byTable.cost_records).toMatchObject({ rows: 1, unchanged: 1, others: 0, verified: true })
      expect((await to.messages.get('both'))?.content).toBe('to')
      expect([await to.messages.count(), await to.costRecords.count()]).toEqual([3, 1])
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
