// What a copy does with rows that the target cannot hold: each is told, and nothing of what it
// holds.

import { describe, expect, test } from 'vitest'
import { copyRecords, TransferError } from '../../src/index.ts'
import { CONTENT, damage, damageUnseen } from '../support/organisation.ts'
import { scratchFile } from '../support/scratch.ts'
import { failureOf, message, organisation, task } from '../support/transfer/copy-samples.ts'
import { opened, placeNames, target } from '../support/transfer/places.ts'
import { recordLines } from '../support/transfer/record-lines.ts'

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
