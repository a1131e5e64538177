// `purser tokens …`: a token is told once, listed by how it begins, and revoked.

import { expect, test } from 'vitest'
import { openStore } from '../../src/index.ts'
import { workspace } from '../support/cli/purser.ts'

test('a token is made, listed without its secret, and revoked', async () => {
  const { done, path } = workspace()
  await done(['migrate', '--quiet'])
  expect((await done(['tokens', 'list'])).stdout).toMatch(/^There are no tokens yet\./)
  const made = await done(
    ['tokens', 'create', '--name', 'ci', '--role', 'agent', '--actor', 'agent-7', '--tenant', 'acme'],
    { env: { PURSER_ACTOR: 'ada' } },
  )
  const [, secret = ''] = /^ {2}(purser_\w{12}_[\w-]{43})$/m.exec(made.stdout) ?? []
  expect(made.stdout).toMatch(/^Made token ci: agent, acts as agent-7, tenant acme\n/)
  await done(['tokens', 'create', '--name', 'board', '--role', 'reader', '--expires', '90d', '--quiet'])
  const listed = await done(['tokens', 'list'])
  expect(listed.stdout).toMatch(
    /^NAME +ROLE +ACTS AS +TENANT +BEGINS WITH +LAST USED +STATE\nboard +reader +board +any/,
  )
  expect(listed.stdout).toMatch(/\nci +agent +agent-7 +acme +purser_\w{12} +never +valid\n/)
  expect(listed.stdout).not.toContain(secret)
  const of = (await done(['tokens', 'list', '--tenant', 'acme', '--json'])).json<{
    items: { name: string }[]
  }>()
  expect(of.data.items).toMatchObject([{ name: 'ci' }])
  expect(JSON.stringify(of)).not.toContain('secretHash')

  await using store = await openStore(`sqlite:${path('purser.db')}`)
  expect(await store.tokens.authenticate(secret)).toMatchObject({ name: 'ci' })
  expect((await done(['tokens', 'revoke', 'ci'])).stdout).toBe('Revoked token ci\n')
  expect(await store.tokens.authenticate(secret)).toBeNull()
  expect(
    (await store.audit.query({ subjectId: 'ci' })).items.map(({ actor, action }) => [actor, action]),
  ).toEqual([
    ['system', 'token:revoke'],
    ['ada', 'token:create'],
  ])
  expect((await done(['tokens', 'list'])).stdout).toMatch(/\nci +agent .* revoked\n/)
})

test('what is missing, past, or there already is refused', async () => {
  const { done, purser } = workspace()
  await done(['migrate', '--quiet'])
  expect((await purser(['tokens', 'create'])).stderr).toMatch(/--name and --role must be given/)
  expect((await purser(['tokens', 'create', '--name', 'x', '--role', 'root'])).stderr).toMatch(
    /must be one of reader, agent, operator, admin/,
  )
  await done(['tokens', 'create', '--name', 'x', '--role', 'reader', '--quiet'])
  expect((await purser(['tokens', 'create', '--name', 'x', '--role', 'reader'])).stderr).toMatch(
    /already has a row/,
  )
  expect((await purser(['tokens', 'revoke', 'y'])).stderr).toMatch(/there is no token with the name "y"/)
})
