// Tenants, fuzzed: whatever is given as a tenant's name is refused, or names a file of its own
// beside the configured one.

import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createBackend, PersistenceConnectionError } from '../../src/index.ts'

const valid = fc.stringMatching(/^[a-z][a-z0-9_]{0,30}$/)
const anything = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.constantFrom('a', 'b', '.', '/', '\\', '_', '%', '\0', '~', ':', '?') }),
  fc.constantFrom('..', '.', 'con', 'a/../b', '%2e%2e', 'a%2Fb', 'A', 'é'),
)
const path = fc.constantFrom(
  '/data/purser.db',
  '/data/purser',
  '/data.d/purser',
  '/data/a.b.db',
  '/data/.db',
  '/data/x%41.db',
)

function locationOf(file: string, tenant?: string): string {
  return createBackend({ url: `sqlite:${file}`, tenant }).location
}

test('a name is refused, or leads to a file beside the configured one', () => {
  fc.assert(
    fc.property(path, fc.oneof(valid, anything), (file, tenant) => {
      const base = locationOf(file)
      if (/^[a-z][a-z0-9_]{0,30}$/.test(tenant)) {
        const location = locationOf(file, tenant)
        expect(location).not.toBe(base)
        expect(dirname(location)).toBe(dirname(base))
        expect(location).toContain(tenant)
      } else {
        expect(() => locationOf(file, tenant)).toThrow(PersistenceConnectionError)
      }
    }),
    { numRuns: 1000 },
  )
})

test('two names lead to two files', () => {
  fc.assert(
    fc.property(path, valid, valid, (file, one, other) => {
      fc.pre(one !== other)
      expect(locationOf(file, one)).not.toBe(locationOf(file, other))
    }),
    { numRuns: 500 },
  )
})

test('no path leaves the configured root, with a tenant or without', () => {
  const part = fc.constantFrom('a', '..', '.', 'b.db', '', ' ', 'x\\..', '%2e%2e', '...', '~')
  const root = join('/', 'data', 'root')
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 1, maxLength: 6 }),
      fc.option(valid, { nil: undefined }),
      (parts, tenant) => {
        let location: string
        try {
          location = createBackend({ url: `sqlite:${parts.join('/')}`, root, tenant }).location
        } catch (error) {
          expect(error).toBeInstanceOf(PersistenceConnectionError)
          return
        }
        expect(location === ':memory:' || location.startsWith(`${root}/`)).toBe(true)
      },
    ),
    { numRuns: 2000 },
  )
})
