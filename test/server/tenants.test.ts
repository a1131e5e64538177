// Tenants: stores that are opened for the requests that ask for them, and closed when unused.

import { setTimeout } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { newTask } from '../../src/conformance/support/samples.ts'
import { openStore, type Store } from '../../src/index.ts'
import { TenantStores } from '../../src/server/access/tenant-stores.ts'
import { serving } from '../support/server/serving.ts'

/** Tenants in memory, and how often each was opened and closed. */
function places(names: readonly string[]) {
  const log: string[] = []
  const stores = new Map<string, Store>()
  const open = async (tenant: string): Promise<Store | null> => {
    if (!names.includes(tenant)) return null
    log.push(`open ${tenant}`)
    const store = await openStore('sqlite::memory:')
    stores.set(tenant, store)
    const close = store.close.bind(store)
    return Object.assign(store, {
      close: () => {
        log.push(`close ${tenant}`)
        return close()
      },
    })
  }
  return { open, log, stores }
}

test('each tenant has its own records, whoever may reach it', async () => {
  await using store = await openStore('sqlite::memory:')
  const { open, log } = places(['acme', 'umbra'])
  const { ask } = await serving(store, {
    authenticate: undefined,
    openTenant: open,
    tenants: async () => ['acme', 'umbra'],
  })
  const make = async (name: string, role: 'agent' | 'operator' | 'admin', tenant: string | null) => {
    const { secret } = await store.tokens.create({ name, role, tenant })
    return { as: 'nobody', headers: { authorization: `Bearer ${secret}` } } as const
  }
  const any = await make('any', 'operator', null)
  const acme = await make('acme', 'agent', 'acme')
  const root = await make('root', 'admin', 'acme')
  const made = await ask('POST', '/v1/tasks', {
    ...acme,
    body: { ...newTask({ id: 't' }), createdBy: 'acme' },
  })
  expect(made).toMatchObject({ status: 201, body: { createdBy: 'acme' } })
  const there = await ask('POST', '/v1/t/umbra/tasks', { ...any, body: newTask({ id: 'u' }) })
  expect(there.headers.get('location')).toBe('/v1/t/umbra/tasks/u')
  const ids = async (path: string, who: typeof any | typeof acme) =>
    (await ask('GET', path, who)).body.items.map(({ id }: { id: string }) => id)
  expect(await ids('/v1/tasks', acme)).toEqual(['t'])
  expect(await ids('/v1/t/acme/tasks', acme)).toEqual(['t'])
  expect(await ids('/v1/t/acme/tasks', any)).toEqual(['t'])
  expect(await ids('/v1/t/umbra/tasks', any)).toEqual(['u'])
  expect(await ids('/v1/tasks', any)).toEqual([])
  expect(await ask('GET', '/v1/t/umbra/tasks', acme)).toMatchObject({
    status: 403,
    body: { code: 'FORBIDDEN' },
  })
  expect((await ask('GET', '/v1/tenants', any)).body.items).toEqual([{ name: 'acme' }, { name: 'umbra' }])
  expect((await ask('GET', '/v1/tenants', root)).body.items).toEqual([{ name: 'acme' }])
  for (const name of ['nobody', '%zz', '..%2fmain', 'ACME', 'a'.repeat(99)])
    expect((await ask('GET', `/v1/t/${name}/tasks`, any)).status, name).toBe(404)
  // Tokens of a tenant are in the main database, and not for those who reach the tenant alone.
  expect((await ask('GET', '/v1/tokens', root)).status).toBe(403)
  expect(log).toEqual(['open acme', 'open umbra'])
})

test('a stream keeps its store open, and closing waits for it', async () => {
  await using store = await openStore('sqlite::memory:')
  const { open, log } = places(['acme'])
  const running = await serving(store, { openTenant: open })
  const answer = await fetch(`${running.url}/v1/t/acme/changes`, {
    headers: { accept: 'text/event-stream', 'x-role': 'reader' },
  })
  const text = answer.text()
  await setTimeout(50)
  expect(log).toEqual(['open acme'])
  await running.stop()
  // The last words say when to come back: not all readers at once.
  expect(await text).toMatch(/^retry: 1000\n[\s\S]*\nretry: \d{4}\n\n$/)
  expect(log).toEqual(['open acme', 'close acme'])
})

test('an unused store is closed and opened again; of too many, an unused one makes room', async () => {
  const { open, log } = places(['a', 'b', 'c'])
  const stores = new TenantStores(open, { idle: 20, most: 2 })
  onTestFinished(() => stores.close())
  const [first, second] = await Promise.all([stores.use('a'), stores.use('a')])
  expect(first.store).toBe(second.store)
  first.release()
  first.release()
  await setTimeout(60)
  expect(log).toEqual(['open a'])
  second.release()
  await setTimeout(60)
  expect(log).toEqual(['open a', 'close a'])
  const again = await stores.use('a')
  const other = await stores.use('b')
  await expect(stores.use('c')).rejects.toMatchObject({ code: 'OVERLOADED' })
  other.release()
  const third = await stores.use('c')
  expect(log.slice(2).toSorted()).toEqual(['close b', 'open a', 'open b', 'open c'])
  again.release()
  third.release()
  await stores.close()
  await expect(stores.use('b')).rejects.toMatchObject({ code: 'STOPPING' })
})

test('a store that cannot be opened is tried again', async () => {
  let tries = 0
  const stores = new TenantStores(async () => {
    tries += 1
    if (tries === 1) throw new Error('away')
    return openStore('sqlite::memory:')
  })
  await expect(stores.use('a')).rejects.toThrow('away')
  const { release } = await stores.use('a')
  release()
  await stores.close()
})
