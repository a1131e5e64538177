// R2: records begin in their initial state, and a record with a history elsewhere is taken over as
// of an instant, which its audit entry says. The possible states come from the enumerations; the
// initial one is written out.

import assert from 'node:assert/strict'
import { InvalidRecordError, VersionConflictError } from '../../errors.ts'
import {
  type AsOf,
  type Plan,
  type Store,
  statesOfPhase,
  type TakenOverPlan,
  type TakenOverTask,
  type TaskStatus,
  taskStatuses,
  type WholeTask,
} from '../../index.ts'
import { placeOf } from '../plans/plan-moves.ts'
import { type ConformanceCase, openFresh } from '../support/case.ts'
import { only, rejection } from '../support/expect.ts'
import { newPlan, newTask, ulid } from '../support/samples.ts'

const asOf = new Date('2025-03-01T12:00:00.250Z')
const earlier = new Date('2025-02-01T09:30:00.125Z')

const places = Object.entries(statesOfPhase).flatMap(([phase, states]) =>
  states.map((state) => ({ phase, state }) as Pick<Plan, 'phase' | 'state'>),
)

/** The time that belongs to a plan's state. */
const timeOf: Readonly<Record<string, keyof Plan>> = {
  'strategize/processing': 'strategizeStartedAt',
  'strategize/complete': 'strategizeCompletedAt',
  'execute/processing': 'executeStartedAt',
  'execute/complete': 'executeCompletedAt',
  'apply/processing': 'applyStartedAt',
  'apply/applied': 'appliedAt',
  'action/cancelled': 'cancelledAt',
  'strategize/cancelled': 'cancelledAt',
  'execute/cancelled': 'cancelledAt',
  'apply/cancelled': 'cancelledAt',
}

const noTimes = {
  strategizeStartedAt: null,
  strategizeCompletedAt: null,
  executeStartedAt: null,
  executeCompletedAt: null,
  applyStartedAt: null,
  appliedAt: null,
  cancelledAt: null,
}

/** What only moves write, besides a plan's state. */
const histories: readonly Partial<TakenOverPlan>[] = [
  { attempt: 2 },
  { reversionCount: 1 },
  { error: { message: 'secret' } },
  { cancelReason: 'secret' },
  { createdAt: earlier },
  ...Object.keys(noTimes).map((field) => ({ [field]: earlier })),
]

function inStatus(status: TaskStatus, more: Partial<TakenOverTask> = {}): TakenOverTask {
  return newTask({ status, assignedTo: status === 'created' ? null : 'ann', ...more })
}

async function assertEmpty(store: Store): Promise<void> {
  assert.deepEqual(
    [await store.plans.count(), await store.tasks.count(), await store.audit.count()],
    [0, 0, 0],
  )
}

async function entryOf(store: Store, subjectId: string) {
  const { actor, action, subjectType, planId, taskId, details } = only(
    (await store.audit.query({ subjectId })).items,
  )
  return { actor, action, subjectType, planId, taskId, details }
}

export const beginningCases: readonly ConformanceCase[] = [
  {
    id: 'C1',
    name: 'R2: a plan begins in action/queued and without a history; any other is refused, with what to do',
    async run(harness) {
      const store = await openFresh(harness)
      const { plans } = store
      for (const place of places.slice(1)) {
        const input = newPlan(place)
        const ways: readonly (() => Promise<unknown>)[] = [
          () => plans.create(input),
          () => plans.createMany([newPlan(), input, newPlan()]),
          () => store.transaction((tx) => tx.plans.create(input)),
          () => store.as('ada').plans.create(input, { asOf: undefined } as never),
        ]
        for (const way of ways) {
          const { issues, message } = await rejection(InvalidRecordError, way, placeOf(place))
          const fields = [
            ...(place.phase === 'action' ? [] : ['phase']),
            ...(place.state === 'queued' ? [] : ['state']),
          ]
          assert.deepEqual(
            issues.map(({ path, code }) => [path, code]),
            fields.map((field) => [[field], 'beginning']),
          )
          for (const field of fields)
            assert.ok(message.includes(field) && message.includes(place[field as 'state']))
          assert.match(message, /action|queued/)
          assert.match(message, /use, start, complete.*asOf/)
        }
      }
      for (const history of histories) {
        const [field] = Object.keys(history)
        const refused = () => plans.create(newPlan(history))
        const { issues, message } = await rejection(InvalidRecordError, refused, field)
        assert.deepEqual([only(issues).path, only(issues).code], [[field], 'beginning'])
        assert.ok(!message.includes('secret'))
      }
      await assertEmpty(store)
      const plain = { phase: 'action', state: 'queued', attempt: 1, error: null, ...noTimes } as const
      const plan = await plans.create(newPlan(plain))
      assert.deepEqual([placeOf(plan), plan.createdAt], ['action/queued', plan.updatedAt])
    },
  },
  {
    id: 'C1b',
    name: 'R2: a task begins as created: by create, createMany and save, also in a transaction',
    async run(harness) {
      const store = await openFresh(harness)
      for (const status of taskStatuses.filter((each) => each !== 'created')) {
        const input = inStatus(status, { id: 'a' })
        const ways: readonly (() => Promise<unknown>)[] = [
          () => store.tasks.create(input),
          () => store.tasks.createMany([newTask(), input]),
          () => store.tasks.save(input),
          () => store.transaction((tx) => tx.tasks.save(input)),
        ]
        for (const way of ways) {
          const { issues } = await rejection(InvalidRecordError, way, status)
          const { path, code, message } = only(issues)
          assert.deepEqual([path, code], [['status'], 'beginning'])
          assert.match(message, new RegExp(`created.*not ${status}.*transition.*asOf`))
        }
      }
      await rejection(InvalidRecordError, () => store.tasks.create(newTask({ createdAt: earlier })))
      await assertEmpty(store)
      const task = await store.tasks.create(newTask({ status: 'created' }))
      assert.deepEqual([task.status, task.createdAt], ['created', task.updatedAt])
      const { actor, action, details } = await entryOf(store, task.id)
      assert.deepEqual([actor, action, details], ['system', 'task:create', { version: 1 }])
    },
  },
  {
    id: 'C2',
    name: 'R2: a plan is taken over wherever it stands, with the time that belongs there, and its entry says so',
    async run(harness) {
      const store = await openFresh(harness)
      for (const [index, place] of places.entries()) {
        const input = newPlan({ planId: ulid(index), ...place, attempt: 3, reversionCount: 2 })
        const plan = await store.as('ada').plans.create(input, { asOf: asOf.toISOString() })
        const { automationProfile } = plan
        const time = timeOf[placeOf(place)]
        const times = {
          createdAt: asOf,
          updatedAt: asOf,
          ...noTimes,
          ...(time === undefined ? {} : { [time]: asOf }),
        }
        assert.deepEqual(plan, { ...plan, ...input, ...times, version: 1 }, placeOf(place))
        assert.deepEqual(await store.plans.get(plan.planId), plan)
        assert.deepEqual(await entryOf(store, plan.planId), {
          ...{ actor: 'ada', action: 'plan:create', subjectType: 'plan', planId: plan.planId, taskId: null },
          details: {
            ...{ parentPlanId: null, automationProfile: { ...automationProfile }, version: 1 },
            ...{ asOf: asOf.toISOString(), to: placeOf(place), attempt: 3, reversionCount: 2 },
          },
        })
      }
      const [entry] = (await store.audit.query({}, { limit: 1 })).items
      assert.ok(entry && entry.timestamp > asOf)
      assert.equal((await store.audit.verify()).ok, true)
    },
  },
  {
    id: 'C2b',
    name: 'R2: times that the input names are kept; the plan goes on from where it stands; trees are taken over whole',
    async run(harness) {
      const store = await openFresh(harness)
      const named = { executeStartedAt: earlier, strategizeStartedAt: '2025-01-31T10:00:00.000+01:00' }
      const [root, child] = await store.plans.createMany(
        [
          newPlan({ planId: ulid(1), phase: 'execute', state: 'processing', ...named }),
          newPlan({ parentPlanId: ulid(1), phase: 'apply', state: 'applied', createdAt: earlier }),
        ],
        { asOf },
      )
      assert.ok(root && child)
      const first = new Date('2025-01-31T09:00:00.000Z')
      assert.deepEqual([root.createdAt, root.updatedAt], [first, asOf])
      assert.deepEqual([root.strategizeStartedAt, root.executeStartedAt], [first, earlier])
      assert.deepEqual([child.createdAt, child.appliedAt, child.rootPlanId], [earlier, asOf, ulid(1)])
      assert.deepEqual(await store.plans.get(child.planId), child)
      const before = new Date()
      const moved = await store.plans.complete(root.planId, root)
      assert.equal(placeOf(moved), 'execute/complete')
      assert.ok(moved.executeCompletedAt && moved.executeCompletedAt >= before)
      assert.deepEqual([moved.createdAt, moved.executeStartedAt], [first, earlier])
      await rejection(VersionConflictError, () => store.plans.complete(root.planId, root))
    },
  },
  {
    id: 'C3',
    name: 'R2: a task is taken over in any status, by create, createMany and save, each with an entry that says so',
    async run(harness) {
      const store = await openFresh(harness)
      const { planId } = await store.plans.create(newPlan())
      const lead = store.as('lead')
      for (const status of taskStatuses) {
        const input = inStatus(status, { planId })
        const ways: readonly (() => Promise<TakenOverTask & { readonly id: string }>)[] = [
          () => lead.tasks.create(input, { asOf }),
          async () => only(await lead.tasks.createMany([input], { asOf })),
          () => lead.tasks.save(input, { asOf }),
          () => lead.transaction((tx) => tx.tasks.create(input, { asOf })),
        ]
        for (const way of ways) {
          const task = await way()
          assert.deepEqual(task, { ...task, ...input, createdAt: asOf, updatedAt: asOf, version: 1 })
          assert.deepEqual(await store.tasks.get(task.id), task)
          assert.deepEqual(await entryOf(store, task.id), {
            ...{ actor: 'lead', action: 'task:create', subjectType: 'task', planId, taskId: task.id },
            details: { asOf: asOf.toISOString(), to: status, version: 1, assignedTo: input.assignedTo },
          })
        }
      }
      const undone = store.transaction(async (tx) => {
        await tx.tasks.create(inStatus('completed', { id: 'undone' }), { asOf })
        throw new Error('on purpose')
      })
      await assert.rejects(undone, /on purpose/)
      assert.deepEqual((await store.audit.query({ subjectId: 'undone' })).items, [])
      assert.equal((await store.audit.verify()).ok, true)
    },
  },
  {
    id: 'C3b',
    name: 'R2: save takes over a task that is not there, with its creation time; one that is there is changed now',
    async run(harness) {
      const store = await openFresh(harness)
      const elsewhere: WholeTask = {
        ...inStatus('in_review', { id: 'a' }),
        ...{ createdAt: earlier, updatedAt: asOf, version: 9, unreadable: [] },
      }
      await rejection(InvalidRecordError, () => store.tasks.save(elsewhere))
      const made = await store.tasks.save(elsewhere, { asOf })
      assert.deepEqual([made.createdAt, made.updatedAt, made.version], [earlier, asOf, 1])
      const before = new Date()
      const saved = await store.tasks.save({ ...elsewhere, status: 'completed' }, { asOf })
      assert.deepEqual([saved.createdAt, saved.status, saved.version], [earlier, 'completed', 2])
      assert.ok(saved.updatedAt >= before)
      assert.deepEqual(await store.tasks.get('a'), saved)
      const actions = (await store.audit.query({ subjectId: 'a' })).items.map(({ action }) => action)
      assert.deepEqual(actions, ['task:transition', 'task:create'])
      const future = { asOf: new Date(Date.now() + 60_000) }
      await rejection(InvalidRecordError, () => store.tasks.save(saved, future))
      assert.deepEqual(await store.tasks.get('a'), saved)
      // A task that was deleted meanwhile is not recreated in its former state.
      await store.tasks.delete('a')
      await rejection(InvalidRecordError, () => store.tasks.save(saved))
    },
  },
  {
    id: 'C4',
    name: 'R2: an instant that is none or in the future is refused, and so are times that contradict it',
    async run(harness) {
      const store = await openFresh(harness)
      const { plans, tasks } = store
      const wrong: readonly unknown[] = [
        ...[null, '', 'yesterday', '2025-03-01', '2025-03-01T12:00:00', 5, true, {}, [], Number.NaN],
        ...[new Date(Number.NaN), new Date(0).setFullYear(900), '0900-01-01T00:00:00Z'],
        ...[new Date(Date.now() + 60_000), '9999-12-31T23:59:59Z'],
      ]
      const applied = newPlan({ phase: 'apply', state: 'applied' })
      const done = inStatus('completed')
      for (const each of wrong) {
        const options = { asOf: each } as AsOf
        const calls: readonly (() => Promise<unknown>)[] = [
          () => plans.create(applied, options),
          () => plans.create(newPlan(), options as never),
          () => plans.createMany([applied], options),
          () => tasks.create(done, options),
          () => tasks.createMany([done], options),
          () => tasks.save(done, options),
          () => store.transaction((tx) => tx.tasks.save(newTask(), options)),
        ]
        for (const call of calls) {
          const { issues } = await rejection(InvalidRecordError, call, `${String(each)} ${String(call)}`)
          assert.deepEqual(only(issues).path, ['asOf'])
        }
      }
      await rejection(InvalidRecordError, () => tasks.create(newTask(), { since: asOf } as never))
      await rejection(InvalidRecordError, () => tasks.create(newTask(), null as never))
      const later = new Date(asOf.getTime() + 1)
      const contradictions: readonly (readonly [keyof Plan, Partial<TakenOverPlan>])[] = [
        ['appliedAt', { appliedAt: later }],
        ['createdAt', { createdAt: later }],
        ['createdAt', { createdAt: asOf, strategizeStartedAt: earlier }],
        ['state', { phase: 'apply', state: 'complete' }],
        ['reversionCount', { reversionCount: 4 }],
      ]
      for (const [field, more] of contradictions) {
        const refused = () => plans.create({ ...applied, ...more }, { asOf })
        const { issues } = await rejection(InvalidRecordError, refused, JSON.stringify(more))
        assert.deepEqual(only(issues).path, [field])
      }
      await rejection(InvalidRecordError, () => tasks.create({ ...done, createdAt: later }, { asOf }))
      await rejection(InvalidRecordError, () => tasks.create({ ...done, assignedTo: null }, { asOf }))
      await assertEmpty(store)
    },
  },
]
