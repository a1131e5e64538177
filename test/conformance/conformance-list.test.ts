// The list of conformance cases itself: every number of the specification has a case, ids are
// unique, and every engine runs every case.

import { expect, test } from 'vitest'
import { conformanceCases, unmetNeeds } from '../../src/conformance/index.ts'
import { harnessesOn, placesAt } from '../support/engines/servers.ts'
import { createFileHarness } from '../support/engines/sqlite-harness.ts'

const numbers = { L: 16, T: 15, K: 11, M: 9, P: 15, A: 6, X: 5 }

test('every numbered behaviour has at least one case', () => {
  const covered = new Set(conformanceCases.map(({ id }) => id.replace(/[a-z]+$/, '')))
  const missing = Object.entries(numbers).flatMap(([letter, last]) =>
    Array.from({ length: last }, (_, index) => `${letter}${index + 1}`).filter((id) => !covered.has(id)),
  )
  expect(missing).toEqual([])
})

test('ids are unique and names are sentences of their own', () => {
  const ids = conformanceCases.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(new Set(conformanceCases.map(({ name }) => name)).size).toBe(ids.length)
  for (const id of ids) expect(id).toMatch(/^[A-Z]\d+[a-z]?$/)
})

test('every engine runs the same number of cases, which is all of them', async () => {
  const harnesses = {
    sqlite: createFileHarness(),
    // Nothing connects before a store does: what they can be asked is the same without a server.
    postgres: harnessesOn(placesAt('postgres', 'postgres://nobody@127.0.0.1:1/none'))(),
    mariadb: harnessesOn(placesAt('mariadb', 'mariadb://nobody@127.0.0.1:1/none'))(),
  }
  const counts = Object.entries(harnesses).map(([engine, harness]) => {
    expect(harness.backendName).toBe(engine)
    return [engine, conformanceCases.filter(({ needs }) => unmetNeeds(harness, needs).length === 0).length]
  })
  for (const harness of Object.values(harnesses)) await harness.dispose()
  const all = conformanceCases.length
  expect(Object.fromEntries(counts)).toEqual({ sqlite: all, postgres: all, mariadb: all })
})
