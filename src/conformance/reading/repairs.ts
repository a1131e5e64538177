// Repairs: findings of the doctor that Purser can fix by itself. A plan changes nothing; each
// repair is recorded in the audit trail, the original value is kept, and nothing else is touched.

import assert from 'node:assert/strict'
import { InvalidRecordError } from '../../errors.ts'
import type { DoctorCheck, Repair, Store } from '../../index.ts'
import { type ConformanceCase, feature, openAt } from '../support/case.ts'
import { openForDamage, taskCell } from '../support/damage.ts'
import { collect, rejection } from '../support/expect.ts'
import { newCost, newPlan } from '../support/samples.ts'

async function failures(store: Store): Promise<readonly DoctorCheck[]> {
  return (await store.doctor()).checks.filter(({ status }) => status === 'fail')
}

const summaryOf = ({ kind, table, id, column, before, after }: Repair) => [
  kind,
  table,
  id,
  column,
  before,
  after,
]

async function fixes(store: Store) {
  const entries = await collect(store.audit.each())
  return entries.filter(({ action }) => action === 'doctor:fix').toReversed()
}

export const repairCases: readonly ConformanceCase[] = [
  {
    id: 'H9',
    name: 'U15: a task with the status weird is put right as planned, audited, and the word kept; nothing else is touched',
    needs: ['cells'],
    async run(harness) {
      const { store, place, write, read } = await openForDamage(harness)
      const { planId } = await store.plans.create(newPlan())
      await store.tasks.update('b', { planId }, { version: 1 })
      await write(taskCell('status'), 'weird')
      await write(taskCell('priority'), 'no word at all, but a sentence')
      await write(taskCell('title', 'a'), 'kept')
      const plan = await store.repairPlan()
      assert.deepEqual(plan.repairs.map(summaryOf), [
        ['value', 'tasks', 'b', 'priority', null, 'medium'],
        ['value', 'tasks', 'b', 'status', 'weird', 'interrupted'],
      ])
      assert.deepEqual(plan.left, [])
      assert.ok(!JSON.stringify(plan).includes('sentence'), 'what is no word is not told')
      assert.equal(await read(taskCell('status')), 'weird')
      assert.equal((await fixes(store)).length, 0)
      const before = await store.tasks.get('a')
      const report = await store.as('ada').repair(plan)
      assert.deepEqual([report.done.length, report.failed], [2, []])
      const task = await store.tasks.get('b')
      assert.deepEqual(
        [task?.status, task?.priority, task?.version, task?.unreadable],
        ['interrupted', 'medium', 3, []],
      )
      assert.deepEqual(await store.tasks.get('a'), before)
      const [entry, ...others] = await fixes(store)
      assert.deepEqual(others, [])
      assert.deepEqual(
        [entry?.actor, entry?.subjectType, entry?.subjectId, entry?.taskId, entry?.planId],
        ['ada', 'task', 'b', 'b', planId],
      )
      assert.deepEqual(entry?.details, {
        changes: [
          { column: 'priority', before: null, after: 'medium' },
          { column: 'status', before: 'weird', after: 'interrupted' },
        ],
      })
      const { items } = await store.findings()
      assert.deepEqual(
        items.map(({ table, rowId, column, problem, original, migration }) => [
          table,
          rowId,
          column,
          problem,
          original,
          migration,
        ]),
        [
          ['tasks', 'b', 'priority', 'word-unknown', 'no word at all, but a sentence', 0],
          ['tasks', 'b', 'status', 'word-unknown', 'weird', 0],
        ],
      )
      assert.deepEqual(await failures(store), [])
      assert.equal((await store.audit.verify()).ok, true)
      const again = await openAt(harness, place)
      assert.deepEqual(await again.repairPlan(), { repairs: [], left: [], more: { repairs: 0, left: 0 } })
    },
  },
  {
    id: 'H10',
    name: 'U15: a record that has changed since the plan was made is left to whoever changed it, and half of a plan can be made',
    needs: ['cells'],
    async run(harness) {
      const { store, write, read } = await openForDamage(harness)
      await write(taskCell('status'), 'weird')
      await write(taskCell('status', 'c'), 'odd')
      const plan = await store.repairPlan()
      await write(taskCell('status'), 'failed')
      const { done, failed } = await store.repair(plan)
      assert.deepEqual(
        done.map(({ id }) => id),
        ['c'],
      )
      assert.deepEqual(
        failed.map(({ id, reason }) => [id, reason]),
        [['b', 'the record has changed since the plan was made']],
      )
      assert.equal(await read(taskCell('status')), 'failed')
      assert.deepEqual((await store.findings()).items.length, 1)
      const [fix] = plan.repairs
      assert.ok(fix)
      const forged = { repairs: [{ ...fix, after: 'completed' }] }
      assert.equal((await store.repair(forged)).failed.length, 1)
      await rejection(InvalidRecordError, () => store.repair({ repairs: [{ kind: 'drop' }] } as never))
    },
  },
  {
    id: 'H11',
    name: 'U15: words that two stores put right at once are put right once',
    needs: ['cells', 'shared'],
    async run(harness) {
      const { store, place, write } = await openForDamage(harness)
      const other = await openAt(harness, place)
      await write(taskCell('status'), 'weird')
      const plan = await store.repairPlan()
      const reports = await Promise.all([store.repair(plan), other.repair(plan)])
      assert.equal(reports.flatMap(({ done }) => done).length, 1)
      assert.equal((await fixes(store)).length, 1)
      assert.equal((await store.findings()).items.length, 1)
      assert.equal((await store.tasks.get('b'))?.version, 2)
    },
  },
  {
    id: 'H12',
    name: 'U15: totals that differ get what they lack, whoever appends meanwhile, and whoever puts them right at once',
    needs: ['sql', 'shared'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      for (const agentId of ['a', 'b', 'a']) await store.costRecords.append(newCost({ agentId }))
      const sql = feature(harness, 'sql')
      await sql(place, 'UPDATE cost_totals SET cost = cost + 7 WHERE dimension = ? AND member = ?', [
        'agent',
        'a',
      ])
      await sql(place, 'DELETE FROM cost_totals WHERE dimension = ?', ['model'])
      await sql(place, 'UPDATE cost_totals SET member = ? WHERE dimension = ?', ['ghost', 'provider'])
      const plan = await store.repairPlan()
      assert.deepEqual(plan.repairs.map(({ kind, table, column }) => [kind, table, column]).toSorted(), [
        ['totals', 'cost_totals', 'agent'],
        ['totals', 'cost_totals', 'model'],
        ['totals', 'cost_totals', 'provider'],
      ])
      const other = await openAt(harness, place)
      const appended = Array.from({ length: 20 }, () => store.costRecords.append(newCost({ agentId: 'a' })))
      const reports = await Promise.all([store.repair(plan), other.repair(plan), ...appended])
      assert.deepEqual([reports[0].failed, reports[1].failed], [[], []])
      assert.deepEqual(await failures(store), [])
      assert.equal((await fixes(store)).length, 3)
      assert.equal(
        (await sql(place, 'SELECT count(*) FROM cost_totals WHERE member = ?', ['ghost']))
          .flat()
          .map(Number)[0],
        0,
      )
    },
  },
  {
    id: 'H13',
    name: 'U15: what nobody can put right by itself is listed with what to do, and left as it is',
    needs: ['cells', 'guards'],
    async run(harness) {
      const { store, place, write, read } = await openForDamage(harness)
      await write(taskCell('reviewers'), '{"a": 1}')
      await store.tasks.transition('c', 'cancelled', { version: 1 })
      const [entry] = await collect(store.audit.each())
      assert.ok(entry)
      const cell = { table: 'audit_entries', id: entry.id, column: 'matched_rules' }
      await feature(harness, 'guards').lift(place, 'audit_entries', () => write(cell, '{"a": 1}'))
      const { repairs, left } = await store.repairPlan()
      assert.deepEqual(repairs, [])
      assert.deepEqual(left.map(({ table, id, column }) => [table, id, column]).toSorted(), [
        ['audit_entries', entry.id, 'matched_rules'],
        ['tasks', 'b', 'reviewers'],
      ])
      assert.ok(left.every(({ next }) => next.length > 0))
      assert.equal(await read(taskCell('reviewers')), '{"a": 1}')
    },
  },
]
