// Drift and the doctor: a healthy database has no findings, each damage is found by its check and
// by no other, and problems of a database are reported, never thrown. Damage of files is specific
// to an engine, and not covered here.

import assert from 'node:assert/strict'
import { MigrationError } from '../../errors.ts'
import type { DoctorCheck, DoctorCheckName, Store } from '../../index.ts'
import { type ConformanceCase, feature, openAt, openFresh } from '../support/case.ts'
import { rejection } from '../support/expect.ts'
import type { ConformanceHarness } from '../support/harness.ts'
import { newAction, newCost, newMessage, newPlan, newTask, takenOver } from '../support/samples.ts'

/** A store with some of every record, at a location whose rows can be changed behind its back. */
async function openUsed(harness: ConformanceHarness) {
  const place = harness.newPlace()
  const store = await openAt(harness, place)
  await store.actions.create(newAction())
  const root = await store.plans.create(newPlan())
  const child = await store.plans.create(newPlan({ parentPlanId: root.planId }))
  const leaf = await store.plans.create(newPlan({ parentPlanId: child.planId }))
  await store.tasks.create(newTask({ id: 'idle' }))
  await store.tasks.create(newTask({ id: 'busy', assignedTo: 'bo', status: 'in_progress' }), takenOver())
  for (const agentId of ['a', 'b', 'a']) await store.costRecords.append(newCost({ agentId }))
  await store.messages.append(newMessage())
  return { place, store, ids: [root.planId, child.planId, leaf.planId] as const }
}

async function notWell(store: Store): Promise<readonly DoctorCheck[]> {
  return (await store.doctor()).checks.filter(({ status }) => status !== 'ok')
}

/** The only check that does not pass, which must be this one, and failed. */
async function onlyFailure(store: Store, name: DoctorCheckName): Promise<DoctorCheck> {
  const checks = await notWell(store)
  assert.deepEqual(
    checks.map((check) => [check.name, check.status]),
    [[name, 'fail']],
  )
  const [check] = checks
  assert.ok(check?.next, 'it is said what to do')
  return check
}

export const examinationCases: readonly ConformanceCase[] = [
  {
    id: 'H1',
    name: 'a database that Purser made has no drift and is well, empty or with some of every record',
    async run(harness) {
      const fresh = await openFresh(harness)
      assert.deepEqual([await fresh.drift(), await notWell(fresh)], [[], []])
      const { store } = await openUsed(harness)
      assert.deepEqual([await store.drift(), await notWell(store)], [[], []])
      assert.equal((await store.doctor()).ok, true)
      assert.deepEqual(await store.findings(), { items: [], nextCursor: null, corrupt: [] })
    },
  },
  {
    id: 'H2',
    name: 'a table that is gone is drift; checks that need it fail with the reason, the others are made',
    needs: ['sql'],
    async run(harness) {
      const { store, place } = await openUsed(harness)
      await feature(harness, 'sql')(place, 'DROP TABLE automation_profiles')
      const [difference, ...others] = await store.drift()
      assert.deepEqual(others, [])
      assert.equal(difference?.table, 'automation_profiles')
      assert.equal(difference?.kind, 'table')
      assert.equal(difference?.live, null)
      assert.deepEqual(
        (await notWell(store)).map(({ name }) => name),
        ['schema drift', 'unreadable columns'],
      )
    },
  },
  {
    id: 'H3',
    name: 'a database that is not migrated is not compared, and the doctor says what to do',
    async run(harness) {
      const store = harness.newPlace().create()
      harness.closeAfterwards(store)
      await store.connect()
      await rejection(MigrationError, () => store.drift())
      const { ok, checks } = await store.doctor()
      assert.equal(ok, false)
      assert.equal(checks[0]?.name, 'ledger')
      assert.match(checks[0]?.next ?? '', /purser migrate/)
    },
  },
  {
    id: 'H4',
    name: 'the doctor finds a wrong root, and a cycle of parents',
    needs: ['sql'],
    async run(harness) {
      const { store, place, ids } = await openUsed(harness)
      const [root, child, leaf] = ids
      const sql = feature(harness, 'sql')
      await sql(place, 'UPDATE plans SET root_plan_id = ? WHERE plan_id = ?', [child, leaf])
      const wrongRoot = await onlyFailure(store, 'plan trees')
      assert.deepEqual([wrongRoot.count, wrongRoot.detail.includes(leaf)], [1, true])
      await sql(place, 'UPDATE plans SET parent_plan_id = ? WHERE plan_id = ?', [child, root])
      const cycle = await onlyFailure(store, 'plan trees')
      assert.equal(cycle.count, 3)
      assert.ok(cycle.detail.includes(root) && cycle.detail.includes(child))
    },
  },
  {
    id: 'H5',
    name: 'the doctor counts values that cannot be read, by column, and names their rows',
    needs: ['cells'],
    async run(harness) {
      const { store, place } = await openUsed(harness)
      const { write } = feature(harness, 'cells')
      await write(place, { table: 'tasks', id: 'idle', column: 'reviewers' }, '{"a": 1}')
      await write(place, { table: 'tasks', id: 'busy', column: 'priority' }, 'odd')
      const { count, detail } = await onlyFailure(store, 'unreadable columns')
      assert.equal(count, 2)
      assert.match(detail, /tasks\.reviewers of 1 row \(idle\)/)
      assert.match(detail, /tasks\.priority of 1 row \(busy\)/)
    },
  },
  {
    id: 'H6',
    name: 'the doctor finds a task whose status its assignee contradicts',
    needs: ['sql'],
    async run(harness) {
      const { store, place } = await openUsed(harness)
      await feature(harness, 'sql')(place, 'UPDATE tasks SET assigned_to = NULL WHERE id = ?', ['busy'])
      const { count, detail } = await onlyFailure(store, 'task assignees')
      assert.deepEqual([count, detail.includes('busy')], [1, true])
    },
  },
  {
    id: 'H7',
    name: 'the doctor finds a total that is off by a billionth',
    needs: ['sql'],
    async run(harness) {
      const { store, place } = await openUsed(harness)
      await feature(harness, 'sql')(
        place,
        'UPDATE cost_totals SET cost = cost + 1 WHERE dimension = ? AND member = ?',
        ['agent', 'a'],
      )
      const { count, detail } = await onlyFailure(store, 'cost totals')
      assert.deepEqual([count, detail.includes('1 by agent')], [1, true])
    },
  },
  {
    id: 'H8',
    name: 'the doctor finds an audit entry that was changed',
    needs: ['sql', 'guards'],
    async run(harness) {
      const { store, place } = await openUsed(harness)
      const sql = feature(harness, 'sql')
      await feature(harness, 'guards').lift(place, 'audit_entries', async () => {
        await sql(place, 'UPDATE audit_entries SET actor = ? WHERE sequence = 2', ['nobody'])
      })
      const { detail } = await onlyFailure(store, 'audit chain')
      assert.match(detail, /^entry 2 was changed/)
    },
  },
]
