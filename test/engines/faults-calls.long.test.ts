// Fault injection: every call of the driver under every verb is made to fail once. What a caller
// was told is true: refused means not stored, resolved means stored; and the next call works.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore, type Store } from '../../src/index.ts'
import { contentOf } from '../support/database-content.ts'
import { failEachCall } from '../support/faults.ts'

const task = { title: 't', description: 'd', project: 'p', createdBy: 'c', type: 'admin' } as const
const cost = {
  agentId: 'a',
  taskId: null,
  provider: 'p',
  model: 'm',
  inputTokens: 1,
  outputTokens: 1,
  cost: '0.5',
}
const message = { sender: 's', to: 't', channel: 'c', type: 'question', content: 'some words' } as const
const root = '01J00000000000000000000001'
const child = '01J00000000000000000000002'
const leaf = '01J00000000000000000000003'
const plan = { actionName: 'local/build', description: 'd' }
const tables = [
  ...['tasks', 'cost_records', 'cost_totals', 'messages', 'plans', 'actions'],
  ...['automation_profiles', 'audit_entries'],
]

let folder = ''
let template = ''
let newest: number | null = null
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'purser-faults-'))
  template = join(folder, 'template.db')
  const store = await openStore(`sqlite:${template}`)
  await store.tasks.create({ ...task, id: 'old' })
  await store.tasks.create({ ...task, id: 'other' })
  await store.costRecords.append({ ...cost, idempotencyKey: 'old' })
  await store.messages.appendMany([1, 2, 3].map((number) => ({ ...message, id: `old-${number}` })))
  const actors = { strategy: 'planner', execution: 'coder' }
  await store.actions.create({ name: 'local/build', description: 'd', actors })
  await store.plans.createMany([
    { ...plan, planId: root, name: 'local/old' },
    { ...plan, planId: child, parentPlanId: root },
    { ...plan, planId: leaf, parentPlanId: child },
    ...[1, 2].map(() => ({ ...plan, parentPlanId: child })),
  ])
  await store.actions.create({ name: 'local/old', description: 'd' })
  const careful = await store.automationProfiles.get('cautious')
  if (!careful?.profile) throw new Error('the built-in profile is not there')
  await store.automationProfiles.create({ ...careful.profile, name: 'local/careful' })
  await store.audit.append({ action: 'a:b', subjectType: 'old' })
  newest = (await store.healthCheck()).schemaVersion
  await store.close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const writes: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
  'tasks.create': (store) => store.tasks.create({ ...task, id: 'new' }),
  'tasks.createMany': (store) =>
    store.tasks.createMany([1, 2, 3].map((number) => ({ ...task, id: `new-${number}` }))),
  'tasks.save of a new task': (store) => store.tasks.save({ ...task, id: 'new' }),
  'tasks.save of an old task': (store) => store.tasks.save({ ...task, id: 'old', title: 'changed' }),
  'tasks.update': (store) => store.tasks.update('old', { title: 'changed' }, { version: 1 }),
  'tasks.transition': (store) =>
    store.tasks.transition('old', 'assigned', { version: 1, patch: { assignedTo: 'a' } }),
  'tasks.delete': (store) => store.tasks.delete('old'),
  'costRecords.append': (store) => store.costRecords.append({ ...cost, idempotencyKey: 'new' }),
  'costRecords.appendMany': (store) =>
    store.costRecords.appendMany([cost, { ...cost, idempotencyKey: 'old' }, cost]),
  'messages.append': (store) => store.messages.append({ ...message, id: 'new' }),
  'messages.appendMany': (store) =>
    store.messages.appendMany([1, 2, 3].map((number) => ({ ...message, id: `new-${number}` }))),
  'eight writes at once': (store) =>
    Promise.all(
      [1, 2, 3, 4, 5, 6, 7, 8].map((number) => store.messages.append({ ...message, id: `new-${number}` })),
    ),
  'a transaction': (store) =>
    store.transaction(async (tx) => {
      await tx.tasks.create({ ...task, id: 'new' })
      await tx.tasks.get('new')
      await tx.messages.append({ ...message, id: 'new' })
    }),
  'plans.create of a root': (store) => store.plans.create({ ...plan, name: 'local/new' }),
  'plans.create of a child with a profile': (store) =>
    store.plans.create({ ...plan, parentPlanId: child, automationProfile: 'local/careful' }),
  'plans.createMany': (store) =>
    store.plans.createMany([
      { ...plan, planId: '01J00000000000000000000009', name: 'local/new' },
      { ...plan, parentPlanId: '01J00000000000000000000009' },
    ]),
  'plans.update': (store) => store.plans.update(root, { description: 'changed' }, { version: 1 }),
  'plans.use': (store) => store.plans.use(root, { version: 1 }),
  'plans.cancel': (store) => store.plans.cancel(leaf, 'over', { version: 1 }),
  'plans.cancel of a tree': (store) => store.plans.cancel(root, 'over', { version: 1, tree: true }),
  'plans.delete of a tree': (store) => store.plans.delete(root, { tree: true }),
  'actions.create': (store) => store.actions.create({ name: 'local/new', description: 'd' }),
  'actions.update': (store) => store.actions.update('local/old', { state: 'archived' }, { version: 1 }),
  'actions.delete': (store) => store.actions.delete('local/old'),
  'automationProfiles.update': (store) =>
    store.automationProfiles.update('local/careful', { editCode: 1 }, { version: 1 }),
  'automationProfiles.delete': (store) => store.automationProfiles.delete('local/careful'),
  'audit.append': (store) => store.audit.append({ action: 'a:b', subjectType: 'new' }),
  'eight moves and entries at once': (store) =>
    Promise.all([
      store.plans.use(root, { version: 1 }),
      store.plans.use(child, { version: 1 }),
      store.plans.create({ ...plan, name: 'local/new' }),
      store.tasks.transition('old', 'cancelled', { version: 1 }),
      ...[1, 2, 3, 4].map(() => store.audit.append({ action: 'a:b', subjectType: 'new' })),
    ]),
  'a transaction of moves': (store) =>
    store.as('lead').transaction(async (tx) => {
      const moved = await tx.plans.use(root, { version: 1 })
      await tx.transaction((inner) => inner.plans.start(root, moved))
      await tx.as('ann').audit.append({ action: 'a:b', subjectType: 'new' })
      await tx.plans.cancel(child, null, { version: 1, tree: true })
    }),
  'a nested transaction': (store) =>
    store.transaction(async (tx) => {
      await tx.tasks.create({ ...task, id: 'new' })
      await tx.transaction((inner) => inner.costRecords.append(cost))
    }),
}

describe.each(Object.entries(writes))('%s', (_, action) => {
  test('with each call of the driver failing', async () => {
    const failed = await failEachCall({
      template,
      // With and without prepared statements at hand, the calls are the same in their order.
      action,
      check: async ({ path, store, error, call }) => {
        const after = contentOf(path, tables)
        const where = `${call.method} ${call.sql.slice(0, 60)}`
        if (error === undefined) expect(after, where).not.toEqual(contentOf(template, tables))
        else expect(after, where).toEqual(contentOf(template, tables))
        // The same again, now that the driver works: refused before means possible now.
        if (error !== undefined) await action(store)
        expect(contentOf(path, tables), where).not.toEqual(contentOf(template, tables))
        expect(await store.audit.verify(), where).toMatchObject({ ok: true })
        expect(await store.healthCheck()).toMatchObject({ ok: true })
      },
    })
    expect(failed).toBeGreaterThan(0)
  })
})

const reads: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
  'tasks.get': (store) => store.tasks.get('old'),
  'tasks.getMany': async (store) => [...(await store.tasks.getMany(['old', 'other'])).keys()],
  'tasks.list': (store) => store.tasks.list({ project: 'p' }),
  'tasks.count': (store) => store.tasks.count(),
  'tasks.each': (store) => collect(store.tasks.each()),
  'costRecords.query': (store) => store.costRecords.query(),
  'costRecords.aggregate': (store) => store.costRecords.aggregate({}, { by: ['agent'] }),
  'messages.history': (store) => store.messages.history('c'),
  'messages.search': (store) => store.messages.search('words'),
  'plans.list': (store) => store.plans.list({ name: 'local/*' }),
  'plans.tree': async (store) => [...((await store.plans.tree(root))?.nodes.keys() ?? [])],
  'plans.ancestors': (store) => store.plans.ancestors(child),
  'plans.cost': (store) => store.plans.cost(root, { tree: true }),
  'automationProfiles.list': (store) => store.automationProfiles.list(),
  'audit.query': (store) => store.audit.query({ action: 'plan:*' }),
  'audit.verify': (store) => store.audit.verify(),
  migrationStatus: (store) => store.migrationStatus(),
  // Statements of a plan hold the time at which it was made.
  migrationPlan: async (store) =>
    JSON.stringify(await store.migrationPlan({ to: 3 })).replaceAll(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, 'now'),
}

describe.each(Object.entries(reads))('%s', (_, action) => {
  test('with each call of the driver failing', async () => {
    const failed = await failEachCall({
      template,
      action,
      check: async ({ path, store }) => {
        expect(contentOf(path, tables)).toEqual(contentOf(template, tables))
        const whole = await openStore(`sqlite:${path}`)
        expect(await action(store)).toEqual(await action(whole))
        await whole.close()
        await store.tasks.create(task)
      },
    })
    expect(failed).toBeGreaterThan(0)
  })
})

test('healthCheck answers whatever call fails', async () => {
  await failEachCall({
    template,
    action: async (store) => {
      const health = await store.healthCheck()
      expect(health).toMatchObject({ ok: expect.any(Boolean), latencyMs: expect.any(Number) })
      if (!health.ok) expect(health.error).not.toContain('secret words')
    },
    check: async ({ store, error }) => {
      expect(error).toBeUndefined()
      expect(await store.healthCheck()).toMatchObject({ ok: true, schemaVersion: newest })
    },
  })
})

test('a read while a transaction stands open, with each call of its own connection failing', async () => {
  const failed = await failEachCall({
    template,
    action: (store) =>
      store.transaction(async (tx) => {
        await tx.tasks.create({ ...task, id: 'new' })
        // The read goes outside of the transaction, by a connection that is opened for it.
        await outside(store)
      }),
    only: ({ method, sql }) =>
      method === 'open' || method === 'pragma' || (method === 'all' && sql.includes('count(')),
    check: async ({ store, path, error }) => {
      if (error !== undefined) expect(contentOf(path, tables)).toEqual(contentOf(template, tables))
      expect(await store.tasks.count()).toBe(error === undefined ? 3 : 2)
    },
  })
  expect(failed).toBeGreaterThan(3)
})

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** As another caller of the same store makes it: not inside the transaction's callback. */
function outside(store: Store): Promise<number> {
  return new Promise((resolve, reject) => {
    queueOutside(() => store.tasks.count().then(resolve, reject))
  })
}
const queued: (() => void)[] = []
const queueOutside = (action: () => void) => queued.push(action)
beforeAll(() => {
  const timer = setInterval(() => {
    for (const action of queued.splice(0)) action()
  }, 1)
  return () => clearInterval(timer)
})
