// A server whose dashboard was not built says what to do, to browsers; programs get the API's
// answer, and the API is there.

import { expect, test } from 'vitest'
import { openStore } from '../../src/index.ts'
import { scratchFolder } from '../support/scratch.ts'
import { serving } from '../support/server/serving.ts'

test('without its files a page says how to build them, and the API answers', async () => {
  await using store = await openStore('sqlite::memory:')
  const { ask, url } = await serving(store, { web: `${scratchFolder()}/web` })
  const page = await fetch(`${url}/plans`, { headers: { accept: 'text/html,*/*' } })
  expect(page.status).toBe(503)
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self'")
  expect(await page.text()).toContain('npm run build')
  expect((await fetch(`${url}/mark.svg`, { headers: { accept: 'text/html' } })).status).toBe(404)
  expect((await ask('GET', '/plans')).body).toMatchObject({ code: 'ROUTE_NOT_FOUND' })
  expect((await ask('GET', '/v1/plans/count')).body).toEqual({ count: 0 })
})

test('a server that has no dashboard on purpose has no page of it', async () => {
  await using store = await openStore('sqlite::memory:')
  const { url } = await serving(store)
  expect((await fetch(`${url}/plans`, { headers: { accept: 'text/html' } })).status).toBe(404)
})
