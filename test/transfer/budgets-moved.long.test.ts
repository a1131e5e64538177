// Budgets go through every engine and through a file of records: as they are, with what was spent,
// and without what was held; afterwards they hold and refuse as they did.

import { expect, test } from 'vitest'
import { newBudget, newCost, newPlan, newProfile } from '../../src/conformance/support/samples.ts'
import {
  BudgetExceededError,
  copyRecords,
  exportRecords,
  importRecords,
  type Store,
} from '../../src/index.ts'
import { placeNames, source, target } from '../support/transfer/places.ts'

const call = { agentId: 'agent-1', project: null }

/** Budgets in use: with costs, holds, one by a plan's frozen profile, and one that rests. */
async function inUse(): Promise<{ readonly store: Store; readonly planId: string }> {
  const store = await source()
  const { name } = await store.automationProfiles.create(
    newProfile({ guards: { maxCostUsd: 0.9, maxToolCalls: 2 } }),
  )
  const { planId } = await store.plans.create(newPlan({ automationProfile: name }))
  await store.budgets.create(newBudget({ name: 'all', limit: '1.000000001', period: 'month', warnAt: 0.25 }))
  await store.budgets.create(
    newBudget({ name: 'agent', scope: 'agent', target: 'agent-1', limit: '5', timeZone: 'Asia/Kolkata' }),
  )
  await store.budgets.create(newBudget({ name: 'rests', active: false, whenExceeded: 'warn', limit: '0' }))
  await store.budgets.update('agent', { limit: '4' }, { version: 1 })
  const { id } = await store.budgets.reserve({ ...call, planId, estimate: '0.5' })
  await store.costRecords.append(
    newCost({ ...call, planId, cost: '0.25', timestamp: new Date(), reservationId: id }),
  )
  await store.budgets.reserve({ ...call, planId, estimate: '0.125' })
  expect(await store.plans.mayUse(planId, 'editor')).toBe(true)
  return { store, planId }
}

async function budgetsOf(store: Store) {
  return (await store.budgets.status()).map(({ held: _, remaining: __, ...status }) => status)
}

/** What the moved budgets say and refuse. */
async function assertMoved(store: Store, planId: string, before: readonly object[]): Promise<void> {
  expect(await budgetsOf(store)).toEqual(before)
  for (const { budget, held } of await store.budgets.status()) expect(held, budget.name).toBe('0')
  const { budgets } = await store.budgets.reserve({ ...call, planId, estimate: '0.65' })
  expect(budgets).toEqual(['agent', 'all', `guard:${planId}`])
  const refused = store.budgets.reserve({ ...call, planId, estimate: '0.1' })
  await expect(refused).rejects.toMatchObject({ budget: `guard:${planId}`, spent: '0.25', held: '0.65' })
  await expect(refused).rejects.toBeInstanceOf(BudgetExceededError)
  // The number of calls is in the audit trail, which came along.
  expect([await store.plans.mayUse(planId, 'editor'), await store.plans.mayUse(planId, 'editor')]).toEqual([
    true,
    false,
  ])
  const { checks } = await store.doctor()
  expect(checks.filter(({ status }) => status !== 'ok')).toEqual([])
}

test.each(placeNames)('budgets are copied to %s', async (place) => {
  const { store, planId } = await inUse()
  const before = await budgetsOf(store)
  const copy = await target(place)
  expect(await copyRecords(store, copy)).toMatchObject({ ok: true, problemCount: 0 })
  await assertMoved(copy, planId, before)
})

test.each(placeNames)('budgets are exported, and imported on %s', async (place) => {
  const { store, planId } = await inUse()
  const before = await budgetsOf(store)
  const other = await source(place)
  expect(await importRecords(other, exportRecords(store))).toMatchObject({ failed: 0 })
  await assertMoved(other, planId, before)
})
