// The repositories over HTTP: the same records, values and errors as from a store.

import { describe, expect, test } from 'vitest'
import { type Client, createClient, RequestFailedError } from '../../src/client/index.ts'
import { newApproval, newBudget, newPlan, newTask } from '../../src/conformance/support/samples.ts'
import {
  BudgetExceededError,
  DuplicateRecordError,
  InvalidRecordError,
  InvalidTransitionError,
  LeaseLostError,
  openStore,
  RecordNotFoundError,
  TimeoutError,
  VersionConflictError,
} from '../../src/index.ts'
import { clientOf } from '../support/server/client.ts'

const failure = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('a client', () => {
  test('makes, reads, changes and deletes records, which are as the store has them', async () => {
    await using store = await openStore('sqlite::memory:')
    const client = clientOf(store, { token: 'ada' })
    const made = await client.tasks.create(
      newTask({ title: 'Chart it', budgetLimit: '12.50', metadata: { at: '2026-01-31T09:30:00.000Z' } }),
    )
    expect(made).toEqual(await store.tasks.get(made.id))
    expect(made).toMatchObject({ createdAt: expect.any(Date), budgetLimit: '12.5', version: 1 })
    expect(made.metadata).toEqual({ at: '2026-01-31T09:30:00.000Z' })
    const changed = await client.tasks.update(made.id, { title: 'Chart it well' }, made)
    expect(changed).toEqual(await store.tasks.get(made.id))
    expect((await store.audit.query({ taskId: made.id })).items.map(({ actor }) => actor)).toEqual([
      'ada',
      'ada',
    ])
    expect(await client.tasks.delete(made.id)).toBe(true)
    expect(await client.tasks.delete(made.id)).toBe(false)
    expect(await client.tasks.get(made.id)).toBeNull()

    const state = new Uint8Array(70_000).map((_, index) => index)
    const parked = await client.parkedRuns.park({ agentId: 'a', format: 'f@1', state })
    expect(parked.state).toEqual(state)
    expect((await client.parkedRuns.resume(parked.id))?.resumedAt).toBeInstanceOf(Date)
    expect(await client.parkedRuns.resume(parked.id)).toBeNull()

    const theme = await client.settings.set('local/theme', { dark: true }, { version: null })
    expect(await client.settings.set('local/theme', false, { version: theme.version })).toMatchObject({
      value: false,
      version: 2,
    })
    expect(await failure(client.settings.delete('local/theme', { version: 1 }))).toBeInstanceOf(
      VersionConflictError,
    )
  })

  test('lists by any filter, and reads on by itself', async () => {
    await using store = await openStore('sqlite::memory:')
    const client = clientOf(store)
    await store.tasks.createMany([
      newTask({ id: 't-1', metadata: { size: 3 } }),
      newTask({ id: 't-2', metadata: { size: '3' }, createdBy: 'ann' }),
      newTask({ id: 't-3', title: 'a & b=c', metadata: { size: 4 } }),
    ])
    const ids = async (filter: Parameters<typeof client.tasks.list>[0]) =>
      (await client.tasks.list(filter)).items.map(({ id }) => id)
    expect(await ids({ metadata: { size: 3 } })).toEqual(['t-1'])
    expect(await ids({ metadata: { size: [3, '3'] } })).toEqual(['t-1', 't-2'])
    expect(await ids({ createdBy: ['ann', 'bob'], assignedTo: [null, 'bob'] })).toEqual(['t-2'])
    expect(await ids({ title: 'a & b=*' })).toEqual(['t-3'])
    expect(await client.tasks.counts({ by: ['status'] })).toEqual([{ status: 'created', count: 3 }])
    const { items, nextCursor } = await client.tasks.list({}, { limit: 2, order: 'desc' })
    expect(items.map(({ id }) => id)).toEqual(['t-3', 't-2'])
    expect((await client.tasks.list({}, { order: 'desc', cursor: nextCursor ?? '' })).items[0]?.id).toBe(
      't-1',
    )

    const message = { sender: 'a', to: 'b', channel: 'c', type: 'task_update' as const }
    await store.messages.appendMany(
      Array.from({ length: 501 }, (_, index) => ({ ...message, content: `${index}` })),
    )
    const read: string[] = []
    for await (const { content } of client.messages.each({ channel: 'c' }, { order: 'asc' }))
      read.push(content)
    expect(read).toEqual(Array.from({ length: 501 }, (_, index) => `${index}`))
    const { items: newest } = await client.messages.history('c', { limit: 2 })
    const before = await client.messages.history('c', { limit: 1, before: newest[1] })
    expect(before.items.map(({ content }) => content)).toEqual(['498'])
  })

  test('gives trees, totals, heads and what waits', async () => {
    await using store = await openStore('sqlite::memory:')
    const client = clientOf(store)
    const root = await client.plans.create(newPlan())
    const child = await client.plans.create(newPlan({ parentPlanId: root.planId }))
    expect(await client.plans.tree(root.planId)).toEqual(await store.plans.tree(root.planId))
    expect((await client.plans.tree(root.planId))?.nodes.get(child.planId)?.parent?.plan).toEqual(root)
    expect(await client.plans.tree('none')).toBeNull()
    expect(await client.audit.head()).toEqual(await store.audit.head())
    expect((await client.audit.verify({ expectedHead: (await store.audit.head()) ?? undefined })).ok).toBe(
      true,
    )
    const { hash } = (await store.audit.head()) as { readonly hash: string }
    expect((await client.audit.verify({ expectedHead: hash })).ok).toBe(true)
    const approval = await client.approvals.request(newApproval())
    expect(await failure(client.approvals.wait(approval.id, { timeout: 20 }))).toBeInstanceOf(TimeoutError)
    const waiting = client.approvals.wait(approval.id)
    await store.as('human:ada').approvals.approve(approval.id, { reason: 'fine' }, approval)
    expect(await waiting).toMatchObject({ status: 'approved', decidedAt: expect.any(Date) })
    expect((await client.search(root.planId))[0]?.record).toEqual(await store.plans.get(root.planId))
    expect(await client.me()).toMatchObject({ role: 'admin', server: { engine: 'sqlite' } })
    expect(await client.status()).toMatchObject({ health: { ok: true } })
    expect(await client.drift()).toEqual([])
    expect((await client.doctor({ only: ['ledger'] })).checks).toHaveLength(1)
    expect(await client.retention.preview({ messages: '30d' })).toMatchObject([
      { cutoff: expect.any(Date), rows: 0 },
    ])
    expect(await client.retention.prune({ messages: '30d' })).toMatchObject([{ kind: 'messages', rows: 0 }])
  })

  test('rejects with the errors of the library, and what they have', async () => {
    await using store = await openStore('sqlite::memory:')
    const client = clientOf(store)
    const task = await store.tasks.create(newTask({ id: 't-1' }))
    const conflict = await failure(client.tasks.update('t-1', { title: 'x' }, { version: 7 }))
    expect(conflict).toBeInstanceOf(VersionConflictError)
    expect(conflict).toMatchObject({
      name: 'VersionConflictError',
      code: 'VERSION_CONFLICT',
      expected: 7,
      actual: 1,
    })
    const calls: ((tasks: Client['tasks']) => Promise<unknown>)[] = [
      (tasks) => tasks.create(newTask({ id: 't-1' })),
      (tasks) => tasks.update('none', {}, { version: 1 }),
      (tasks) => tasks.create({ colour: 'red' } as never),
      (tasks) => tasks.list({ status: 'done' as never }),
      (tasks) => tasks.complete('t-1', 'none'),
      (tasks) => tasks.transition('t-1', 'completed', task),
    ]
    for (const call of calls) {
      const got = (await failure(call(client.tasks))) as Error
      const wanted = (await failure(call(store.tasks))) as Error
      expect(got).toBeInstanceOf(wanted.constructor)
      expect({ ...got, message: got.message }).toEqual({ ...wanted, message: wanted.message })
    }
    expect(await failure(client.tasks.complete('t-1', 'none'))).toBeInstanceOf(LeaseLostError)
    expect(await failure(client.tasks.create(newTask({ id: 't-1' })))).toBeInstanceOf(DuplicateRecordError)
    expect(await failure(client.tasks.transition('t-1', 'completed', task))).toBeInstanceOf(
      InvalidTransitionError,
    )
    expect(await failure(client.tasks.transition('no', 'completed', task))).toBeInstanceOf(
      RecordNotFoundError,
    )
    await store.budgets.create(newBudget({ name: 'small', limit: '1', period: 'day' }))
    const exceeded = await failure(
      client.budgets.reserve({ estimate: '2', agentId: 'a', currency: 'USD' } as never),
    )
    expect(exceeded).toBeInstanceOf(BudgetExceededError)
    expect(exceeded).toMatchObject({ limit: '1', period: { begin: expect.any(Date) } })
  })

  test('refuses what no request can say, before there is one', async () => {
    const client = createClient({
      url: 'http://127.0.0.1:1',
      fetch: () => Promise.reject(new Error('asked')),
    })
    const cyclic: Record<string, unknown> = {}
    cyclic.self = cyclic
    for (const [call, path] of [
      [() => client.tasks.create({ metadata: { n: Number.NaN } } as never), ['metadata']],
      [() => client.tasks.create({ metadata: { n: 1n } } as never), ['metadata']],
      [() => client.tasks.create({ metadata: cyclic } as never), ['metadata']],
      [() => client.tasks.create({ metadata: { bytes: new Uint8Array(1) } } as never), ['metadata']],
      [() => client.tasks.create({ deadline: new Date(Number.NaN) } as never), ['deadline']],
      [() => client.tasks.update('t', {}, {} as never), ['version']],
      [() => client.tasks.list({}, { limt: 5 } as never), ['limt']],
      [() => client.tasks.get(5 as never), ['id']],
      [() => client.tasks.get('..'), ['id']],
    ] as const) {
      const error = await failure(call())
      expect(error).toBeInstanceOf(InvalidRecordError)
      expect(error).toMatchObject({ issues: [{ path }] })
    }
    expect(() => createClient({ url: 'sqlite:x', colour: 'red', timeout: -1 } as never)).toThrow(
      /url.*colour.*timeout/s,
    )
    expect(() => client.with({ url: 'http://x' } as never)).toThrow(InvalidRecordError)
  })

  test('says what only a server refuses', async () => {
    await using store = await openStore('sqlite::memory:')
    const client = clientOf(store, {}, { server: { authenticate: () => null } })
    const refused = await failure(client.tasks.count())
    expect(refused).toBeInstanceOf(RequestFailedError)
    expect(refused).toMatchObject({ code: 'UNAUTHENTICATED', status: 401, retryable: false })
  })
})
