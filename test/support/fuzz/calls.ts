// Every call that a store takes arguments for, found on the store itself, and arguments that are
// good. A method that is new is called with what others take, until it has arguments of its own
// here.

import {
  fullCost,
  fullEntry,
  fullMessage,
  fullPlan,
  fullTask,
  newAction,
  newCost,
  newEntry,
  newMessage,
  newPlan,
  newProfile,
  newTask,
  ulid,
} from '../../../src/conformance/support/samples.ts'
import { fullAction } from '../../../src/conformance/support/template-samples.ts'
import type { Store } from '../../../src/index.ts'
import { checksArguments } from '../../../src/records/repository/arguments.ts'
import type { Random } from '../loss/random.ts'

export interface Called {
  /** `tasks.create`, `findings`. */
  readonly name: string
  /** Good arguments, or, where nothing is known of the method, likely ones. */
  good(turn: Turn): readonly unknown[]
}

export interface Turn {
  readonly random: Random
  /** A text that no other turn has. */
  readonly unique: string
}

/** On every store of a run. */
export const there = {
  task: 'task-there',
  plan: ulid(1),
  child: ulid(2),
  action: 'local/there',
  profile: 'local/kept',
  message: 'message-there',
  cost: ulid(3),
} as const

/** @returns what `there` names */
export async function furnish(store: Store): Promise<void> {
  await store.actions.create(newAction({ name: there.action }))
  await store.automationProfiles.create(newProfile({ name: there.profile }))
  await store.plans.create(newPlan({ planId: there.plan, name: 'local/root', actionName: there.action }))
  await store.plans.create(newPlan({ planId: there.child, parentPlanId: there.plan, name: null }))
  await store.tasks.create(newTask({ id: there.task, planId: there.plan }))
  await store.messages.append(newMessage({ id: there.message, metadata: { taskId: there.task } }))
  await store.costRecords.append(newCost({ id: there.cost, taskId: there.task, timestamp: new Date(1.7e12) }))
}

const page = { limit: 5, order: 'desc' }
const since = { since: new Date(1.6e12), until: '2099-01-31T09:30:00Z' }
const version = ({ random }: Turn) => ({ version: random.whole(1, 3) })
const planOf = ({ random }: Turn) => random.pick([there.plan, there.child])
const moved = (turn: Turn) => [planOf(turn), version(turn)]

/** Times are given, so that two stores keep the same. */
const at = (turn: Turn) => new Date(1.75e12 + turn.random.whole(0, 1e9))
const task = (turn: Turn) => {
  const id = `t-${turn.unique}`
  return turn.random.chance(0.5) ? newTask({ id, planId: there.plan }) : fullTask({ id, planId: there.plan })
}
const idOf = ({ random }: Turn) => ulid(random.whole(10, 1e9))
const plan = (turn: Turn) => {
  const planId = idOf(turn)
  return turn.random.chance(0.5)
    ? newPlan({ planId, parentPlanId: there.plan, name: null })
    : fullPlan({
        planId,
        name: `local/${turn.unique}`,
        actionName: there.action,
        phase: 'action',
        state: 'queued',
      })
}
const cost = (turn: Turn) =>
  turn.random.chance(0.5)
    ? newCost({ id: idOf(turn), taskId: there.task, timestamp: at(turn) })
    : fullCost({ id: idOf(turn), idempotencyKey: turn.unique, timestamp: at(turn), currency: 'USD' })
const message = (turn: Turn) =>
  turn.random.chance(0.5)
    ? newMessage({ id: `m-${turn.unique}`, timestamp: at(turn) })
    : fullMessage({ id: `m-${turn.unique}`, timestamp: at(turn) })
const entry = (turn: Turn) =>
  turn.random.chance(0.5) ? newEntry({ id: idOf(turn) }) : fullEntry({ id: idOf(turn) })
const action = (turn: Turn) => fullAction({ name: `local/a-${turn.unique}`, state: 'available' })
const profile = (turn: Turn) => newProfile({ name: `local/p-${turn.unique}` })

const known: Readonly<Record<string, (turn: Turn) => readonly unknown[]>> = {
  'tasks.create': (turn) => [task(turn)],
  'tasks.createMany': (turn) => [[task(turn)]],
  'tasks.get': () => [there.task],
  'tasks.getMany': () => [[there.task, 'other']],
  'tasks.idsFrom': () => ['task', 5],
  'tasks.list': () => [
    { project: ['purser', null], ...since, updatedAfter: new Date(1), title: '*r?' },
    page,
  ],
  'tasks.each': () => [{ status: 'created', planId: there.plan }, { order: 'asc' }],
  'tasks.count': () => [{ assignedTo: null, type: ['research', 'development'] }],
  'tasks.update': (turn) => [
    there.task,
    {
      title: 'T',
      metadata: { a: [1, { b: null }] },
      reviewers: ['a', 'b'],
      budgetLimit: '1.5',
      deadline: '2026-01-31',
    },
    version(turn),
  ],
  'tasks.transition': (turn) => [
    there.task,
    turn.random.pick(['assigned', 'in_progress', 'blocked']),
    { ...version(turn), patch: { assignedTo: 'agent', metadata: { x: 1 } } },
  ],
  'tasks.save': (turn) => [{ ...task(turn), unreadable: [], version: 1 }],
  'tasks.delete': () => ['task-none'],
  'plans.create': (turn) => [plan(turn), { projectProfile: 'trusted' }],
  'plans.createMany': (turn) => [[plan(turn)], {}],
  'plans.get': () => [there.plan],
  'plans.getMany': () => [[there.plan]],
  'plans.idsFrom': () => ['01J', 5],
  'plans.list': () => [{ phase: 'action', name: 'local/*', project: 'web', ...since }, page],
  'plans.each': () => [{ state: 'queued' }, {}],
  'plans.count': () => [{ parentPlanId: there.plan }],
  'plans.children': () => [there.plan, page],
  'plans.ancestors': () => [there.child],
  'plans.tree': () => [there.plan],
  'plans.cost': () => [there.plan, { tree: true, currency: 'USD' }],
  'plans.update': (turn) => [
    planOf(turn),
    {
      description: 'D',
      actors: { review: 'r', apply: null },
      arguments: [{ name: 'n', value: { a: [1] } }],
      invariants: [{ text: 't', source: 'plan' }],
      projects: [{ name: 'web', alias: null, readOnly: true }],
      metadata: { a: 1 },
    },
    version(turn),
  ],
  'plans.use': moved,
  'plans.start': moved,
  'plans.complete': moved,
  'plans.advance': moved,
  'plans.constrain': moved,
  'plans.retry': moved,
  'plans.fail': (turn) => [planOf(turn), { message: 'm', details: { a: [1] } }, version(turn)],
  'plans.revert': (turn) => [planOf(turn), 'reason', version(turn)],
  'plans.cancel': (turn) => [ulid(9), 'reason', { ...version(turn), tree: true }],
  'plans.delete': () => [ulid(9), { tree: true }],
  'actions.create': (turn) => [action(turn)],
  'actions.get': () => [there.action],
  'actions.getMany': () => [[there.action]],
  'actions.idsFrom': () => ['local', 5],
  'actions.list': () => [{ state: 'available' }, page],
  'actions.each': () => [{}, { order: 'desc' }],
  'actions.count': () => [{ automationProfile: ['trusted', null] }],
  'actions.update': (turn) => [
    there.action,
    { description: 'D', actors: { review: 'r' }, metadata: {} },
    version(turn),
  ],
  'actions.delete': () => ['local/none'],
  'automationProfiles.create': (turn) => [profile(turn)],
  'automationProfiles.get': () => [there.profile],
  'automationProfiles.update': (turn) => [
    there.profile,
    { editCode: 0.5, guards: { maxCostUsd: 1, deniedTools: ['a'] } },
    version(turn),
  ],
  'automationProfiles.delete': () => ['local/none'],
  'costRecords.append': (turn) => [cost(turn)],
  'costRecords.appendMany': (turn) => [[cost(turn)]],
  'costRecords.get': () => [there.cost],
  'costRecords.getMany': () => [[there.cost]],
  'costRecords.idsFrom': () => ['01J', 5],
  'costRecords.query': () => [{ agentId: 'agent-7', planId: there.plan, tree: true, ...since }, page],
  'costRecords.each': () => [{ currency: ['USD', 'EUR'] }, { order: 'asc' }],
  'costRecords.count': () => [{ taskId: there.task, project: null }],
  'costRecords.priceOf': () => [{ provider: 'openai', model: 'gpt-4o', inputTokens: 5 }],
  'costRecords.applyPrices': () => [{ agentId: 'agent-7' }, { dryRun: true }],
  'costRecords.aggregate': () => [{ currency: 'USD', callCategory: null }, { by: ['agent', 'day'] }],
  'messages.append': (turn) => [message(turn), { idempotent: true }],
  'messages.appendMany': (turn) => [[message(turn)], {}],
  'messages.get': () => [there.message],
  'messages.getMany': () => [[there.message]],
  'messages.idsFrom': () => ['m', 5],
  'messages.history': () => [
    'parser',
    { limit: 3, before: { id: there.message, timestamp: new Date(1.8e12) } },
  ],
  'messages.query': () => [{ channel: 'parser', taskId: there.task, ...since }, page],
  'messages.each': () => [{ priority: 'urgent' }, {}],
  'messages.count': () => [{ sender: ['lead', 'a'] }],
  'messages.thread': () => [{ taskId: there.task }, page],
  'messages.search': () => ['take parser', { channel: 'parser', ...page }],
  'audit.append': (turn) => [entry(turn)],
  'audit.get': () => [ulid(1)],
  'audit.getMany': () => [[ulid(1)]],
  'audit.idsFrom': () => ['01J', 5],
  'audit.query': () => [{ action: 'plan:*', planId: there.plan, verdict: null, ...since }, page],
  'audit.each': () => [{ actor: 'system' }, { order: 'asc' }],
  'audit.count': () => [{ riskLevel: ['high', null] }],
  'audit.verify': () => [{ from: 1, to: 9, expectedHead: { sequence: 1, hash: 'ab'.repeat(32) } }],
  'changes.read': () => [{ limit: 5, records: ['task', 'plan'] }],
  'changes.follow': () => [{ after: undefined, signal: AbortSignal.timeout(20), records: ['task'] }],
  'retention.preview': () => [{ messages: '900d', costs: new Date(1e12), audit: null }],
  'retention.prune': () => [
    { messages: '9000d', maxRows: 5, signal: new AbortController().signal, onProgress: () => undefined },
  ],
  migrate: () => [{ onCycle: 'abort', onOrphan: 'root', backup: false, allowDataLoss: false }],
  migrationPlan: () => [{ onCycle: 'abort', onOrphan: 'root' }],
  doctor: () => [{ only: ['ledger'], onProgress: () => undefined }],
  findings: () => [page],
  on: () => ['persistence.task.created', () => undefined],
  as: () => ['ada'],
  transaction: () => [async () => 1, { retry: true }],
}

const likely = (turn: Turn): readonly unknown[] =>
  [1, 2, 3].map(() =>
    turn.random.pick([there.task, there.plan, {}, { version: 1 }, page, task(turn), [], plan(turn)]),
  )

/** Arguments of these are not in the list of their class: they are checked where they are used. */
const alsoCalled = ['as', 'transaction']

/** Every method with arguments of a store, its repositories and its retention. */
export function callsOf(store: Store): readonly Called[] {
  const names: string[] = []
  for (const [holder, held] of [['', store], ...Object.entries(store)] as const) {
    if (typeof held !== 'object' || held === null) continue
    for (
      let proto = Object.getPrototypeOf(held);
      proto && proto !== Object.prototype;
      proto = Object.getPrototypeOf(proto)
    )
      for (const method of Object.getOwnPropertyNames(proto)) {
        const value: unknown = Object.getOwnPropertyDescriptor(proto, method)?.value
        if (typeof value !== 'function') continue
        if (!checksArguments(value) && (holder !== '' || !alsoCalled.includes(method))) continue
        names.push(holder === '' ? method : `${holder}.${method}`)
      }
  }
  return [...new Set(names)].sort().map((name) => ({ name, good: known[name] ?? likely }))
}
