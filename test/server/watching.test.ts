// What watches a server: whether the process lives, whether it is ready, and its metrics.

import { describe, expect, test } from 'vitest'
import { newTask } from '../../src/conformance/support/samples.ts'
import { openStore, type Store } from '../../src/index.ts'
import { describeOnServers } from '../support/engines/servers.ts'
import { serving } from '../support/server/serving.ts'

/** The value of a series; undefined if there is none. */
function valueIn(text: string, series: string): number | undefined {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length + 1))
}

function suite(open: () => Promise<Store>, hasPool: boolean): void {
  test('requests, operations, sets and pools are counted, and nothing of content is told', async () => {
    await using store = await open()
    const { ask } = await serving(store)
    const id = 'secret-id'
    await ask('POST', '/v1/tasks', { body: newTask({ id, title: 'secret title' }) })
    await ask('GET', `/v1/tasks/${id}`)
    await ask('GET', `/v1/t/acme/tasks/${id}`)
    await ask('GET', '/v1/tasks/absent')
    await ask('GET', '/v1/nothing/here')
    await ask('PURGE', '/v1/tasks')
    await ask('GET', '/v1/tasks', { as: 'nobody' })
    const { status, text, headers } = await ask('GET', '/metrics', { as: 'reader' })
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const requests = (labels: string) =>
      valueIn(text, `http_server_request_duration_seconds_count{${labels}}`)
    const of = (method: string, route: string, code: number) =>
      requests(`http_request_method="${method}",http_route="${route}",http_response_status_code="${code}"`)
    expect(of('POST', '/v1/tasks', 201)).toBe(1)
    expect(of('GET', '/v1/tasks/{id}', 200)).toBe(1)
    expect(of('GET', '/v1/tasks/{id}', 404)).toBe(1)
    expect(of('GET', '/v1/t/{tenant}/tasks/{id}', 404)).toBe(1)
    expect(of('_OTHER', '/v1/tasks', 405)).toBe(1)
    expect(of('GET', '/v1/tasks', 401)).toBe(1)
    expect(requests('http_request_method="GET",http_response_status_code="404"')).toBe(1)
    expect(valueIn(text, 'http_server_active_requests')).toBe(1)
    expect(text).toMatch(
      /^db_client_operation_duration_seconds_count\{db_system_name="\w+",db_operation_name="read"\} \d+$/m,
    )
    expect(text).toMatch(/^purser_write_set_size_bucket\{db_system_name="\w+",le="1"\} 1$/m)
    expect(valueIn(text, 'purser_write_queue_depth')).toBe(0)
    expect(valueIn(text, 'purser_feed_listeners')).toBe(0)
    expect(text.includes('db_client_connection_max{')).toBe(hasPool)
    expect(text).not.toContain('secret')
    expect(text).not.toContain('acme')
  })
}

describe('watching', () => {
  suite(() => openStore('sqlite::memory:'), false)

  test('a schema that is behind, or a store that is closed, is not ready', async () => {
    const store = await openStore('sqlite::memory:')
    const { ask } = await serving(store)
    expect(await ask('GET', '/readyz', { as: 'nobody' })).toMatchObject({
      status: 200,
      body: { ok: true, schemaVersion: expect.any(Number) },
    })
    await store.migrate({ to: 15, allowDataLoss: true, backup: false })
    await new Promise((resolve) => setTimeout(resolve, 600))
    const behind = await ask('GET', '/readyz', { as: 'nobody' })
    expect(behind.status).toBe(503)
    expect(behind.headers.get('retry-after')).toBe('2')
    expect(behind.body).toMatchObject({
      ok: false,
      schemaVersion: 15,
      why: expect.stringMatching(
        /^the schema is at version 15, and this build needs \d+: run purser migrate$/,
      ),
    })
    await store.close()
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect(await ask('GET', '/readyz', { as: 'nobody' })).toMatchObject({
      status: 503,
      body: { ok: false, schemaVersion: null, why: 'the database does not answer' },
    })
    expect((await ask('GET', '/healthz', { as: 'nobody' })).body).toEqual({ ok: true })
    expect(await ask('GET', '/v1/tasks')).toMatchObject({ status: 503 })
  })

  test('metrics are for readers of no tenant, or for all where the server says so', async () => {
    await using store = await openStore('sqlite::memory:')
    const { ask } = await serving(store, { hosts: [] })
    expect((await ask('GET', '/metrics', { as: 'nobody' })).status).toBe(401)
    expect((await ask('GET', '/metrics', { headers: { 'x-tenant': 'acme' } })).status).toBe(403)
    expect((await ask('GET', '/metrics', { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403)
    expect((await ask('POST', '/metrics')).status).toBe(404)
    const { ask: askOpen } = await serving(store, { openMetrics: true })
    expect((await askOpen('GET', '/metrics', { as: 'nobody' })).status).toBe(200)
  })

  test('a server that stops is not ready', async () => {
    await using store = await openStore('sqlite::memory:')
    const { server } = await serving(store)
    await server.close()
    const answer = await server.fetch(new Request('http://localhost/readyz'))
    expect([answer.status, await answer.json()]).toEqual([
      503,
      { ok: false, latencyMs: 0, schemaVersion: null, why: 'the server is stopping' },
    ])
  })
})

describeOnServers('watching', (places) => {
  suite(async () => openStore(places.urlOf(await places.create())), true)
})
