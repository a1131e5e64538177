// What the database itself refuses, by raw SQL past every repository: another profile of a plan
// that exists, and any audit entry that is changed, removed, or not the next.

import type Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { withDatabase } from '../support/database-content.ts'
import { migrateFile } from '../support/migrated.ts'
import { scratchFile } from '../support/scratch.ts'

async function onNewFile(work: (handle: Database.Database) => void): Promise<void> {
  const path = scratchFile()
  await migrateFile(path)
  withDatabase(
    path,
    (handle) => {
      handle.pragma('foreign_keys = on')
      work(handle)
    },
    false,
  )
}

const plan = `INSERT INTO plans (plan_id, root_plan_id, action_name, description, automation_profile_name, automation_profile_provenance, effective_profile_snapshot, created_at, updated_at)
VALUES ('p', 'p', 'a', 'd', 'balanced', 'global', '{"name":"balanced"}', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z')`

test('the profile of a plan cannot be changed, and everything else can', () =>
  onNewFile((handle) => {
    handle.exec(plan)
    const refused = /plans_profile_frozen/
    for (const change of [
      "automation_profile_name = 'manual'",
      "automation_profile_provenance = 'plan'",
      "effective_profile_snapshot = '{}'",
      'effective_profile_snapshot = \'{"name":"balanced"} \'',
      "description = 'x', automation_profile_name = 'manual'",
    ])
      expect(() => handle.exec(`UPDATE plans SET ${change}`), change).toThrow(refused)
    expect(() => handle.exec("UPDATE OR REPLACE plans SET automation_profile_name = 'manual'")).toThrow(
      refused,
    )
    expect(() => handle.exec("UPDATE OR IGNORE plans SET automation_profile_name = 'manual'")).toThrow(
      refused,
    )
    expect(() =>
      handle.exec(`${plan} ON CONFLICT (plan_id) DO UPDATE SET automation_profile_name = 'manual'`),
    ).toThrow(refused)
    handle.exec("UPDATE plans SET automation_profile_name = 'balanced', state = 'processing', version = 2")
    expect(handle.prepare('SELECT automation_profile_name, state FROM plans').raw().get()).toEqual([
      'balanced',
      'processing',
    ])
    handle.exec('DELETE FROM plans')
  }))

const entry = (
  sequence: number | null,
  previous: string,
  { id = `e-${sequence}`, hash = `h-${sequence}` } = {},
) =>
  `INTO audit_entries (id, sequence, timestamp, actor, action, subject_type, verdict, risk_level, previous_hash, hash)
VALUES ('${id}', ${sequence}, '2026-01-01T00:00:00.000Z', 'a', 'plan:use', 'plan', 'record', 'low', '${previous}', '${hash}')`

test('an audit entry is never changed, removed, replaced, or out of turn', () =>
  onNewFile((handle) => {
    const insert = (values: string, way = 'INSERT') => handle.exec(`${way} ${values}`)
    for (const sequence of [0, 2, -1, null])
      expect(() => insert(entry(sequence, '0'))).toThrow(/audit_entries_next/)
    insert(entry(1, '0'))
    insert(entry(2, 'h-1'))
    insert(entry(3, 'h-2'))
    const wrong: Readonly<Record<string, string>> = {
      'a number twice': entry(3, 'h-3', { id: 'other' }),
      'a number before': entry(1, 'h-3', { id: 'other' }),
      'a gap': entry(5, 'h-3'),
      'no number': entry(null, 'h-3', { id: 'other' }),
      'a link to the entry before the last': entry(4, 'h-2'),
      'a link to nothing': entry(4, ''),
      'an id twice': entry(4, 'h-3', { id: 'e-2' }),
    }
    for (const [name, values] of Object.entries(wrong)) {
      for (const way of ['INSERT', 'INSERT OR REPLACE', 'INSERT OR IGNORE', 'REPLACE'])
        expect(() => insert(values, way), `${name}, ${way}`).toThrow(/audit_entries_next/)
    }
    expect(() => insert(`${entry(3, 'h-2')} ON CONFLICT (sequence) DO UPDATE SET actor = 'b'`)).toThrow(
      /audit_entries_next/,
    )
    for (const change of ["actor = 'b'", 'sequence = 9', 'hash = hash'])
      expect(() => handle.exec(`UPDATE audit_entries SET ${change}`)).toThrow(/audit_entries_no_update/)
    for (const sql of ['DELETE FROM audit_entries', 'DELETE FROM audit_entries WHERE sequence = 3'])
      expect(() => handle.exec(sql)).toThrow(/audit_entries_no_delete/)
    insert(entry(4, 'h-3'))
    expect(handle.prepare('SELECT rowid, id, previous_hash FROM audit_entries').raw().all()).toEqual([
      [1, 'e-1', '0'],
      [2, 'e-2', 'h-1'],
      [3, 'e-3', 'h-2'],
      [4, 'e-4', 'h-3'],
    ])
  }))

test('no reference of any table is set to null when what it names goes', () =>
  onNewFile((handle) => {
    const keys = handle
      .prepare(
        `SELECT child.name, key."from", key."table", key.on_delete FROM sqlite_schema AS child JOIN pragma_foreign_key_list(child.name) AS key WHERE child.type = 'table' ORDER BY 1, 2`,
      )
      .raw()
      .all()
    expect(keys).toEqual([
      ['budget_holds', 'budget', 'budgets', 'CASCADE'],
      ['budget_notices', 'budget', 'budgets', 'CASCADE'],
      ['plans', 'parent_plan_id', 'plans', 'NO ACTION'],
      ['plans', 'root_plan_id', 'plans', 'NO ACTION'],
      ['tasks', 'plan_id', 'plans', 'NO ACTION'],
    ])
  }))
