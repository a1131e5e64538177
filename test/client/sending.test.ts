// What a client does when a request fails: what it repeats, when it gives up, what it says.

import { describe, expect, test } from 'vitest'
import { RequestFailedError } from '../../src/client/index.ts'
import { newTask } from '../../src/conformance/support/samples.ts'
import { openStore, PersistenceConnectionError, TimeoutError } from '../../src/index.ts'
import { clientOf } from '../support/server/client.ts'

type Fetch = (request: Request) => Promise<Response>

/** Answers are lost, so many times; the server has done what was asked. */
function losing(times: number): { through: (fetch: Fetch) => Fetch; readonly sent: string[] } {
  const sent: string[] = []
  return {
    sent,
    through: (fetch) => async (request) => {
      sent.push(request.method)
      const response = await fetch(request)
      if (sent.length > times) return response
      throw new TypeError('fetch failed')
    },
  }
}

const cost = { agentId: 'a', provider: 'p', model: 'm', inputTokens: 1, outputTokens: 1, cost: '1' }

describe('a lost answer', () => {
  test('of a read, and of a write that its key or its version names, is asked for again', async () => {
    await using store = await openStore('sqlite::memory:')
    const reading = losing(2)
    expect(await clientOf(store, {}, reading).tasks.count()).toBe(0)
    expect(reading.sent).toEqual(['GET', 'GET', 'GET'])
    const appending = losing(1)
    await clientOf(store, {}, appending).costRecords.append({ ...cost, idempotencyKey: 'once' })
    expect(appending.sent).toEqual(['POST', 'POST'])
    expect(await store.costRecords.count()).toBe(1)
    const message = {
      id: 'm-1',
      sender: 'a',
      to: 'b',
      channel: 'c',
      type: 'task_update' as const,
      content: 'x',
    }
    await clientOf(store, {}, losing(1)).messages.append(message, { idempotent: true })
    expect(await store.messages.count()).toBe(1)
    const task = await store.tasks.create(newTask())
    const changing = losing(1)
    // The first one was made, which the second one says: nothing is done twice.
    await expect(
      clientOf(store, {}, changing).tasks.update(task.id, { title: 'x' }, task),
    ).rejects.toMatchObject({
      code: 'VERSION_CONFLICT',
      actual: 2,
    })
    expect(changing.sent).toHaveLength(2)
  })

  test('of any other write is an error that says so', async () => {
    await using store = await openStore('sqlite::memory:')
    const failing = losing(1)
    const client = clientOf(store, {}, failing)
    const call = client.costRecords.append(cost)
    await expect(call).rejects.toThrow(PersistenceConnectionError)
    await expect(call).rejects.toThrow(/whether it was done is not known/)
    expect(failing.sent).toEqual(['POST'])
    await expect(clientOf(store, { retries: 0 }, losing(1)).tasks.count()).rejects.toThrow(/ask again/)
  })
})

describe('a refusal', () => {
  test('before anything was done is repeated after Retry-After, whatever was asked', async () => {
    await using store = await openStore('sqlite::memory:')
    let refused = 0
    const through = (fetch: Fetch) => async (request: Request) => {
      if (refused++ > 0) return fetch(request)
      const problem = { code: 'RATE_LIMITED', detail: 'too many', status: 429, retryable: true }
      return Response.json(problem, { status: 429, headers: { 'retry-after': '0' } })
    }
    await clientOf(store, {}, { through }).costRecords.append(cost)
    expect(refused).toBe(2)
    refused = 0
    const failure = clientOf(store, { retries: 0 }, { through }).costRecords.append(cost)
    await expect(failure).rejects.toBeInstanceOf(RequestFailedError)
    await expect(failure).rejects.toMatchObject({ code: 'RATE_LIMITED', status: 429, retryable: true })
    expect(await store.costRecords.count()).toBe(1)
  })

  test('by something in between is no answer of the server', async () => {
    await using store = await openStore('sqlite::memory:')
    const through = () => async () => new Response('<h1>Bad gateway</h1>', { status: 502 })
    const call = clientOf(store, { retries: 1 }, { through }).tasks.count()
    await expect(call).rejects.toBeInstanceOf(PersistenceConnectionError)
    await expect(call).rejects.toThrow(/answered with 502/)
  })
})

describe('the end of a call', () => {
  const never = () => (request: Request) =>
    new Promise<Response>((_, reject) =>
      request.signal.addEventListener('abort', () => reject(request.signal.reason)),
    )

  test('comes with its timeout, or its signal', async () => {
    await using store = await openStore('sqlite::memory:')
    const client = clientOf(store, { timeout: 30 }, { through: never })
    await expect(client.tasks.count()).rejects.toBeInstanceOf(TimeoutError)
    const stop = new AbortController()
    const call = client.with({ signal: stop.signal, timeout: 60_000 }).tasks.count()
    stop.abort(new Error('enough'))
    await expect(call).rejects.toThrow('enough')
    const waiting = client
      .with({ timeout: 60_000 })
      .approvals.wait('a', { signal: AbortSignal.abort(new Error('no')) })
    await expect(waiting).rejects.toThrow('no')
  })

  test('comes without a repetition that would be too late', async () => {
    await using store = await openStore('sqlite::memory:')
    const through = () => async () =>
      Response.json(
        { code: 'STOPPING', detail: 'stopping', status: 503, retryable: true },
        {
          status: 503,
          headers: { 'retry-after': '30' },
        },
      )
    await expect(clientOf(store, { timeout: 1000 }, { through }).tasks.count()).rejects.toMatchObject({
      code: 'STOPPING',
    })
  })
})

test('a token may be a function, and a tenant is part of the path', async () => {
  await using store = await openStore('sqlite::memory:')
  const seen: string[] = []
  const through = (fetch: Fetch) => (request: Request) => {
    seen.push(`${new URL(request.url).pathname} ${request.headers.get('authorization')}`)
    return fetch(request)
  }
  let number = 0
  const client = clientOf(store, { token: async () => `t-${number++}` }, { through })
  await client.tasks.count()
  await client
    .with({ tenant: 'a b' })
    .tasks.count()
    .catch(() => undefined)
  expect(seen).toEqual(['/v1/tasks/count Bearer t-0', '/v1/t/a%20b/tasks/count Bearer t-1'])
})
