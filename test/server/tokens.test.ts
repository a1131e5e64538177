// Tokens by HTTP, on every engine: whom one stands for, and when it is refused.

import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { openStore, type Store } from '../../src/index.ts'
import { describeOnServers } from '../support/engines/servers.ts'
import { type Answer, type Ask, serving } from '../support/server/serving.ts'

type As = (secret: string, method: string, path: string, more?: Ask) => Promise<Answer>

/** A server that knows nobody but the holders of its store's tokens. */
async function servingTokens(store: Store): Promise<As> {
  const { ask } = await serving(store, { authenticate: undefined })
  return (secret, method, path, more = {}) =>
    ask(method, path, {
      as: 'nobody',
      ...more,
      headers: { ...more.headers, authorization: `Bearer ${secret}` },
    })
}

function suite(open: () => Promise<Store>): void {
  test('a token acts as its actor, until it is revoked', async () => {
    await using store = await open()
    const as = await servingTokens(store)
    const made = await store.tokens.create({ name: 'ci', role: 'agent', actor: 'agent-7' })
    expect(made.secret).toMatch(/^purser_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/)
    expect(JSON.stringify(await store.tokens.list())).not.toContain(made.secret)
    const me = await as(made.secret, 'GET', '/v1/me')
    expect(me.body).toMatchObject({ role: 'agent', actor: 'agent-7', tenant: null, via: 'token' })
    const noted = await store.tokens.get('ci')
    expect(noted).toMatchObject({ version: 1, lastUsedAt: expect.any(Date) })

    const task = { id: 't', title: 't', description: 'd', project: 'p', type: 'admin' }
    const created = await as(made.secret, 'POST', '/v1/tasks', {
      body: task,
      headers: { 'x-actor': 'root', 'x-role': 'admin' },
    })
    expect(created.body).toMatchObject({ createdBy: 'agent-7' })
    const [entry] = (await store.audit.query({ taskId: 't' })).items
    expect(entry).toMatchObject({ actor: 'agent-7', action: 'task:create' })
    const other = await as(made.secret, 'POST', '/v1/tasks', { body: { ...task, createdBy: 'ada' } })
    expect(other).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } })

    const revoked = await store.tokens.revoke('ci')
    expect(revoked).toMatchObject({ version: 2, revokedAt: expect.any(Date) })
    expect(await store.tokens.revoke('ci')).toEqual(await store.tokens.get('ci'))
    expect(await as(made.secret, 'GET', '/v1/me')).toMatchObject({
      status: 401,
      body: { code: 'UNAUTHENTICATED' },
    })
    const entries = (await store.audit.query({ subjectType: 'token' })).items
    expect(entries.map(({ action }) => action).toSorted()).toEqual(['token:create', 'token:revoke'])
  })

  test('one that is expired, changed, cut or unknown is refused', async () => {
    await using store = await open()
    const { secret } = await store.tokens.create({
      ...{ name: 'brief', role: 'reader' },
      expiresAt: new Date(Date.now() + 400),
    })
    const as = await servingTokens(store)
    expect((await as(secret, 'GET', '/v1/me')).status).toBe(200)
    const last = secret.endsWith('A') ? 'B' : 'A'
    const wrong = [`${secret.slice(0, -1)}${last}`, secret.slice(0, -1), `${secret}A`, secret.slice(20), 'x']
    for (const each of wrong) expect((await as(each, 'GET', '/v1/me')).status, each).toBe(401)
    await setTimeout(420)
    expect((await as(secret, 'GET', '/v1/me')).status).toBe(401)
  })

  test('admins alone make, see and revoke tokens; no answer has a hash', async () => {
    await using store = await open()
    const as = await servingTokens(store)
    const root = await store.tokens.create({ name: 'root', role: 'admin' })
    const operator = await store.tokens.create({ name: 'op', role: 'operator' })
    const made = await as(root.secret, 'POST', '/v1/tokens', { body: { name: 'new', role: 'reader' } })
    expect(made).toMatchObject({
      status: 201,
      body: { name: 'new', actor: 'new', secret: expect.any(String) },
    })
    const answers = [
      made,
      await as(root.secret, 'GET', '/v1/tokens'),
      await as(root.secret, 'GET', '/v1/tokens/new'),
      await as(root.secret, 'GET', '/v1/tokens', { headers: { accept: 'text/csv' } }),
      await as(root.secret, 'GET', '/v1/tokens', { headers: { accept: 'application/x-ndjson' } }),
      await as(root.secret, 'POST', '/v1/tokens/new/revoke'),
    ]
    for (const { status, text } of answers) {
      expect(status).toBeLessThan(300)
      expect(text).toContain('new')
      expect(text).not.toMatch(/secretHash|[0-9a-f]{64}/)
    }
    for (const [method, path] of [
      ['GET', '/v1/tokens'],
      ['GET', '/v1/tokens/root'],
      ['GET', '/v1/tokens/count'],
      ['POST', '/v1/tokens'],
      ['POST', '/v1/tokens/root/revoke'],
    ] as const)
      expect((await as(operator.secret, method, path)).status, `${method} ${path}`).toBe(403)
    expect((await as(operator.secret, 'GET', '/v1/search?q=root')).body.items).toEqual([])
    expect((await as(made.body.secret, 'GET', '/v1/me')).status).toBe(401)
  })

  test('a browser exchanges one for a cookie, which ends with the token or by signing out', async () => {
    await using store = await open()
    const { ask, url } = await serving(store, { authenticate: undefined })
    const { secret } = await store.tokens.create({ name: 'pat', role: 'operator', actor: 'human:pat' })
    const signIn = (token: unknown, headers = {}) =>
      ask('POST', '/sign-in', { as: 'nobody', body: { token }, headers })
    const cookieOf = ({ headers }: Answer) => (headers.get('set-cookie') ?? '').split(';')[0] as string
    const signedIn = await signIn(secret, { origin: url })
    expect(signedIn.status).toBe(204)
    expect(signedIn.headers.get('set-cookie')).toMatch(
      /^purser-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/,
    )
    const by = (answer: Answer) => ({ as: 'nobody', headers: { cookie: cookieOf(answer) } }) as const
    const me = await ask('GET', '/v1/me', by(signedIn))
    expect(me.body).toMatchObject({ role: 'operator', actor: 'human:pat', via: 'cookie' })
    expect((await ask('GET', '/v1/tokens', by(signedIn))).status).toBe(403)

    expect((await signIn(`${secret}x`)).status).toBe(401)
    expect((await signIn(7)).status).toBe(400)
    expect((await signIn(secret, { 'content-type': 'text/plain' })).status).toBe(415)
    for (const headers of [{ origin: 'http://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      const refused = await signIn(secret, headers)
      expect(refused).toMatchObject({ status: 403, body: { code: 'ORIGIN_REFUSED' } })
      expect(refused.headers.get('set-cookie')).toBeNull()
    }
    const other = await signIn(secret)
    expect((await ask('POST', '/v1/sign-out', by(other))).status).toBe(204)
    expect((await ask('GET', '/v1/me', by(other))).status).toBe(401)
    expect((await ask('GET', '/v1/me', by(signedIn))).status).toBe(200)
    await store.tokens.revoke('pat')
    expect((await ask('GET', '/v1/me', by(signedIn))).status).toBe(401)
    expect((await signIn(secret)).status).toBe(401)
  })

  test('a token that could not work is refused when it is made', async () => {
    await using store = await open()
    await store.tokens.create({ name: 'ci', role: 'reader' })
    const inputs = [
      [{ name: 'ci', role: 'reader' }, 'DUPLICATE_RECORD'],
      [{ name: 'x', role: 'root' }, 'INVALID_RECORD'],
      [{ name: 'x', role: 'reader', tenant: 'No Tenant' }, 'INVALID_RECORD'],
      [{ name: 'x', role: 'reader', expiresAt: new Date(0) }, 'INVALID_RECORD'],
      [{ name: 'x', role: 'reader', secretHash: 'a'.repeat(64) }, 'INVALID_RECORD'],
    ] as const
    for (const [input, code] of inputs)
      await expect(store.tokens.create(input as never), JSON.stringify(input)).rejects.toMatchObject({ code })
    expect(await store.tokens.count()).toBe(1)
    await expect(store.tokens.revoke('x')).rejects.toMatchObject({ code: 'RECORD_NOT_FOUND' })
  })
}

describe('tokens by HTTP', () => suite(() => openStore('sqlite::memory:')))
describeOnServers('tokens by HTTP', (places) => {
  suite(async () => openStore(places.urlOf(await places.create())))
})
