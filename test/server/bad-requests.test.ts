// Requests that are wrong: each is refused with its own status, and none is a fault of the server.

import { expect, test } from 'vitest'
import { newTask } from '../../src/conformance/support/samples.ts'
import { openStore } from '../../src/index.ts'
import { type Ask, serving } from '../support/server/serving.ts'

const json = { 'content-type': 'application/json' }

test('what is wrong with a request is said, and nothing is done', async () => {
  await using store = await openStore('sqlite::memory:')
  const { ask, url, faults } = await serving(store, { hosts: ['books.example'] })
  const task = await store.tasks.create(newTask({ id: 't' }))
  await store.plans.create({ name: 'a/b', actionName: 'x', description: 'd' })
  await store.tasks.create(newTask({ id: 'u', project: 'other' }))
  const { nextCursor } = (await ask('GET', '/v1/tasks?limit=1')).body
  const patch = (tag?: string): Ask => ({
    body: { title: 'x' },
    ...(tag === undefined ? {} : { headers: { 'if-match': tag } }),
  })
  const cases: readonly (readonly [string, string, Ask, number, string])[] = [
    ['PATCH', '/v1/tasks/t', patch(), 428, 'VERSION_REQUIRED'],
    ['PATCH', '/v1/tasks/t', patch('"9"'), 412, 'VERSION_CONFLICT'],
    ['PATCH', '/v1/tasks/t', patch('W/"1"'), 412, 'WEAK_ETAG'],
    ...['1', '"x"', '*', '"1", "2"', '"0"', `"${'9'.repeat(30)}"`].map(
      (tag) => ['PATCH', '/v1/tasks/t', patch(tag), 400, 'INVALID_REQUEST'] as const,
    ),
    ['GET', '/v1/nothing', {}, 404, 'ROUTE_NOT_FOUND'],
    ['PUT', '/v1/tasks/t', { body: {} }, 405, 'METHOD_NOT_ALLOWED'],
    ['DELETE', '/v1/tasks', {}, 405, 'METHOD_NOT_ALLOWED'],
    ['GET', '/v1/tasks?colour=red', {}, 400, 'INVALID_RECORD'],
    ['GET', '/v1/status?colour=red', {}, 400, 'INVALID_REQUEST'],
    ['GET', `/v1/plans?cursor=${nextCursor}`, {}, 400, 'INVALID_RECORD'],
    ['GET', '/v1/tasks', { as: 'nobody' }, 401, 'UNAUTHENTICATED'],
    ['POST', '/v1/tasks/t/transition', { as: 'reader', body: {} }, 403, 'FORBIDDEN'],
    ['GET', '/v1/tasks', { headers: { origin: 'https://evil.example' } }, 403, 'ORIGIN_REFUSED'],
    ['GET', '/v1/tasks', { headers: { origin: 'null' } }, 403, 'ORIGIN_REFUSED'],
    ['GET', '/v1/tasks', { headers: { 'sec-fetch-site': 'cross-site' } }, 403, 'ORIGIN_REFUSED'],
    ['GET', '/v1/tasks', { headers: { accept: 'image/png' } }, 406, 'NOT_ACCEPTABLE'],
  ]
  for (const [method, path, more, status, code] of cases) {
    const answer = await ask(method, path, more)
    expect([answer.status, answer.body?.code], `${method} ${path} ${JSON.stringify(more)}`).toEqual([
      status,
      code,
    ])
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  }
  const raw = async (body: string | Uint8Array, headers: Readonly<Record<string, string>>) => {
    const answer = await fetch(`${url}/v1/tasks`, {
      ...{ method: 'POST', body, headers: { 'x-role': 'operator', ...headers } },
      ...({ duplex: 'half' } as object),
    })
    return [answer.status, ((await answer.json()) as { readonly code: string }).code]
  }
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  expect(await raw('title=x', form)).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE'])
  expect(await raw('title=x', { ...form, 'sec-fetch-site': 'cross-site' })).toEqual([403, 'ORIGIN_REFUSED'])
  expect(await raw('{"title":', json)).toEqual([400, 'INVALID_REQUEST'])
  expect(await raw(new Uint8Array([0x22, 0xff, 0x22]), json)).toEqual([400, 'INVALID_REQUEST'])
  const deep = `{"metadata":${'['.repeat(10_000)}${']'.repeat(10_000)}}`
  expect(await raw(deep, json)).toEqual([400, 'INVALID_REQUEST'])
  expect(await store.tasks.get('t')).toEqual(task)
  expect(faults).toEqual([])
})

test('only the names that a server has are answered; a proxy may give one if it is trusted', async () => {
  await using store = await openStore('sqlite::memory:')
  const behind = await serving(store, { hosts: ['books.example'], trustProxy: true })
  const plain = await serving(store, { hosts: ['books.example'] })
  const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' }
  expect((await plain.ask('GET', '/v1/me', { headers })).status).toBe(200)
  const refused = await behind.ask('GET', '/v1/me', { headers })
  expect(refused).toMatchObject({ status: 403, body: { code: 'ORIGIN_REFUSED' } })
  const named = {
    'x-forwarded-host': 'evil.example, Books.Example:8443',
    origin: 'https://books.example:8443',
  }
  expect((await behind.ask('GET', '/v1/me', { headers: named })).status).toBe(200)
  expect((await plain.ask('GET', '/v1/me', { headers: named })).status).toBe(403)
})

test('too many requests of one token are refused, with a time to come back', async () => {
  await using store = await openStore('sqlite::memory:')
  const { ask } = await serving(store, { rate: { perSecond: 1, burst: 3 } })
  const statuses: number[] = []
  for (let turn = 0; turn < 4; turn += 1) statuses.push((await ask('GET', '/v1/me')).status)
  expect(statuses).toEqual([200, 200, 200, 429])
  const refused = await ask('GET', '/v1/me')
  expect(refused.body).toMatchObject({ code: 'RATE_LIMITED', retryable: true })
  expect(refused.headers.get('retry-after')).toBe('1')
  expect((await ask('GET', '/v1/me', { as: 'reader' })).status).toBe(200)
})

test('requests of those who are not known are counted by address, and wrong tokens are', async () => {
  await using store = await openStore('sqlite::memory:')
  const { secret } = await store.tokens.create({ name: 'ci', role: 'reader' })
  const { ask, server } = await serving(store, {
    authenticate: undefined,
    rate: { perSecond: 0.1, burst: 3 },
    trustProxy: true,
  })
  const by = (token: string) => ({ as: 'nobody', headers: { authorization: `Bearer ${token}` } }) as const
  const statuses: number[] = []
  for (const asked of [by('purser_x'), { as: 'nobody' } as const, by(`${secret}x`), by('purser_y')])
    statuses.push((await ask('GET', '/v1/me', asked)).status)
  expect(statuses).toEqual([401, 401, 401, 429])
  const refused = await ask('GET', '/openapi.json', { as: 'nobody' })
  expect(refused).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED', retryable: true } })
  expect(refused.headers.get('retry-after')).toMatch(/^\d+$/)
  expect((await ask('GET', '/v1/me', by(secret))).status).toBe(200)
  expect((await ask('GET', '/healthz', { as: 'nobody' })).status).toBe(200)
  const from = async (forwarded: string) =>
    (await ask('GET', '/openapi.json', { as: 'nobody', headers: { 'x-forwarded-for': forwarded } })).status
  // The proxy wrote the last one; those before it are anyone's words.
  expect(await from('10.0.0.1, 10.0.0.2')).toBe(200)
  for (const last of ['2001:db8::1', '2001:db8:0:0:5::2', '2001:db8::3']) expect(await from(last)).toBe(200)
  expect(await from('2001:db8::4')).toBe(429)
  expect(await from('2001:db8:0:1::4')).toBe(200)
  // Mounted in an application, a server may not know where requests come from.
  const mounted = await server.fetch(new Request('http://127.0.0.1/openapi.json'))
  expect(mounted.status).toBe(200)
})

test('nobody appends an audit entry in the name of another', async () => {
  await using store = await openStore('sqlite::memory:')
  const { ask } = await serving(store)
  const body = { action: 'tool:call', subjectType: 'tool' }
  const own = await ask('POST', '/v1/audit', { as: 'admin', actor: 'ada', body })
  expect(own.body).toMatchObject({ actor: 'ada' })
  const other = await ask('POST', '/v1/audit', { as: 'admin', actor: 'ada', body: { ...body, actor: 'bo' } })
  expect(other).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } })
})
