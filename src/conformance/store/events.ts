// E1–E4: the events of a store: each stored change once, after it is durable; ids and counts, never
// content.

import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { DuplicateRecordError } from '../../errors.ts'
import { type EventName, events, type Logger, type Store } from '../../index.ts'
import { type ConformanceCase, openFresh } from '../support/case.ts'
import { outcome, rejection } from '../support/expect.ts'
import {
  fullCost,
  fullMessage,
  fullTask,
  newAction,
  newCost,
  newEntry,
  newMessage,
  newPlan,
  newProfile,
  newTask,
  takenOver,
  ulid,
} from '../support/samples.ts'

type Told = readonly [EventName, unknown]

const recordEvents = [
  events.taskCreated,
  events.taskUpdated,
  events.taskTransitioned,
  events.taskDeleted,
  events.costRecorded,
  events.costRepeated,
  events.messageAppended,
  events.messageDuplicate,
  events.planCreated,
  events.planUpdated,
  events.planMoved,
  events.planDeleted,
  events.actionCreated,
  events.actionUpdated,
  events.actionDeleted,
  events.profileCreated,
  events.profileUpdated,
  events.profileDeleted,
  events.auditAppended,
] as const

function listen(store: Store): Told[] {
  const told: Told[] = []
  for (const name of recordEvents) store.on(name, (payload) => told.push([name, payload]))
  return told
}

export const eventCases: readonly ConformanceCase[] = [
  {
    id: 'E1',
    name: 'each stored change is told once, with ids and versions',
    async run(harness) {
      const store = await openFresh(harness)
      const told = listen(store)
      await store.tasks.create(newTask({ id: 'a' }))
      await store.tasks.createMany([newTask({ id: 'b' }), newTask({ id: 'c' })])
      await store.tasks.update('a', { title: 'x' }, { version: 1 })
      await store.tasks.transition('a', 'assigned', { version: 2, patch: { assignedTo: 'ann' } })
      await store.tasks.save({ ...newTask(), id: 'd' })
      await store.tasks.save({ ...newTask(), id: 'd' })
      await store.tasks.delete('b')
      await store.tasks.delete('b')
      await store.costRecords.append(newCost({ id: ulid(1), idempotencyKey: 'key' }))
      await store.costRecords.append(newCost({ idempotencyKey: 'key' }))
      await store.costRecords.appendMany([newCost({ id: ulid(2) }), newCost({ idempotencyKey: 'key' })])
      await store.messages.append(newMessage({ id: 'm' }))
      await rejection(DuplicateRecordError, () => store.messages.append(newMessage({ id: 'm' })))
      await store.messages.appendMany([newMessage({ id: 'n' }), newMessage({ id: 'm' })], {
        idempotent: true,
      })
      const expected: readonly Told[] = [
        [events.taskCreated, { id: 'a' }],
        [events.taskCreated, { id: 'b' }],
        [events.taskCreated, { id: 'c' }],
        [events.taskUpdated, { id: 'a', version: 2 }],
        [events.taskTransitioned, { id: 'a', from: 'created', to: 'assigned', version: 3 }],
        [events.taskCreated, { id: 'd' }],
        [events.taskUpdated, { id: 'd', version: 2 }],
        [events.taskDeleted, { id: 'b' }],
        [events.costRecorded, { id: ulid(1) }],
        [events.costRepeated, { id: ulid(1) }],
        [events.costRecorded, { id: ulid(2) }],
        [events.costRepeated, { id: ulid(1) }],
        [events.messageAppended, { id: 'm' }],
        [events.messageDuplicate, { id: 'm' }],
        [events.messageAppended, { id: 'n' }],
        [events.messageDuplicate, { id: 'm' }],
      ]
      assert.deepEqual(told, expected)
    },
  },
  {
    id: 'E1b',
    name: 'each change of plans, actions, profiles and the audit trail is told once, each plan of a tree by itself',
    async run(harness) {
      const store = await openFresh(harness)
      const told = listen(store)
      const [one, two, three] = [ulid(1), ulid(2), ulid(3)]
      await store.automationProfiles.create(newProfile())
      await store.automationProfiles.update('local/careful', { editCode: 0 }, { version: 1 })
      await store.actions.create(newAction())
      await store.actions.update('local/build', { description: 'x' }, { version: 1 })
      await store.plans.create(newPlan({ planId: one }))
      await store.plans.createMany(
        [
          newPlan({ planId: two, parentPlanId: one }),
          newPlan({ planId: three, parentPlanId: one, phase: 'apply', state: 'applied' }),
        ],
        takenOver(),
      )
      await store.plans.update(one, { description: 'x' }, { version: 1 })
      await store.plans.use(one, { version: 2 })
      await outcome(() => store.plans.use(one, { version: 3 }))
      await store.plans.cancel(one, 'over', { version: 3, tree: true })
      const entry = await store.audit.append(newEntry())
      await store.plans.delete(one, { tree: true })
      await store.plans.delete(one, { tree: true })
      await store.actions.delete('local/build')
      await store.actions.delete('local/build')
      await store.automationProfiles.delete('local/careful')
      await store.automationProfiles.delete('local/careful')
      const [from, to] = ['action/queued', 'strategize/queued']
      const expected: readonly Told[] = [
        [events.profileCreated, { name: 'local/careful' }],
        [events.profileUpdated, { name: 'local/careful', version: 2 }],
        [events.actionCreated, { name: 'local/build' }],
        [events.actionUpdated, { name: 'local/build', version: 2 }],
        [events.planCreated, { id: one }],
        [events.planCreated, { id: two }],
        [events.planCreated, { id: three }],
        [events.planUpdated, { id: one, version: 2 }],
        [events.planMoved, { id: one, move: 'use', from, to, version: 3 }],
        [events.planMoved, { id: one, move: 'cancel', from: to, to: 'strategize/cancelled', version: 4 }],
        [events.planMoved, { id: two, move: 'cancel', from, to: 'action/cancelled', version: 2 }],
        [events.auditAppended, { id: entry.id, sequence: entry.sequence }],
        [events.planDeleted, { id: one, plans: 3 }],
        [events.actionDeleted, { name: 'local/build' }],
        [events.profileDeleted, { name: 'local/careful' }],
      ]
      assert.deepEqual(told, expected)
      told.length = 0
      const failing = store.transaction(async (tx) => {
        await tx.plans.create(newPlan())
        await tx.actions.create(newAction())
        await tx.automationProfiles.create(newProfile())
        await tx.as('ann').audit.append(newEntry())
        throw new RangeError('on purpose')
      })
      await assert.rejects(failing, RangeError)
      assert.deepEqual(told, [])
      await store.transaction((tx) => tx.as('ann').audit.append(newEntry()))
      assert.equal(told.length, 1)
    },
  },
  {
    id: 'E2',
    name: 'what was not stored is not told: refused batches, undone transactions and undone parts',
    async run(harness) {
      const store = await openFresh(harness)
      await store.tasks.create(newTask({ id: 'a' }))
      await store.messages.append(newMessage({ id: 'm' }))
      await store.costRecords.append(newCost({ id: ulid(1) }))
      const told = listen(store)
      const refused: readonly (() => unknown)[] = [
        () => store.tasks.createMany([newTask({ id: 'b' }), newTask({ id: 'a' })]),
        () => store.messages.appendMany([newMessage({ id: 'n' }), newMessage({ id: 'm' })]),
        () => store.costRecords.appendMany([newCost({ id: ulid(2) }), newCost({ id: ulid(1) })]),
        () =>
          store.transaction(async (tx) => {
            await tx.tasks.create(newTask({ id: 'c' }))
            await tx.messages.appendMany([newMessage({ id: 'o' })])
            throw new RangeError('on purpose')
          }),
      ]
      for (const call of refused) assert.ok((await outcome(call)) instanceof Error)
      const stored = told.filter(([name]) => name !== events.messageDuplicate)
      assert.deepEqual(stored, [])
      told.length = 0
      await store.transaction(async (tx) => {
        await tx.tasks.create(newTask({ id: 'd' }))
        await outcome(() =>
          tx.transaction(async (inner) => {
            await inner.tasks.create(newTask({ id: 'e' }))
            throw new RangeError('on purpose')
          }),
        )
        await outcome(() => tx.messages.appendMany([newMessage({ id: 'p' }), newMessage({ id: 'm' })]))
        await tx.transaction((inner) => inner.costRecords.append(newCost({ id: ulid(3) })))
        assert.deepEqual(told, [])
      })
      assert.deepEqual(
        told.filter(([name]) => name !== events.messageDuplicate),
        [
          [events.taskCreated, { id: 'd' }],
          [events.costRecorded, { id: ulid(3) }],
        ],
      )
    },
  },
  {
    id: 'E3',
    name: 'no event, log line or error holds content, whatever is written and refused',
    async run(harness) {
      const secret = 'hunter2-xyzzy'
      const said: unknown[] = []
      const log = (fields: object, message: string) => said.push([fields, message])
      const logger: Logger = { debug: log, info: log, warn: log, error: log }
      const hear = (message: unknown) => said.push(message)
      for (const name of Object.values(events)) subscribe(name, hear)
      try {
        const store = await openFresh(harness, { logger })
        const secretive = { title: secret, description: secret, metadata: { secret } }
        const task = await store.tasks.create(fullTask(secretive), takenOver())
        await store.tasks.update(task.id, { description: `${secret}!` }, { version: 1 })
        await store.tasks.transition(task.id, 'in_progress', { version: 2, patch: { title: secret } })
        await store.costRecords.append(fullCost({ metadata: { secret }, finishReason: secret }))
        const message = fullMessage({ content: secret, metadata: { extra: [['k', secret]] } })
        await store.messages.append(message)
        await store.messages.search(secret)
        const profile = newProfile({ description: secret, guards: { deniedTools: [secret] } })
        await store.automationProfiles.create(profile)
        await store.actions.create(newAction({ description: secret, metadata: { secret } }))
        let plan = await store.plans.create(newPlan({ description: secret, actors: { review: secret } }))
        for (const move of ['use', 'start'] as const) plan = await store.plans[move](plan.planId, plan)
        plan = await store.plans.fail(plan.planId, { message: secret, details: { secret } }, plan)
        plan = await store.plans.cancel(plan.planId, secret, plan)
        await store.as(secret).audit.append(newEntry({ reason: secret, details: { secret } }))
        const refused: readonly (() => unknown)[] = [
          () => store.tasks.create(fullTask(secretive), takenOver()),
          () => store.tasks.create(newTask({ title: secret.repeat(30) })),
          () => store.tasks.create({ ...newTask(), priority: secret as never }),
          () => store.tasks.create(newTask({ deadline: secret })),
          () => store.tasks.create(newTask({ planId: 'no-plan', title: secret })),
          () => store.tasks.create(newTask({ metadata: { [secret]: Number.NaN } })),
          () => store.costRecords.append(newCost({ cost: secret })),
          () => store.costRecords.append(newCost({ currency: secret })),
          () => store.messages.append({ ...message, id: 'b', timestamp: secret }),
          () => store.messages.append({ ...message, content: `${secret} other` }, { idempotent: true }),
          () => store.messages.append({ ...message, id: 'c', parts: [{ kind: secret } as never] }),
          () => store.messages.search(`${secret} `.repeat(40)),
          () => store.tasks.list({ status: secret as never }),
          () => store.tasks.list({}, { cursor: secret }),
          () => store.plans.create(newPlan({ automationProfile: secret })),
          () => store.plans.create(newPlan({ phase: secret as never })),
          () => store.plans.create(newPlan({ planId: secret })),
          () => store.plans.create(newPlan({ cancelReason: secret, error: { message: secret } })),
          () => store.plans.create(newPlan({ metadata: { [secret]: Number.NaN } })),
          () => store.plans.create(newPlan({ arguments: [{ name: 'a', value: { [secret]: Number.NaN } }] })),
          () => store.plans.update(plan.planId, { name: `${secret} ` }, plan),
          () => store.plans.fail(plan.planId, { message: secret }, plan),
          () => store.plans.list({ name: `${secret}`.repeat(30) }),
          () => store.actions.create(newAction({ name: `${secret} x` })),
          () => store.actions.create(newAction({ name: 'a/b', automationProfile: secret })),
          () => store.automationProfiles.create({ ...profile, name: 'a/b', editCode: secret as never }),
          () => store.automationProfiles.create({ ...profile, name: secret }),
          () => store.audit.append(newEntry({ action: secret })),
          () => store.audit.append(newEntry({ argumentsHash: secret })),
          () => store.audit.query({ action: `${secret} *` }),
          () => store.audit.verify({ expectedHead: secret }),
          () => store.as(secret.repeat(30)),
        ]
        for (const call of refused) {
          const error = await outcome(call)
          assert.ok(error instanceof Error, String(call))
          said.push([error.name, error.message, error.stack, { ...error, cause: undefined }])
        }
        await store.close()
      } finally {
        for (const name of Object.values(events)) unsubscribe(name, hear)
      }
      assert.ok(said.length > 20)
      const holding = said.filter((item) => JSON.stringify(item).includes('hunter2'))
      assert.deepEqual(holding, [])
    },
  },
  {
    id: 'E4',
    name: 'a listener can be taken away, and one that throws disturbs neither the write nor the others',
    async run(harness) {
      const store = await openFresh(harness)
      const heard: string[] = []
      const stop = store.on(events.taskCreated, () => {
        throw new Error('a listener’s own fault')
      })
      const end = store.on(events.taskCreated, ({ id }) => heard.push(id))
      const made = await store.tasks.create(newTask({ id: 'a' }))
      assert.equal((await store.tasks.get('a'))?.version, made.version)
      stop()
      await store.tasks.create(newTask({ id: 'b' }))
      end()
      await store.tasks.create(newTask({ id: 'c' }))
      assert.deepEqual(heard, ['a', 'b'])
    },
  },
]
