// Q5–Q9: reservations hold in every budget that applies, or in none; exactly as many as fit,
// however many callers there are; and end by time, by release, or by a cost.

import assert from 'node:assert/strict'
import { BudgetExceededError, InvalidRecordError } from '../../errors.ts'
import type { NewReservation, Store } from '../../index.ts'
import { type ConformanceCase, feature, openAt, openFresh } from '../support/case.ts'
import { only, outcome, rejection } from '../support/expect.ts'
import { newBudget, newCost, newPlan, newTask, ulid } from '../support/samples.ts'

const cent: NewReservation = { agentId: 'agent-1', estimate: '0.01' }

async function standing({ budgets }: Pick<Store, 'budgets'>, name: string) {
  const { spent, held, remaining } = only(await budgets.status({ name }))
  return { spent, held, remaining }
}

/** How many of concurrent reservations were held; all others must have been refused. */
async function hold(stores: readonly Store[], input: NewReservation, callers: number): Promise<number> {
  const results = await Promise.allSettled(
    Array.from({ length: callers }, (_, index) =>
      (stores[index % stores.length] as Store).budgets.reserve(input),
    ),
  )
  for (const result of results)
    if (result.status === 'rejected' && !(result.reason instanceof BudgetExceededError)) throw result.reason
  return results.filter(({ status }) => status === 'fulfilled').length
}

export const reservationCases: readonly ConformanceCase[] = [
  {
    id: 'Q5',
    name: 'an estimate is held in every budget that applies or in none; the one with the least left is named',
    async run(harness) {
      const store = await openFresh(harness)
      const { budgets, plans, tasks } = store
      const root = await plans.create(newPlan())
      const child = await plans.create(newPlan({ parentPlanId: root.planId }))
      const task = await tasks.create(newTask({ planId: child.planId, project: 'parser' }))
      const made = [
        newBudget({ name: 'everything', limit: '10' }),
        newBudget({ name: 'project', scope: 'project', target: 'parser', limit: '3', period: 'month' }),
        newBudget({ name: 'agent', scope: 'agent', target: 'agent-1', limit: '5', period: 'day' }),
        newBudget({ name: 'model', scope: 'model', target: 'large', limit: '9', period: 'hour' }),
        newBudget({ name: 'plan', scope: 'plan', target: root.planId, limit: '8', period: 'week' }),
        newBudget({ name: 'task', scope: 'task', target: task.id, limit: '7' }),
        newBudget({ name: 'other agent', scope: 'agent', target: 'agent-2', limit: '0' }),
        newBudget({ name: 'euros', currency: 'EUR', limit: '0' }),
        newBudget({ name: 'asleep', active: false, limit: '0' }),
      ]
      for (const budget of made) await budgets.create(budget)
      const call = { agentId: 'agent-1', model: 'large', taskId: task.id }
      const first = await budgets.reserve({ ...call, estimate: '2.5' })
      const all = ['agent', 'everything', 'model', 'plan', 'project', 'task']
      assert.deepEqual(first.budgets, all)
      assert.deepEqual([first.estimate, first.currency], ['2.5', 'USD'])
      for (const name of all) assert.equal((await standing(store, name)).held, '2.5', name)
      const error = await rejection(BudgetExceededError, () => budgets.reserve({ ...call, estimate: '2.6' }))
      const { budget, limit, spent, held, asked, currency, period } = error
      assert.deepEqual(
        { budget, limit, spent, held, asked, currency },
        { budget: 'project', limit: '3', spent: '0', held: '2.5', asked: '2.6', currency: 'USD' },
      )
      const now = only(await budgets.status({ name: 'project' }))
      assert.deepEqual(period, now.period)
      const range = `from ${period.begin?.toISOString()} to ${period.end?.toISOString()}`
      assert.match(
        error.message,
        new RegExp(
          `^the budget "project" has .*: limit 3 USD ${range}, spent 0 USD, held 2\\.5 USD, asked 2\\.6 USD; wait until`,
        ),
      )
      for (const name of all) assert.equal((await standing(store, name)).held, '2.5', `${name} after`)
      const alone = await budgets.reserve({ agentId: 'agent-3', estimate: '1' })
      assert.deepEqual(alone.budgets, ['everything'])
      const nothing = await budgets.reserve({ agentId: 'agent-1', estimate: '100', currency: 'CHF' })
      assert.deepEqual(nothing.budgets, [])
      assert.equal(await budgets.release(nothing.id), false)
      const unlinked = await budgets.reserve({ ...call, planId: null, project: null, estimate: '0.1' })
      assert.deepEqual(unlinked.budgets, ['agent', 'everything', 'model', 'task'])
    },
  },
  {
    id: 'Q6',
    name: '64 callers that reserve 0.01 each, again and again, get exactly 100 holds of 1.00, with several budgets that overlap',
    async run(harness) {
      const store = await openFresh(harness)
      await store.budgets.create(newBudget({ name: 'all', limit: '1.00', period: 'day' }))
      await store.budgets.create(newBudget({ name: 'one', scope: 'agent', target: 'agent-1', limit: '2' }))
      await store.budgets.create(newBudget({ name: 'warns', limit: '0.5', whenExceeded: 'warn' }))
      assert.equal(await hold([store], cent, 64), 64)
      assert.equal(await hold([store], cent, 64), 36)
      assert.equal(await hold([store], cent, 64), 0)
      assert.deepEqual(await standing(store, 'all'), { spent: '0', held: '1', remaining: '0' })
      assert.deepEqual(await standing(store, 'warns'), { spent: '0', held: '1', remaining: '0' })
    },
  },
  {
    id: 'Q6b',
    name: 'the same from four stores at one place',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const stores = [await openAt(harness, place)]
      for (let index = 1; index < 4; index += 1) stores.push(await openAt(harness, place))
      const [store] = stores as [Store]
      await store.budgets.create(newBudget({ limit: '1', period: 'hour' }))
      const held = await Promise.all([1, 2, 3].map(() => hold(stores, cent, 64)))
      assert.equal(
        held.reduce((sum, count) => sum + count, 0),
        100,
      )
    },
  },
  {
    id: 'Q6c',
    name: 'the same from 64 callers in four processes',
    needs: ['processes'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      await store.budgets.create(newBudget({ limit: '1.00', period: 'month', timeZone: 'Asia/Kolkata' }))
      const job = { do: 'reserve', reservation: { ...cent, ttl: '1h' }, callers: 16 } as const
      const { perform } = feature(harness, 'processes')
      const holds = await Promise.all([1, 2, 3, 4].map(() => perform(place, job, { waitForLocks: 60_000 })))
      assert.equal(
        holds.reduce<number>((sum, count) => sum + Number(count), 0),
        100,
      )
      assert.deepEqual(await standing(store, 'all'), { spent: '0', held: '1', remaining: '0' })
    },
  },
  {
    id: 'Q7',
    name: 'a hold ends by release, once; by a cost that names it, once; and by time, after which it is taken back',
    async run(harness) {
      const store = await openFresh(harness)
      await store.budgets.create(newBudget({ limit: '1' }))
      const released = await store.budgets.reserve({ ...cent, estimate: '1' })
      await rejection(BudgetExceededError, () => store.budgets.reserve(cent))
      assert.deepEqual(
        [await store.budgets.release(released.id), await store.budgets.release(released.id)],
        [true, false],
      )
      const settled = await store.budgets.reserve({ ...cent, estimate: '0.9' })
      const cost = await store.costRecords.append(newCost({ cost: '0.2', reservationId: settled.id }))
      assert.equal((await store.costRecords.get(cost.id))?.reservationId, settled.id)
      assert.deepEqual(await standing(store, 'all'), { spent: '0.2', held: '0', remaining: '0.8' })
      assert.equal(await store.budgets.release(settled.id), false)
      const short = await store.budgets.reserve({ ...cent, estimate: '0.8', ttl: '1ms' })
      // The clock of the database continues while this waits for it.
      while ((await standing(store, 'all')).held !== '0')
        await new Promise((resolve) => setImmediate(resolve))
      assert.equal(await store.budgets.release(short.id), false)
      const again = await store.budgets.reserve({ ...cent, estimate: '0.8' })
      assert.deepEqual(await standing(store, 'all'), { spent: '0.2', held: '0.8', remaining: '0' })
      // A cost is recorded whatever became of its reservation, and however much it is.
      for (const reservationId of [short.id, settled.id, released.id, 'never was']) {
        const late = await store.costRecords.append(newCost({ cost: '0.3', reservationId }))
        assert.equal(late.reservationId, reservationId)
      }
      assert.deepEqual(await standing(store, 'all'), { spent: '1.4', held: '0.8', remaining: '0' })
      assert.equal(await store.budgets.release(again.id), true)
    },
  },
  {
    id: 'Q7b',
    name: 'many costs settle their reservations together or not at all, and a repeated append settles nothing twice',
    async run(harness) {
      const store = await openFresh(harness)
      await store.budgets.create(newBudget({ limit: '100' }))
      const ids: string[] = []
      for (let index = 0; index < 3; index += 1)
        ids.push((await store.budgets.reserve({ ...cent, estimate: '1' })).id)
      const costs = ids.map((reservationId, index) =>
        newCost({ cost: '0.5', reservationId, idempotencyKey: `key ${index}` }),
      )
      await store.costRecords.append({
        ...(costs[2] as object),
        idempotencyKey: 'key 2',
        cost: '0.5',
      } as never)
      assert.deepEqual(await standing(store, 'all'), { spent: '0.5', held: '2', remaining: '97.5' })
      const clash = [...costs.slice(0, 2), newCost({ cost: '9', idempotencyKey: 'key 2' })]
      assert.ok(await outcome(() => store.costRecords.appendMany(clash)))
      assert.deepEqual(await standing(store, 'all'), { spent: '0.5', held: '2', remaining: '97.5' })
      await store.costRecords.appendMany(costs)
      assert.deepEqual(await standing(store, 'all'), { spent: '1.5', held: '0', remaining: '98.5' })
      const { id } = await store.budgets.reserve(cent)
      await store.costRecords.append(costs[0] as never)
      assert.equal((await standing(store, 'all')).held, '0.01')
      assert.equal(await store.budgets.release(id), true)
    },
  },
  {
    id: 'Q8',
    name: 'reservations that make no sense are refused; 0 may be reserved until the limit is passed; a limit of 0 allows nothing',
    async run(harness) {
      const store = await openFresh(harness)
      const refused: readonly object[] = [
        { estimate: '1' },
        { agentId: ' ', estimate: '1' },
        { agentId: 'a' },
        { agentId: 'a', estimate: '-0.01' },
        { agentId: 'a', estimate: -1 },
        { agentId: 'a', estimate: '1e3' },
        { agentId: 'a', estimate: '9223372036.854775808' },
        { agentId: 'a', estimate: Number.POSITIVE_INFINITY },
        { agentId: 'a', estimate: '1', currency: 'dollars' },
        { agentId: 'a', estimate: '1', ttl: 0 },
        { agentId: 'a', estimate: '1', ttl: -1 },
        { agentId: 'a', estimate: '1', ttl: '8d' },
        { agentId: 'a', estimate: '1', ttl: 'soon' },
        { agentId: 'a', estimate: '1', planId: '' },
        { agentId: 'a', estimate: '1', budget: 'all' },
      ]
      for (const input of refused) {
        await rejection(
          InvalidRecordError,
          () => store.budgets.reserve(input as never),
          JSON.stringify(input),
        )
      }
      await rejection(InvalidRecordError, () => store.budgets.release(' '))
      const budget = await store.budgets.create(newBudget({ limit: '0' }))
      await rejection(BudgetExceededError, () =>
        store.budgets.reserve({ agentId: 'a', estimate: '0.000000001' }),
      )
      const free = await store.budgets.reserve({ agentId: 'a', estimate: 0 })
      assert.deepEqual(free.budgets, ['all'])
      await store.budgets.update('all', { limit: '9223372036.854775807' }, budget)
      const huge = { agentId: 'a', estimate: '9223372036.854775807' }
      const { id } = await store.budgets.reserve(huge)
      await rejection(BudgetExceededError, () =>
        store.budgets.reserve({ agentId: 'a', estimate: '0.000000001' }),
      )
      await store.budgets.create(newBudget({ name: 'any', limit: '1', whenExceeded: 'warn' }))
      assert.equal(await store.budgets.release(id), true)
      // The sum of what is held may be more than one amount can be.
      await store.budgets.update('all', { active: false }, { version: 2 })
      await store.budgets.reserve(huge)
      await store.budgets.reserve(huge)
      assert.equal((await standing(store, 'any')).held, '18446744073.709551614')
    },
  },
  {
    id: 'Q8b',
    name: 'a limit may be lowered below what is spent and held; nothing more is held then, and what is held stays',
    async run(harness) {
      const store = await openFresh(harness)
      const budget = await store.budgets.create(newBudget({ limit: '2' }))
      await store.costRecords.append(newCost({ cost: '0.6' }))
      const { id } = await store.budgets.reserve({ ...cent, estimate: '0.6' })
      await store.budgets.update('all', { limit: '0.5' }, budget)
      assert.deepEqual(await standing(store, 'all'), { spent: '0.6', held: '0.6', remaining: '0' })
      const error = await rejection(BudgetExceededError, () =>
        store.budgets.reserve({ ...cent, estimate: 0 }),
      )
      assert.deepEqual([error.limit, error.spent, error.held], ['0.5', '0.6', '0.6'])
      await store.costRecords.append(newCost({ cost: '0.1', reservationId: id }))
      assert.deepEqual(await standing(store, 'all'), { spent: '0.7', held: '0', remaining: '0' })
      assert.equal(only(await store.budgets.status()).share, 1.4)
    },
  },
  {
    id: 'Q9',
    name: 'in a transaction a reservation is seen there and undone with it; a budget that is deleted takes its holds along',
    async run(harness) {
      const store = await openFresh(harness)
      await store.budgets.create(newBudget({ limit: '1' }))
      const failure = new Error('undone')
      await assert.rejects(
        store.transaction(async (tx) => {
          const { id } = await tx.budgets.reserve({ ...cent, estimate: '0.7' })
          assert.equal((await standing(tx as never, 'all')).held, '0.7')
          await tx.costRecords.append(newCost({ cost: '0.1', reservationId: id }))
          assert.deepEqual(await standing(tx as never, 'all'), { spent: '0.1', held: '0', remaining: '0.9' })
          await rejection(BudgetExceededError, () => tx.budgets.reserve({ ...cent, estimate: '0.91' }))
          throw failure
        }),
        failure,
      )
      assert.deepEqual(await standing(store, 'all'), { spent: '0', held: '0', remaining: '1' })
      const { id } = await store.transaction((tx) => tx.budgets.reserve(cent))
      assert.equal((await standing(store, 'all')).held, '0.01')
      assert.equal(await store.budgets.delete('all'), true)
      assert.equal(await store.budgets.release(id), false)
      assert.deepEqual((await store.budgets.reserve({ ...cent, project: ulid(1) })).budgets, [])
    },
  },
]
