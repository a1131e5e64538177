// The bench measures against other projects that are installed apart from this one, or not at all.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { loadPeer, NOT_INSTALLED } from '../../bench/peers/peer.ts'

const read = (path: string) => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'))
const peers: Record<string, string> = read('bench/peers/package.json').dependencies

test('a peer that is not installed is none, and the row says how to install it', async () => {
  expect(await loadPeer('not-a-peer')).toBeUndefined()
  expect(NOT_INSTALLED).toContain('npm ci --prefix bench/peers')
})

test('peers have exact versions, those of their lock file', () => {
  const locked = read('bench/peers/package-lock.json').packages
  expect(Object.keys(peers)).toEqual(['graphile-worker', 'pg-boss'])
  for (const [name, version] of Object.entries(peers))
    expect(locked[`node_modules/${name}`].version).toBe(version)
})

test('the project itself does not install them', () => {
  const installed = Object.keys(read('package-lock.json').packages)
  for (const name of Object.keys(peers)) expect(installed).not.toContain(`node_modules/${name}`)
})
