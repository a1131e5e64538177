// Q15–Q16: a cost is always recorded; its answer names the budgets that it reached, and an event
// says so once per period.

import assert from 'node:assert/strict'
import { events, type Store } from '../../index.ts'
import { type ConformanceCase, openAt, openFresh } from '../support/case.ts'
import { newBudget, newCost, newPlan } from '../support/samples.ts'

function listen(store: Store): string[] {
  const told: string[] = []
  for (const event of [events.budgetWarned, events.budgetExceeded]) {
    store.on(event, ({ name, share }) => told.push(`${event.split('.').at(-1)} ${name} ${share}`))
  }
  return told
}

export const budgetNoticeCases: readonly ConformanceCase[] = [
  {
    id: 'Q15',
    name: 'an append says which budgets it reached, and events once per period; within its budgets it says nothing',
    async run(harness) {
      const store = await openFresh(harness)
      const told = listen(store)
      await store.budgets.create(newBudget({ name: 'all', limit: '1', period: 'day', warnAt: 0.5 }))
      await store.budgets.create(
        newBudget({ name: 'agent', scope: 'agent', target: 'agent-9', limit: '0', whenExceeded: 'warn' }),
      )
      const quiet = await store.costRecords.append(newCost({ cost: '0.49' }))
      assert.ok(!('budgets' in quiet))
      assert.deepEqual(await store.costRecords.get(quiet.id), quiet)
      assert.deepEqual(told, [])
      const warned = await store.costRecords.append(newCost({ cost: '0.01' }))
      const { budgets: notices, ...record } = warned
      assert.deepEqual(await store.costRecords.get(record.id), record)
      const [status] = await store.budgets.status({ name: 'all' })
      assert.deepEqual(notices, [
        {
          ...{ budget: 'all', level: 'warned', spent: '0.5', limit: '1', currency: 'USD', share: 0.5 },
          period: status?.period,
        },
      ])
      assert.deepEqual(told, ['warned all 0.5'])
      const many = await store.costRecords.appendMany([
        newCost({ cost: '0.4', agentId: 'agent-9' }),
        newCost({ cost: '0.4' }),
        newCost({ cost: '5', currency: 'EUR' }),
      ])
      assert.deepEqual(
        many.map(({ budgets = [] }) =>
          budgets.map(({ budget, level, share }) => `${budget} ${level} ${share}`),
        ),
        [['agent exceeded 1', 'all exceeded 1.3'], ['all exceeded 1.3'], []],
      )
      assert.deepEqual(told.slice(1).sort(), ['exceeded agent 1', 'exceeded all 1.3', 'warned agent 1'])
      await store.costRecords.append(newCost({ cost: '1' }))
      assert.equal(told.length, 4)
      assert.equal(await store.costRecords.count(), 6)
    },
  },
  {
    id: 'Q15b',
    name: 'in a transaction the answer counts what it wrote, and events come after the commit, or never',
    async run(harness) {
      const store = await openFresh(harness)
      const told = listen(store)
      const plan = await store.plans.create(newPlan())
      await store.budgets.create(newBudget({ limit: '1', scope: 'plan', target: plan.planId }))
      await store.budgets.reserve({ agentId: 'a', estimate: '0', planId: plan.planId })
      const over = newCost({ cost: '1.5', planId: plan.planId })
      const failure = new Error('undone')
      await assert.rejects(
        store.transaction(async (tx) => {
          const { budgets } = await tx.costRecords.append(over)
          assert.deepEqual(
            budgets?.map(({ level }) => level),
            ['exceeded'],
          )
          throw failure
        }),
        failure,
      )
      assert.deepEqual(told, [])
      await store.transaction(async (tx) => {
        await tx.costRecords.append(over)
        assert.deepEqual(told, [])
      })
      assert.deepEqual(told, ['warned all 1.5', 'exceeded all 1.5'])
    },
  },
  {
    id: 'Q16',
    name: 'of several stores at one place one publishes the event of a period',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const stores = [
        await openAt(harness, place),
        await openAt(harness, place),
        await openAt(harness, place),
      ]
      const told = stores.map(listen)
      await (stores[0] as Store).budgets.create(newBudget({ limit: '0.1', period: 'month' }))
      // Another store knows of the first budget after a moment.
      for (const store of stores) {
        let notices: readonly unknown[] | undefined
        while (!notices) ({ budgets: notices } = await store.costRecords.append(newCost({ cost: '0.1' })))
      }
      await Promise.all(stores.map((store) => store.costRecords.append(newCost({ cost: '0.1' }))))
      assert.deepEqual(
        told
          .flat()
          .map((text) => text.split(' ')[0])
          .sort(),
        ['exceeded', 'warned'],
      )
    },
  },
]
