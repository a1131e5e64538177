// `purser serve` refuses what would leave a database open to others, before it listens.

import { expect, test } from 'vitest'
import { hostsOf } from '../../src/cli/commands/serve/address.ts'
import { openStore } from '../../src/index.ts'
import { workspace } from '../support/cli/purser.ts'

test('other machines are served only where somebody has a valid token', async () => {
  const { purser, path } = workspace()
  await using store = await openStore(`sqlite:${path('purser.db')}`)
  const open = ['serve', '--host', '0.0.0.0', '--port', '0']
  const refused = await purser(open)
  expect(refused.code).toBe(1)
  expect(refused.stderr).toMatch(/there is no valid token; make one with "purser tokens create/)
  await store.tokens.create({ name: 'ci', role: 'reader' })
  await store.tokens.revoke('ci')
  expect((await purser(open)).stderr).toMatch(/there is no valid token/)
})

test('a certificate needs its key, and both have to be there', async () => {
  const { done, purser } = workspace()
  await done(['migrate', '--quiet'])
  const alone = await purser(['serve', '--tls-cert', 'cert.pem'])
  expect(alone.code).toBe(2)
  expect(alone.stderr).toMatch(/--tls-cert and --tls-key go together/)
  const missing = await purser(['serve', '--tls-cert', 'cert.pem', '--tls-key', 'key.pem'])
  expect(missing.stderr).toMatch(/--tls-cert names a file that cannot be read \(ENOENT\): cert\.pem/)
})

test('a server has the names of its address, those given, and at any address those of the machine', () => {
  expect(hostsOf('192.0.2.7', ['books.example'])).toEqual(['192.0.2.7', 'books.example'])
  expect(hostsOf('2001:db8::7', [])).toEqual(['[2001:db8::7]'])
  expect(hostsOf('0.0.0.0', [])).toContain('127.0.0.1')
})
