// Two processes, one of which makes plans below those that the other one ends: each time one of both
// is refused, and no live plan is below an ended one.

import { expect } from 'vitest'
import { openStore } from '../../../src/index.ts'
import { performInProcess } from './job-process.ts'

/** Plans of one pair of processes; ids travel on its command line. */
const AT_ONCE = 250

/** @param runs below how many plans one is made while they end */
export async function endInProcesses(url: string, runs: number): Promise<void> {
  for (let start = 0; start < runs; start += AT_ONCE) {
    const count = Math.min(AT_ONCE, runs - start)
    await endSome(url, count, false)
    await endSome(url, count, true)
    await revertSome(url, count)
  }
}

async function endSome(url: string, count: number, tree: boolean): Promise<void> {
  await using store = await openStore(url)
  const plans = await store.plans.createMany(
    Array.from({ length: count }, () => ({
      name: `local/race-${crypto.randomUUID()}`,
      actionName: 'race',
      description: 'd',
    })),
  )
  const ids = plans.map(({ planId }) => planId)
  const [made, ended] = (await Promise.all([
    performInProcess({ url, job: { do: 'make-children', ids } }),
    performInProcess({ url, job: { do: 'cancel-plans', ids, tree } }),
  ])) as unknown as readonly [readonly string[], readonly string[]]
  for (const [index, id] of ids.entries()) {
    const { items } = await store.plans.children(id)
    if (tree) {
      expect(ended[index], id).toBe('cancelled')
      expect(items.map(({ state }) => state)).toEqual(made[index] === 'PLAN_ENDED' ? [] : ['cancelled'])
      continue
    }
    const isMade = made[index] !== 'PLAN_ENDED'
    expect(ended[index], id).toBe(isMade ? 'PLAN_HAS_CHILDREN' : 'cancelled')
    expect(items.map(({ state }) => state)).toEqual(isMade ? ['queued'] : [])
  }
  expect(await store.audit.verify()).toMatchObject({ ok: true })
}

/** Plans that go back, each with a plan below it that is cancelled while others are made below that. */
async function revertSome(url: string, count: number): Promise<void> {
  await using store = await openStore(url)
  const plan = { actionName: 'race', description: 'd' }
  const plans = await store.plans.createMany(
    Array.from({ length: count }, () => ({
      ...plan,
      name: `local/race-${crypto.randomUUID()}`,
      phase: 'execute' as const,
      state: 'queued' as const,
    })),
    { asOf: new Date() },
  )
  const parents = plans.map(({ planId }) => planId)
  const below = await store.plans.createMany(parents.map((parentPlanId) => ({ ...plan, parentPlanId })))
  const ids = below.map(({ planId }) => planId)
  const [made, reverted] = (await Promise.all([
    performInProcess({ url, job: { do: 'make-children', ids } }),
    performInProcess({ url, job: { do: 'revert-plans', ids: parents } }),
  ])) as unknown as readonly [readonly string[], readonly string[]]
  for (const [index, id] of ids.entries()) {
    expect(reverted[index], id).toBe('queued')
    expect(await store.plans.get(id)).toMatchObject({ state: 'cancelled', cancelReason: 'over' })
    const { items } = await store.plans.children(id)
    expect(items.map(({ state }) => state)).toEqual(made[index] === 'PLAN_ENDED' ? [] : ['cancelled'])
  }
  expect(await store.audit.verify()).toMatchObject({ ok: true })
}
