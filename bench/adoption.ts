// Rows about adoption: converting a million plans of an ancestor to records, against a plain copy
// of their rows with the same indexes, the minimum cost of any change of layout.

import { copyFileSync, rmSync } from 'node:fs'
import type Database from 'better-sqlite3'
import { createBackend } from '../src/index.ts'
import { openRaw } from './raw.ts'
import type { Row } from './row.ts'

/** Fewer give a quick impression; the target is for a million. */
const PLANS = Number(process.env.PURSER_BENCH_PLANS ?? 1_000_000)
/**
 * Plans of one tree: each plan's parent has a fourth of its number, except for one tree that is a
 * single chain.
 */
const TREE = 1000

interface Forest {
  readonly plans: number
  /** The length of the chain. */
  readonly chain: number
  /** The fraction of times, as SQL; none if it is empty. */
  readonly fraction: string
}

const microseconds = "printf('.%06d', (number * 7919) % 999999 + 1)"

/** The stored profiles of plans, in rotation. */
const profiles = [
  null,
  '',
  'balanced',
  'trusted',
  '{"profile_name": "full-auto", "provenance": "global"}',
  '{"profile_name": "supervised", "provenance": "plan"}',
  '{"profile_name": "made-up/careful", "provenance": "project"}',
  '"manual"',
]

export async function* adoptionRows(folder: string): AsyncGenerator<Row> {
  const many = { plans: PLANS, chain: 10_000 }
  for (const [workload, forest, isTarget] of [
    [`${PLANS.toLocaleString('en')} plans with times to the second`, { ...many, fraction: '' }, true],
    // The old text of every time is preserved as well, which is another copy of it; the target is
    // for the first.
    [
      `${PLANS.toLocaleString('en')} plans with times to the microsecond`,
      { ...many, fraction: microseconds },
      false,
    ],
    ['one chain of 100,000 plans', { plans: 100_000, chain: 100_000, fraction: '' }, true],
  ] as const) {
    const template = `${folder}/ancestor.db`
    await makeAncestor(template, forest)
    // Before and after, so that other load on the machine affects both.
    const before = await measured(template, folder, copyRows)
    const ours = await measured(template, folder, (path) => adopt(path, forest.plans))
    const raw = (before + (await measured(template, folder, copyRows))) / 2
    rmSync(template)
    yield {
      workload: `adopt ${workload}, against a copy of the rows`,
      unit: 'ms',
      ours,
      raw,
      ratio: raw / ours,
      target: isTarget ? { kind: 'at least', ratio: 0.33 } : { kind: 'none' },
    }
  }
}

/**
 * Milliseconds of some work on a copy of the file, until everything is in the file and it is
 * closed.
 */
async function measured(
  template: string,
  folder: string,
  work: (path: string) => Promise<void> | void,
): Promise<number> {
  const path = `${folder}/copy.db`
  copyFileSync(template, path)
  const started = performance.now()
  await work(path)
  const taken = performance.now() - started
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
  return taken
}

async function adopt(path: string, plans: number): Promise<void> {
  const store = createBackend(`sqlite:${path}`)
  await store.connect()
  const { rows, findings } = await store.migrate({ backup: false })
  await store.close()
  if (rows.plans !== plans || findings.total > 0) throw new Error('the plans were not adopted as they are')
}

function copyRows(path: string): void {
  const handle = openRaw(path)
  handle.exec(`BEGIN;
CREATE TABLE copied AS SELECT * FROM v3_plans;
CREATE UNIQUE INDEX copied_key ON copied (plan_id);
CREATE INDEX copied_created ON copied (created_at, plan_id);
CREATE INDEX copied_parent ON copied (parent_plan_id, created_at, plan_id) WHERE parent_plan_id IS NOT NULL;
CREATE INDEX copied_root ON copied (root_plan_id, created_at, plan_id);
CREATE INDEX copied_phase ON copied (phase, processing_state, created_at, plan_id);
CREATE INDEX copied_action ON copied (action_name, created_at, plan_id);
CREATE UNIQUE INDEX copied_name ON copied (namespaced_name) WHERE parent_plan_id IS NULL;
COMMIT`)
  handle.close()
}

/** The ancestor's tables are those of the first version, without Purser's ledger. */
async function makeAncestor(path: string, forest: Forest): Promise<void> {
  const store = createBackend(`sqlite:${path}`)
  await store.connect()
  await store.migrate({ to: 1 })
  await store.close()
  const handle = openRaw(path)
  handle.exec('DROP TABLE purser_migrations')
  fill(handle, forest)
  handle.pragma('journal_mode = delete')
  handle.close()
}

function fill(handle: Database.Database, { plans, chain, fraction }: Forest): void {
  const id = (number: string) => `printf('01HPLAN%019d', ${number})`
  const time = (seconds: string) =>
    `strftime('%Y-%m-%dT%H:%M:%S', 1700000000 + number * 7 + ${seconds}, 'unixepoch') || ${fraction || "''"} || '+00:00'`
  handle.exec(`BEGIN;
INSERT INTO actions (namespaced_name, namespace, name, description, created_at, updated_at)
SELECT 'made-up/action-' || value, 'made-up', 'action-' || value, 'Made up', '2023-01-01T00:00:00+00:00', '2023-01-01T00:00:00+00:00' FROM ${numbers(20)};
`)
  handle
    .prepare(
      `INSERT INTO v3_plans (plan_id, parent_plan_id, namespaced_name, namespace, action_name, description, definition_of_done, phase, processing_state, automation_profile, strategy_actor, execution_actor, decision_root_id, sandbox_refs_json, validation_summary_json, created_at, updated_at, strategize_started_at, execute_started_at, execute_completed_at, applied_at, completed_at)
SELECT ${id('number')},
  CASE WHEN number = 0 OR number >= ${chain} AND number % ${TREE} = 0 THEN NULL WHEN number < ${chain} THEN ${id('number - 1')} ELSE ${id(`number - number % ${TREE} + (number % ${TREE}) / 4`)} END,
  'made-up/plan-' || number, 'made-up', 'made-up/action-' || (number % 20),
  printf('Plan %d: %.*c', number, 40 + number % 160, 'x'), CASE WHEN number % 2 THEN 'All of it is done' END,
  'apply', 'applied', json_extract(?, '$[' || (number % ${profiles.length}) || ']'),
  'made-up/planner', 'made-up/coder', ${id('number')}, '["worktree/plan-' || number || '/0"]', '{"passed": true, "turns": ' || (number % 9) || '}',
  ${time('0')}, ${time('60')}, ${time('1')}, ${time('2')}, ${time('59')}, ${time('60')}, ${time('60')}
FROM (SELECT value AS number FROM ${numbers(plans)})`,
    )
    .run(JSON.stringify(profiles))
  handle.exec(`
INSERT INTO plan_projects (plan_id, project_name, alias) SELECT plan_id, namespaced_name, 'main' FROM v3_plans WHERE parent_plan_id IS NULL OR rowid % 10 = 0;
INSERT INTO plan_arguments (plan_id, name, value_json, position) SELECT plan_id, 'prompt', json_quote(description), 0 FROM v3_plans WHERE rowid % 10 = 0;
INSERT INTO plan_arguments (plan_id, name, value_json, position) SELECT plan_id, 'options', '{"fast": true}', 1 FROM v3_plans WHERE rowid % 20 = 0;
INSERT INTO plan_invariants (plan_id, invariant_text, source, position) SELECT plan_id, 'Runs everywhere', 'project', 0 FROM v3_plans WHERE parent_plan_id IS NULL;
COMMIT`)
}

/** A table of the numbers below `count`. */
function numbers(count: number): string {
  return `(WITH RECURSIVE counted (value) AS (SELECT 0 UNION ALL SELECT value + 1 FROM counted WHERE value < ${count - 1}) SELECT value FROM counted)`
}
