// T10: a record that names a nonexistent plan is refused with the field and the id, in the same
// words on every engine.

import assert from 'node:assert/strict'
import { ConstraintViolationError } from '../../errors.ts'
import type { Store } from '../../index.ts'
import { type ConformanceCase, openAt, openFresh } from '../support/case.ts'
import { rejection, signal } from '../support/expect.ts'
import { newPlan, newTask, ulid } from '../support/samples.ts'

const missing = ulid(404)

async function assertNamed(call: () => Promise<unknown>, field: string, message: RegExp): Promise<void> {
  const error = await rejection(ConstraintViolationError, call)
  assert.equal(error.constraint, 'foreign key')
  assert.deepEqual(error.fields, [field])
  assert.match(error.message, message)
}

const ofTask = /^tasks\.planId "01J0*404" names no row of plans: check the id, and the tenant$/

export const referenceCases: readonly ConformanceCase[] = [
  {
    id: 'C5',
    name: 'U7: a reference to what is not there names the field and the id, whichever call made it',
    async run(harness) {
      const store = await openFresh(harness)
      const task = await store.tasks.create(newTask({ id: 'there' }))
      const lost = newTask({ planId: missing })
      const calls: readonly ((through: Pick<Store, 'tasks'>) => Promise<unknown>)[] = [
        ({ tasks }) => tasks.create(lost),
        ({ tasks }) => tasks.createMany([newTask(), lost, newTask()]),
        ({ tasks }) => tasks.update('there', { planId: missing }, task),
        ({ tasks }) =>
          tasks.transition('there', 'cancelled', { version: task.version, patch: { planId: missing } }),
        ({ tasks }) => tasks.save({ ...newTask({ id: 'new' }), planId: missing }),
        ({ tasks }) => tasks.save({ ...newTask({ id: 'there' }), planId: missing }),
      ]
      for (const call of calls) {
        await assertNamed(() => call(store), 'planId', ofTask)
        await assertNamed(() => store.transaction((tx) => call(tx)), 'planId', ofTask)
      }
      // Of several writes in one batch each gets its own error.
      const [first, good, last] = await Promise.allSettled([
        store.tasks.create(lost),
        store.tasks.create(newTask()),
        store.tasks.create(newTask({ planId: ulid(405) })),
      ])
      assert.match(String(first.status === 'rejected' && first.reason), /planId "01J0*404" names no row/)
      assert.match(String(last.status === 'rejected' && last.reason), /planId "01J0*405" names no row/)
      assert.equal(good.status, 'fulfilled')
      assert.equal(await store.tasks.count(), 2)

      const ofPlan = /^there is no plan "01J0*404" that could be the parent; check the id, and the tenant$/
      const orphan = newPlan({ parentPlanId: missing })
      await assertNamed(() => store.plans.create(orphan), 'parentPlanId', ofPlan)
      await assertNamed(() => store.plans.createMany([newPlan(), orphan]), 'parentPlanId', ofPlan)
      assert.equal(await store.plans.count(), 0)
    },
  },
  {
    id: 'C5b',
    name: 'U7: a plan that gets a task while it is being deleted stays, and the refusal names it',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const [store, other] = [await openAt(harness, place), await openAt(harness, place)]
      const { planId } = await store.plans.create(newPlan())
      const [wrote, end] = [signal(), signal()]
      const work = store.transaction(async (tx) => {
        await tx.tasks.create(newTask({ planId }))
        wrote.fire()
        await end.reached
      })
      await wrote.reached
      const deletion = rejection(ConstraintViolationError, () => other.plans.delete(planId))
      await new Promise((resolve) => setImmediate(resolve))
      end.fire()
      await work
      assert.match((await deletion).message, new RegExp(`plan "${planId}"`))
      assert.equal((await store.plans.get(planId))?.planId, planId)
    },
  },
]
