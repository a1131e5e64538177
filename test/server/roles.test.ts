// Every route with every role: who may, and who is refused before anything is read or done.

import { expect, test } from 'vitest'
import { openStore } from '../../src/index.ts'
import { type Role, roles } from '../../src/server/access/roles.ts'
import { createServer } from '../../src/server/index.ts'
import { recordRoutes } from '../../src/server/routes/record-routes.ts'
import { storeRoutes } from '../../src/server/store-routes.ts'

/** Changes that an agent may make; `resource verb`. */
const ofAgents = new Set([
  ...['plans proceed', 'plans mayUse', 'plans step', 'decisions record', 'audit append'],
  'plan-checkpoints create',
  ...['tasks create', 'tasks createMany', 'tasks claim', 'tasks recover', 'tasks heartbeat'],
  ...['tasks complete', 'tasks fail', 'tasks release', 'budgets reserve', 'budgets release'],
  ...['costs append', 'costs appendMany', 'messages append', 'messages appendMany'],
  ...['agents seen', 'agents stop', 'approvals request', 'approvals withdraw'],
  ...['parked-runs park', 'parked-runs resume'],
])
const ofAdmins = new Set([
  ...['settings set', 'settings delete', 'profiles create', 'profiles update', 'profiles delete'],
  ...['tokens get', 'tokens list', 'tokens count', 'tokens create', 'tokens revoke'],
])
const ofStores: Readonly<Record<string, Role>> = {
  ...{ drift: 'operator', doctor: 'operator', retentionPreview: 'operator', tenants: 'operator' },
  retentionPrune: 'admin',
}

const routes = [
  ...recordRoutes.map(({ method, path, resource, verb, isRead }) => {
    const name = `${resource} ${verb}`
    const needed: Role = ofAdmins.has(name)
      ? 'admin'
      : ofAgents.has(name)
        ? 'agent'
        : isRead
          ? 'reader'
          : 'operator'
    return { method, path, needed }
  }),
  ...storeRoutes.map(({ method, path, verb }) => ({ method, path, needed: ofStores[verb] ?? 'reader' })),
]

test('each route is refused below its role, and reached with it', async () => {
  await using store = await openStore('sqlite::memory:')
  const server = createServer({
    store,
    rate: { perSecond: 100_000, burst: 100_000 },
    authenticate: ({ headers }) => {
      const role = roles.find((each) => each === headers.get('x-role'))
      return role ? { role, actor: 'ada', tenant: null, key: role, via: 'application' } : null
    },
  })
  const statusOf = async (method: string, path: string, role: string): Promise<string> => {
    const url = `http://localhost/v1${path.replace('{id}', 'ada')}`
    const answer = await server.fetch(new Request(url, { method, headers: { 'x-role': role } }))
    if (answer.status !== 403 && answer.status !== 401) {
      await answer.body?.cancel()
      return 'reached'
    }
    return ((await answer.json()) as { readonly code: string }).code
  }
  expect(routes.length).toBeGreaterThan(120)
  const wrong: string[] = []
  for (const { method, path, needed } of routes) {
    for (const role of ['nobody', ...roles] as const) {
      const isEnough = role !== 'nobody' && roles.indexOf(role) >= roles.indexOf(needed)
      const expected = role === 'nobody' ? 'UNAUTHENTICATED' : isEnough ? 'reached' : 'FORBIDDEN'
      const found = await statusOf(method, path, role)
      if (found !== expected) wrong.push(`${method} ${path} as ${role}: ${found}, not ${expected}`)
    }
  }
  expect(wrong).toEqual([])
  await server.close()
})
