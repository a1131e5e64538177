// Q1–Q4: budgets as records: created, changed by version, deleted, audited; what is refused.

import assert from 'node:assert/strict'
import {
  DuplicateRecordError,
  InvalidRecordError,
  RecordNotFoundError,
  VersionConflictError,
} from '../../errors.ts'
import type { NewBudget } from '../../index.ts'
import { type ConformanceCase, openFresh } from '../support/case.ts'
import { codesOf, collect, rejection, tally } from '../support/expect.ts'
import { fullBudget, newBudget, newPlan, newTask } from '../support/samples.ts'

export const budgetCases: readonly ConformanceCase[] = [
  {
    id: 'Q1',
    name: 'a budget is read as it was written; lists are by name and filter by scope, target, currency and activity',
    async run(harness) {
      const { budgets } = await openFresh(harness)
      const full = await budgets.create(fullBudget())
      assert.deepEqual(await budgets.get(full.name), full)
      const { createdAt, updatedAt, version, unreadable, ...given } = full
      assert.deepEqual(given, fullBudget())
      assert.deepEqual([createdAt, version, unreadable], [updatedAt, 1, []])
      const plain = await budgets.create(newBudget())
      assert.deepEqual(
        [plain.timeZone, plain.currency, plain.warnAt, plain.whenExceeded, plain.active, plain.target],
        ['UTC', 'USD', 0.8, 'refuse', true, null],
      )
      assert.deepEqual((await budgets.list()).items, [plain, full])
      assert.deepEqual(await collect(budgets.each({ active: true })), [plain])
      assert.deepEqual((await budgets.list({ scope: 'project', target: 'parser' })).items, [full])
      assert.deepEqual([await budgets.count({ currency: 'EUR' }), await budgets.count()], [1, 2])
      await rejection(DuplicateRecordError, () => budgets.create(newBudget()))
    },
  },
  {
    id: 'Q2',
    name: 'of eight changes based on one version exactly one is made; each change has an entry that names fields and no content',
    async run(harness) {
      const store = await openFresh(harness)
      const budget = await store.budgets.create(newBudget())
      const limits = Array.from({ length: 8 }, (_, index) => String(index + 2))
      const results = await Promise.allSettled(
        limits.map((limit) => store.budgets.update(budget.name, { limit }, budget)),
      )
      assert.deepEqual(tally(codesOf(results)), { stored: 1, VERSION_CONFLICT: 7 })
      const changed = await store
        .as('ada')
        .budgets.update(
          budget.name,
          { warnAt: 0, whenExceeded: 'warn', active: false, timeZone: 'Asia/Kolkata' },
          { version: 2 },
        )
      assert.deepEqual(await store.budgets.get(budget.name), changed)
      assert.equal(changed.version, 3)
      await rejection(VersionConflictError, () => store.budgets.update(budget.name, { limit: '1' }, budget))
      await rejection(RecordNotFoundError, () => store.budgets.update('none', { limit: '1' }, { version: 1 }))
      assert.deepEqual(
        [await store.budgets.delete(budget.name), await store.budgets.delete(budget.name)],
        [true, false],
      )
      const entries = await collect(store.audit.each({ subjectType: 'budget' }))
      const told = entries.map(({ action, subjectId, actor, details }) =>
        JSON.stringify({ action, subjectId, actor, details }),
      )
      const of = (action: string, actor: string, details: unknown) =>
        JSON.stringify({ action: `budget:${action}`, subjectId: budget.name, actor, details })
      const fields = ['timeZone', 'warnAt', 'whenExceeded', 'active']
      assert.deepEqual(
        told.toSorted(),
        [
          of('create', 'system', { version: 1 }),
          of('update', 'system', { fields: ['limit'], version: 2 }),
          of('update', 'ada', { fields, version: 3 }),
          of('delete', 'system', null),
        ].toSorted(),
      )
    },
  },
  {
    id: 'Q3',
    name: 'budgets that make no sense are refused: limits, shares, zones, scopes without what they need, targets that are not there',
    async run(harness) {
      const { budgets, plans, tasks } = await openFresh(harness)
      const refused: readonly (readonly [string, Partial<Record<keyof NewBudget, unknown>>])[] = [
        ['limit', { limit: '-1' }],
        ['limit', { limit: -0.5 }],
        ['limit', { limit: 'lots' }],
        ['limit', { limit: Number.NaN }],
        ['limit', { limit: '9223372036.854775808' }],
        ['limit', { limit: '0.0000000001' }],
        ['warnAt', { warnAt: -0.1 }],
        ['warnAt', { warnAt: 1.1 }],
        ['warnAt', { warnAt: '0.5' }],
        ['warnAt', { warnAt: Number.NaN }],
        ['timeZone', { timeZone: 'Mars/Olympus' }],
        ['timeZone', { timeZone: '+02:00' }],
        ['timeZone', { timeZone: ' ' }],
        ['name', { name: '' }],
        ['name', { name: ' \t' }],
        ['name', { name: 'x'.repeat(256) }],
        ['target', { target: 'purser' }],
        ['target', { scope: 'agent' }],
        ['target', { scope: 'agent', target: ' ' }],
        ['target', { scope: 'plan', target: 'no such plan' }],
        ['target', { scope: 'task', target: 'no such task' }],
        ['scope', { scope: 'planet', target: 'earth' }],
        ['period', { period: 'year' }],
        ['currency', { currency: 'usd' }],
        ['whenExceeded', { whenExceeded: 'pray' }],
        ['version', { version: 1 } as never],
      ]
      for (const [field, changes] of refused) {
        const error = await rejection(
          InvalidRecordError,
          () => budgets.create(newBudget(changes as Partial<NewBudget>)),
          JSON.stringify(changes),
        )
        const named = error.issues.map(({ path }) => path[0] ?? 'version')
        assert.ok(named.includes(field), `${JSON.stringify(changes)}: ${error.message}`)
      }
      assert.equal(await budgets.count(), 0)
      const plan = await plans.create(newPlan())
      const task = await tasks.create(newTask())
      await budgets.create(newBudget({ name: 'plan', scope: 'plan', target: plan.planId }))
      const ofTask = await budgets.create(newBudget({ name: 'task', scope: 'task', target: task.id }))
      await rejection(InvalidRecordError, () => budgets.update('task', { target: 'none' }, ofTask))
      await rejection(InvalidRecordError, () => budgets.update('task', { scope: 'everything' }, ofTask))
      await rejection(InvalidRecordError, () => budgets.update('task', { timeZone: 'Nowhere' }, ofTask))
      await rejection(InvalidRecordError, () => budgets.update('task', { name: 'other' } as never, ofTask))
      assert.deepEqual(await budgets.get('task'), ofTask)
    },
  },
  {
    id: 'Q4',
    name: 'a budget is created, changed and deleted inside a transaction, which can be undone',
    async run(harness) {
      const store = await openFresh(harness)
      const failure = new Error('undone')
      await assert.rejects(
        store.transaction(async (tx) => {
          const budget = await tx.budgets.create(newBudget())
          await tx.budgets.update(budget.name, { limit: '2' }, budget)
          await tx.budgets.reserve({ agentId: 'a', estimate: '1' })
          throw failure
        }),
        failure,
      )
      assert.equal(await store.budgets.count(), 0)
      assert.equal(await store.audit.count({ subjectType: 'budget' }), 0)
      const kept = await store.transaction((tx) => tx.budgets.create(newBudget()))
      assert.deepEqual(await store.budgets.get(kept.name), kept)
    },
  },
]
