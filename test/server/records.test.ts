// Records by HTTP, on every engine: make, read, change at a version, delete, list, and the verbs.

import { describe, expect, test } from 'vitest'
import { newTask } from '../../src/conformance/support/samples.ts'
import { openStore, type Store } from '../../src/index.ts'
import { describeOnServers } from '../support/engines/servers.ts'
import { serving } from '../support/server/serving.ts'

function suite(open: () => Promise<Store>): void {
  test('a record is made, read, changed at its version and deleted', async () => {
    await using store = await open()
    const { ask } = await serving(store)
    const made = await ask('POST', '/v1/tasks', { body: newTask({ title: 'Write it' }), actor: 'ada' })
    expect(made.status).toBe(201)
    expect(made.headers.get('etag')).toBe('"1"')
    const path = made.headers.get('location') ?? ''
    expect(path).toBe(`/v1/tasks/${made.body.id}`)
    const read = await ask('GET', path)
    expect(read.body).toEqual(made.body)
    expect(read.headers.get('etag')).toBe('"1"')

    const changed = await ask('PATCH', path, {
      body: { title: 'Write it well' },
      headers: { 'if-match': '"1"' },
      actor: 'ada',
    })
    expect(changed.body).toMatchObject({ title: 'Write it well', version: 2 })
    expect(changed.headers.get('etag')).toBe('"2"')
    const [entry] = (await store.audit.query({ taskId: made.body.id })).items
    expect(entry).toMatchObject({ action: 'task:update', actor: 'ada' })

    const stale = await ask('DELETE', path, { headers: { 'if-match': '"1"' } })
    expect(stale.status).toBe(412)
    expect(stale.body).toMatchObject({ code: 'VERSION_CONFLICT', expected: 1, actual: 2 })
    expect((await ask('DELETE', path, { headers: { 'if-match': '"2"' } })).status).toBe(204)
    expect((await ask('GET', path)).body).toMatchObject({ code: 'RECORD_NOT_FOUND', status: 404 })
    expect((await ask('DELETE', path, { headers: { 'if-match': '"2"' } })).status).toBe(404)
  })

  test('lists have filters, pages and counts', async () => {
    await using store = await open()
    const { ask } = await serving(store)
    await store.tasks.createMany(
      [1, 2, 3].map((index) => newTask({ id: `t-${index}`, project: index === 3 ? 'other' : 'tide' })),
    )
    const first = await ask('GET', '/v1/tasks?project=tide&limit=1')
    expect(first.body.items.map(({ id }: { id: string }) => id)).toEqual(['t-1'])
    const next = await ask('GET', `/v1/tasks?project=tide&limit=1&cursor=${first.body.nextCursor}`)
    expect(next.body).toMatchObject({ items: [{ id: 't-2' }], nextCursor: null })
    expect((await ask('GET', '/v1/tasks/count?project=tide&project=other')).body).toEqual({ count: 3 })
    expect((await ask('GET', '/v1/tasks/count?without=assignedTo')).body).toEqual({ count: 3 })
    expect((await ask('GET', '/v1/tasks/counts?by=project,status')).body.items).toEqual([
      { project: 'tide', status: 'created', count: 2 },
      { project: 'other', status: 'created', count: 1 },
    ])
    const foreign = await ask('GET', `/v1/tasks?project=other&cursor=${first.body.nextCursor}`)
    expect(foreign).toMatchObject({ status: 400, body: { issues: [{ path: ['cursor'] }] } })
  })

  test('verbs take their arguments from the path, the body and If-Match', async () => {
    await using store = await open()
    const { ask } = await serving(store)
    const actors = { strategy: 'lead', execution: 'otto' }
    await ask('POST', '/v1/actions', { body: { name: 'a/x', description: 'd', actors } })
    const plan = (await ask('POST', '/v1/plans', { body: { name: 'a/b', actionName: 'a/x' } })).body
    const path = `/v1/plans/${plan.planId}`
    const at = (version: number) => ({ headers: { 'if-match': `"${version}"` } })
    const used = await ask('POST', `${path}/use`, at(1))
    expect(used.body).toMatchObject({ planId: plan.planId, phase: 'strategize', version: 2 })
    const again = await ask('POST', `${path}/use`, at(2))
    expect(again).toMatchObject({
      status: 409,
      body: { code: 'INVALID_TRANSITION', from: 'strategize/queued', allowed: expect.any(Array) },
    })
    await ask('POST', `${path}/start`, at(2))
    const failed = await ask('POST', `${path}/fail`, { ...at(3), body: { message: 'it rains' } })
    expect(failed.body).toMatchObject({ state: 'errored', error: { message: 'it rains' }, version: 4 })
    const cancelled = await ask('POST', `${path}/cancel`, {
      ...at(4),
      body: { reason: 'enough', tree: true },
    })
    expect(cancelled.body).toMatchObject({ state: 'cancelled', cancelReason: 'enough' })
    const tree = await ask('GET', `${path}/tree`)
    expect(tree.body).toEqual({
      items: [{ plan: cancelled.body, level: 1, children: 0 }],
      depth: 1,
      corrupt: [],
    })

    const claim = await ask('POST', '/v1/tasks/claim', { body: { agent: 'agent-7' } })
    expect(claim.body).toEqual({ items: [] })
    await store.tasks.create(newTask({ id: 'ready' }))
    const [task] = (await ask('POST', '/v1/tasks/claim', { body: { agent: 'agent-7', lease: '60s' } })).body
      .items
    expect(task).toMatchObject({ id: 'ready', status: 'in_progress' })
    const beat = await ask('POST', '/v1/tasks/ready/heartbeat', { body: { claimId: task.claimId } })
    expect(beat.status).toBe(204)
    const done = await ask('POST', '/v1/tasks/ready/complete', { body: { claimId: task.claimId } })
    expect(done.body.status).toBe('completed')
    const late = await ask('POST', '/v1/tasks/ready/complete', { body: { claimId: task.claimId } })
    expect(late).toMatchObject({ status: 409, body: { code: 'LEASE_LOST', retryable: false } })
  })

  test('costs are appended once by their key, and reported', async () => {
    await using store = await open()
    const { ask } = await serving(store)
    const call = { agentId: 'a', provider: 'p', model: 'm', inputTokens: 10, outputTokens: 1, cost: '0.25' }
    const headers = { 'idempotency-key': 'once' }
    const first = await ask('POST', '/v1/costs', { body: call, headers })
    const second = await ask('POST', '/v1/costs', { body: call, headers })
    expect(second.body).toEqual(first.body)
    const other = await ask('POST', '/v1/costs', { body: { ...call, cost: '0.5' }, headers })
    expect(other).toMatchObject({ status: 409, body: { code: 'DUPLICATE_RECORD', fields: ['cost'] } })
    const report = await ask('GET', '/v1/costs/report?by=model&timeZone=Europe/Berlin')
    expect(report.body.items).toMatchObject([{ model: 'm', cost: '0.25', records: 1 }])
  })
}

describe('records by HTTP', () => suite(() => openStore('sqlite::memory:')))
describeOnServers('records by HTTP', (places) => {
  suite(async () => openStore(places.urlOf(await places.create())))
})
