// U6, U7: what every call refuses the same way: unknown options, arguments that are missing or of
// another type, and inputs that cannot be read. A refusal is an error of the closed set, rejects
// the promise if the call returns one, and has no side effects.

import assert from 'node:assert/strict'
import { InvalidRecordError, PersistenceError } from '../../errors.ts'
import type { Store } from '../../index.ts'
import { type ConformanceCase, openFresh } from '../support/case.ts'
import { collect, outcome, rejection } from '../support/expect.ts'
import { newAction, newCost, newEntry, newMessage, newPlan, newTask, ulid } from '../support/samples.ts'

/** Calls as JavaScript permits them, with more or other arguments than the types allow. */
// biome-ignore lint/suspicious/noExplicitAny: wrong arguments are the point
type Untyped = any
type Call = (store: Untyped, argument: unknown) => unknown

/** Every call that takes options, and the arguments before them. */
const withOptions: Readonly<Record<string, Call>> = {
  'tasks.list': ({ tasks }, options) => tasks.list({}, options),
  'tasks.each': async ({ tasks }, options) => collect(tasks.each({}, options)),
  'plans.create': ({ plans }, options) => plans.create(newPlan(), options),
  'plans.createMany': ({ plans }, options) => plans.createMany([newPlan()], options),
  'plans.list': ({ plans }, options) => plans.list({}, options),
  'plans.each': async ({ plans }, options) => collect(plans.each({}, options)),
  'plans.children': ({ plans }, options) => plans.children(ulid(1), options),
  'plans.cost': ({ plans }, options) => plans.cost(ulid(1), options),
  'plans.delete': ({ plans }, options) => plans.delete(ulid(1), options),
  'actions.list': ({ actions }, options) => actions.list({}, options),
  'actions.each': async ({ actions }, options) => collect(actions.each({}, options)),
  'costRecords.query': ({ costRecords }, options) => costRecords.query({}, options),
  'costRecords.each': async ({ costRecords }, options) => collect(costRecords.each({}, options)),
  'costRecords.aggregate': ({ costRecords }, options) => costRecords.aggregate({}, options),
  'messages.append': ({ messages }, options) => messages.append(newMessage(), options),
  'messages.appendMany': ({ messages }, options) => messages.appendMany([newMessage()], options),
  'messages.history': ({ messages }, options) => messages.history('general', options),
  'messages.query': ({ messages }, options) => messages.query({}, options),
  'messages.each': async ({ messages }, options) => collect(messages.each({}, options)),
  'messages.thread': ({ messages }, options) => messages.thread({ taskId: 'x' }, options),
  'messages.search': ({ messages }, options) => messages.search('word', options),
  'audit.query': ({ audit }, options) => audit.query({}, options),
  'audit.each': async ({ audit }, options) => collect(audit.each({}, options)),
  'audit.verify': ({ audit }, options) => audit.verify(options),
  'retention.preview': ({ retention }, options) => retention.preview(options),
  'retention.prune': ({ retention }, options) => retention.prune(options),
  migrate: (store, options) => store.migrate(options),
  migrationPlan: (store, options) => store.migrationPlan(options),
  doctor: (store, options) => store.doctor(options),
  findings: (store, options) => store.findings(options),
  transaction: (store, options) => store.transaction(async () => undefined, options),
  'as.transaction': (store, options) => store.as('ada').transaction(async () => undefined, options),
  'tx.transaction': (store, options) =>
    store.transaction((tx: Untyped) => tx.transaction(async () => undefined, options)),
}

/** Calls that take none. */
const withoutOptions: Readonly<Record<string, Call>> = {
  'tasks.create': ({ tasks }, options) => tasks.create(newTask(), options),
  'tasks.get': ({ tasks }, options) => tasks.get(ulid(1), options),
  'tasks.getMany': ({ tasks }, options) => tasks.getMany([ulid(1)], options),
  'tasks.count': ({ tasks }, options) => tasks.count({}, options),
  'tasks.save': ({ tasks }, options) => tasks.save(newTask(), options),
  'tasks.delete': ({ tasks }, options) => tasks.delete(ulid(1), options),
  'actions.create': ({ actions }, options) => actions.create(newAction(), options),
  'actions.delete': ({ actions }, options) => actions.delete('local/x', options),
  'costRecords.append': ({ costRecords }, options) => costRecords.append(newCost(), options),
  'audit.append': ({ audit }, options) => audit.append(newEntry(), options),
  'automationProfiles.get': ({ automationProfiles }, options) => automationProfiles.get('trusted', options),
}

/** Calls that require the base of a change. */
const withBase: Readonly<Record<string, Call>> = {
  'tasks.update': ({ tasks }, base) => tasks.update(ulid(1), { title: 'x' }, base),
  'tasks.transition': ({ tasks }, base) => tasks.transition(ulid(1), 'assigned', base),
  'plans.update': ({ plans }, base) => plans.update(ulid(1), { description: 'x' }, base),
  ...Object.fromEntries(
    (['use', 'start', 'complete', 'advance', 'constrain', 'retry'] as const).map((move) => [
      `plans.${move}`,
      (({ plans }, base) => plans[move](ulid(1), base)) satisfies Call,
    ]),
  ),
  'plans.fail': ({ plans }, base) => plans.fail(ulid(1), { message: 'x' }, base),
  'plans.revert': ({ plans }, base) => plans.revert(ulid(1), 'x', base),
  'plans.cancel': ({ plans }, base) => plans.cancel(ulid(1), null, base),
  'actions.update': ({ actions }, base) => actions.update('local/x', { description: 'x' }, base),
  'automationProfiles.update': ({ automationProfiles }, base) =>
    automationProfiles.update('local', { description: 'x' }, base),
}

/** Calls that take an input. */
const withInput: Readonly<Record<string, Call>> = {
  'tasks.create': ({ tasks }, input) => tasks.create(input),
  'tasks.createMany': ({ tasks }, input) => tasks.createMany([input]),
  'tasks.save': ({ tasks }, input) => tasks.save(input),
  'tasks.update': ({ tasks }, input) => tasks.update(ulid(1), input, { version: 1 }),
  'tasks.list': ({ tasks }, input) => tasks.list(input),
  'tasks.each': async ({ tasks }, input) => collect(tasks.each(input)),
  'plans.create': ({ plans }, input) => plans.create(input),
  'plans.createMany': ({ plans }, input) => plans.createMany([input]),
  'plans.update': ({ plans }, input) => plans.update(ulid(1), input, { version: 1 }),
  'plans.count': ({ plans }, input) => plans.count(input),
  'actions.create': ({ actions }, input) => actions.create(input),
  'costRecords.append': ({ costRecords }, input) => costRecords.append(input),
  'costRecords.appendMany': ({ costRecords }, input) => costRecords.appendMany([input]),
  'costRecords.aggregate': ({ costRecords }, input) => costRecords.aggregate(input),
  'messages.append': ({ messages }, input) => messages.append(input),
  'messages.appendMany': ({ messages }, input) => messages.appendMany([input]),
  'messages.query': ({ messages }, input) => messages.query(input),
  'audit.append': ({ audit }, input) => audit.append(input),
  'audit.query': ({ audit }, input) => audit.query(input),
  'automationProfiles.create': ({ automationProfiles }, input) => automationProfiles.create(input),
}

/**
 * Fails unless the call returns a promise that rejects: a synchronous throw bypasses a `catch` of
 * its caller.
 */
async function refusal(
  store: Store,
  name: string,
  call: Call,
  argument: unknown,
): Promise<InvalidRecordError> {
  let result: unknown
  try {
    result = call(store, argument)
  } catch (error) {
    throw new assert.AssertionError({ message: `${name} threw at once: ${String(error)}` })
  }
  return rejection(InvalidRecordError, () => result, name)
}

async function assertNothingStored(store: Store): Promise<void> {
  const { tasks, plans, actions, costRecords, messages, audit } = store
  const lists = [tasks, plans, actions, costRecords, messages, audit]
  assert.deepEqual(await Promise.all(lists.map((list) => list.count())), [0, 0, 0, 0, 0, 0])
}

export const argumentCases: readonly ConformanceCase[] = [
  {
    id: 'G1',
    name: 'U6: an option that there is not is refused by every call, with its name and those that there are; nothing is stored',
    async run(harness) {
      const store = await openFresh(harness)
      for (const [name, call] of Object.entries(withOptions)) {
        const { issues } = await refusal(store, name, call, { zone: 'UTC' })
        assert.deepEqual(
          issues.map(({ path, code }) => [...path, code]),
          [['zone', 'unknown_option']],
          name,
        )
        assert.match(issues[0]?.message ?? '', /^is no option; there (are \w+|are none)/, name)
        for (const options of [null, 'desc', 5, ['asc']]) {
          const error = await refusal(store, name, call, options)
          assert.equal(error.issues[0]?.code, 'type', `${name} ${String(options)}`)
        }
      }
      for (const [name, call] of Object.entries(withoutOptions)) {
        const { issues } = await refusal(store, name, call, { version: 1 })
        assert.deepEqual([issues[0]?.path, issues[0]?.code], [['version'], 'unknown_option'], name)
      }
      await assertNothingStored(store)
    },
  },
  {
    id: 'G2',
    name: 'U7: a change without what it is based on is refused as an invalid record that names the version, and with options that there are not',
    async run(harness) {
      const store = await openFresh(harness)
      for (const [name, call] of Object.entries(withBase)) {
        for (const base of [
          undefined,
          null,
          1,
          'x',
          {},
          { version: '1' },
          { version: 0 },
          { version: 1.5 },
        ]) {
          const error = await refusal(store, name, call, base)
          assert.match(error.message, /version/, `${name} ${JSON.stringify(base)}`)
        }
        const { issues } = await refusal(store, name, call, { version: 1, force: true })
        assert.deepEqual([issues[0]?.path, issues[0]?.code], [['force'], 'unknown_option'], name)
      }
      const task = await store.tasks.create(newTask())
      const moved = await store.tasks.transition(task.id, 'cancelled', task)
      const plan = await store.plans.create(newPlan())
      const used = await store.plans.use(plan.planId, plan)
      assert.deepEqual([moved.version, used.version], [2, 2])
    },
  },
  {
    id: 'G3',
    name: 'inputs that refer to themselves, throw when they are read, or are proxies are refused by every call; nothing is stored',
    async run(harness) {
      const store = await openFresh(harness)
      const circle: Record<string, unknown> = {}
      circle.metadata = { circle }
      const thrower = () => {
        throw new TypeError('read')
      }
      const inputs: readonly (readonly [string, unknown])[] = [
        ['cyclic', circle],
        ['unreadable_input', Object.defineProperty({}, 'title', { enumerable: true, get: thrower })],
        ['unreadable_input', new Proxy({}, { ownKeys: thrower })],
        ['unreadable_input', { metadata: new Proxy(new (class Own {})(), {}) }],
      ]
      for (const [name, call] of Object.entries(withInput)) {
        for (const [code, input] of inputs) {
          const { issues } = await refusal(store, name, call, input)
          assert.equal(issues[0]?.code, code, `${name} ${code}`)
        }
        for (const input of [null, 5, 'x', [], Symbol('x')]) await refusal(store, name, call, input)
      }
      await assertNothingStored(store)
    },
  },
  {
    id: 'G4',
    name: 'U7: arguments of any type give an error of the closed set or a result, never an error of the language or of a driver',
    async run(harness) {
      const store = await openFresh(harness)
      const calls = Object.entries({ ...withOptions, ...withBase, ...withInput, ...withoutOptions })
      const invalid = [
        undefined,
        0n,
        Number.NaN,
        () => 1,
        new Map(),
        new Date(Number.NaN),
        [[]],
        Object.create(null),
      ]
      for (const [name, call] of calls.filter(([each]) => !['migrate', 'doctor'].includes(each))) {
        for (const argument of invalid) {
          const error = await outcome(() => call(store, argument))
          assert.ok(error === undefined || error instanceof PersistenceError, `${name}: ${String(error)}`)
        }
      }
      for (const id of [undefined, null, 5, {}, [], Symbol('x')] as Untyped[]) {
        for (const repository of [store.tasks, store.plans, store.actions, store.messages, store.audit]) {
          await rejection(InvalidRecordError, () => repository.get(id))
        }
        await rejection(InvalidRecordError, () => store.transaction(id))
      }
    },
  },
  {
    id: 'G5',
    name: 'what cannot be asked what it is, or only says that it is one of many, is refused by every call as an invalid record',
    async run(harness) {
      const store = (await openFresh(harness)) as Untyped
      const task = await store.tasks.create(newTask())
      const { proxy: gone, revoke } = Proxy.revocable(() => 1, {})
      revoke()
      const endless = (function* () {
        for (;;) yield 'title'
      })()
      const long: unknown[] = []
      long.length = 2 ** 32 - 1
      const calls: Readonly<Record<string, () => unknown>> = {
        'a proxy that was revoked, as an id': () => store.tasks.get(gone),
        'as an event': async () => store.on(gone, () => undefined),
        'in an input': () => store.tasks.create(newTask({ title: gone as Untyped })),
        'in a filter': async () => collect(store.audit.each({ actor: gone })),
        'as an option': () => store.costRecords.aggregate({}, { by: gone }),
        'a field that every object has': () =>
          store.tasks.update(task.id, { constructor: 1, toString: 2 }, { version: 1 }),
        'names without an end': () => store.tasks.save({ ...task, unreadable: endless }),
        'a list that says it is longer than any': () => store.tasks.getMany(long),
        'inputs of which one is none': () => store.tasks.createMany([newTask(), undefined]),
        'an AbortSignal in name alone': () =>
          store.retention.prune({ messages: '9000d', signal: Object.create(AbortSignal.prototype) }),
        'a hash that is a list': () =>
          store.audit.verify({ expectedHead: { sequence: 1, hash: ['ab'.repeat(32)] } }),
        'a number that is not exact': () =>
          store.audit.verify({ expectedHead: { sequence: 1e21, hash: 'ab'.repeat(32) } }),
        'an instant before the year 1000': () => store.retention.preview({ audit: new Date(-8.64e15) }),
      }
      for (const [name, call] of Object.entries(calls)) await rejection(InvalidRecordError, call, name)
      assert.deepEqual(await store.tasks.get(task.id), task)
      assert.equal(await store.tasks.count(), 1)
    },
  },
]
