// The list of conformance cases itself: every number of the specification has a case, ids are unique, and needs are known.

import { expect, test } from 'vitest'
import { conformanceCases } from '../../src/conformance/index.ts'
import { createFileHarness } from './sqlite-harness.ts'

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

test('the harness of SQLite files has every feature that any case needs', async () => {
  const harness = createFileHarness()
  await harness.dispose()
  const needs = new Set(conformanceCases.flatMap((each) => each.needs ?? []))
  expect([...needs].filter((need) => harness.features[need] === undefined)).toEqual([])
})
