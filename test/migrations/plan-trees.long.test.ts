// Trees of plans: whatever forest an ancestor left, with cycles and missing parents, the roots
// after adoption are those of a plain computation in memory, by both answers to both questions; a
// refusal changes nothing; depth does not matter.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { MigrateOptions } from '../../src/index.ts'
import { cyclesOf } from '../../src/values/cycles.ts'
import {
  contentOf,
  sound,
  soundness,
  withDatabase,
  withoutTimesOfSettings,
} from '../support/database-content.ts'
import { insertAll, makeAncestor } from '../support/legacy.ts'
import { legacyPlan } from '../support/legacy-rows.ts'
import { migrateFile } from '../support/migrated.ts'
import { propertyRuns } from '../support/property-runs.ts'
import { hashOf, scratchFile } from '../support/scratch.ts'

type Parents = ReadonlyMap<string, string | null>

/** An ancestor's database with these plans and no others, in this order. */
function ancestorWith(parents: Parents): string {
  const path = makeAncestor(scratchFile(), {
    plans: 1,
    afterwards: [
      'PRAGMA foreign_keys = off',
      'DELETE FROM v3_plans',
      'DELETE FROM plan_projects',
      'DELETE FROM plan_arguments',
      'DELETE FROM plan_invariants',
    ],
  })
  withDatabase(
    path,
    (handle) => {
      handle.pragma('foreign_keys = off')
      const rows = [...parents].map(([id, parent], index) => ({
        ...legacyPlan(index),
        plan_id: id,
        parent_plan_id: parent,
      }))
      handle.transaction(() => insertAll(handle, 'v3_plans', rows))()
    },
    false,
  )
  return path
}

/** The cycles by walking up from every plan, as slowly and plainly as can be. */
function plainCycles(parents: Parents): string[][] {
  const found = new Map<string, string[]>()
  for (const start of parents.keys()) {
    const way = [start]
    for (let id = parents.get(start); id && parents.has(id); id = parents.get(id)) {
      if (id === start) {
        found.set([...way].sort().join(), [...way].sort())
        break
      }
      if (way.includes(id)) break
      way.push(id)
    }
  }
  return [...found.values()].sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
}

function plainRoots(parents: Parents, cycles: readonly (readonly string[])[]): Record<string, string> {
  const detached = new Set(cycles.map(([smallest]) => smallest))
  const rootOf = (id: string): string => {
    const parent = detached.has(id) ? null : (parents.get(id) ?? null)
    return parent !== null && parents.has(parent) ? rootOf(parent) : id
  }
  return Object.fromEntries([...parents.keys()].map((id) => [id, rootOf(id)]))
}

const rootsIn = (path: string) =>
  withDatabase(path, (handle) =>
    Object.fromEntries(
      handle.prepare('SELECT plan_id, root_plan_id FROM plans').raw().all() as [string, string][],
    ),
  )
const findingsIn = (path: string) =>
  withDatabase(path, (handle) =>
    handle
      .prepare(
        "SELECT row_id, problem, original_value FROM purser_findings WHERE column_name = 'parent_plan_id' ORDER BY row_id",
      )
      .raw()
      .all(),
  )

/** Up to 24 plans; a parent is any of them, itself included, one that is not there, or none. */
const forest = fc
  .array(fc.option(fc.nat(27), { nil: null, freq: 4 }), { minLength: 1, maxLength: 24 })
  .chain((parents) =>
    fc.shuffledSubarray([...parents.keys()], { minLength: parents.length }).map((order) => {
      const id = (index: number) => `01HPLAN${String(index).padStart(19, '0')}`
      return new Map(
        order.map((index) => [id(index), parents[index] === null ? null : id(parents[index] ?? 0)]),
      ) as Parents
    }),
  )

test('any forest is adopted, or refused, as a plain computation says, and comes back as it was', {
  timeout: 240_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(forest, async (parents) => {
      const path = ancestorWith(parents)
      const before = contentOf(path)
      const hash = hashOf(path)
      const cycles = plainCycles(parents)
      const orphans = [...parents].filter(([, parent]) => parent !== null && !parents.has(parent))
      const options: MigrateOptions = cycles.length > 0 ? { onCycle: 'break' } : {}
      if (cycles.length > 0) {
        const error = (await migrateFile(path).catch((reason: unknown) => reason)) as Error & {
          details: string[]
        }
        expect(error.details).toHaveLength(cycles.length)
        for (const [index, cycle] of cycles.entries())
          expect([...new Set(error.details[index]?.split(' → '))].sort()).toEqual(cycle)
        expect(hashOf(path)).toBe(hash)
      }
      if (orphans.length > 0) {
        await expect(migrateFile(path, { ...options, onOrphan: 'abort' })).rejects.toMatchObject({
          details: orphans.map(([id, parent]) => `${id} (parent ${parent})`).sort(),
        })
        expect(hashOf(path)).toBe(hash)
      }
      const first = await migrateFile(path, options)
      expect(rootsIn(path)).toEqual(plainRoots(parents, cycles))
      expect(findingsIn(path)).toEqual(
        [
          ...orphans.map(([id, parent]) => [id, 'plan-orphan', parent]),
          ...cycles.map(([id = '']) => [id, 'plan-cycle', parents.get(id)]),
        ].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
      )
      expect(soundness(path)).toEqual(sound)
      const upgraded = withoutTimesOfSettings(contentOf(path))
      await migrateFile(path, { to: 1 })
      expect(contentOf(path, Object.keys(before.tables)).tables).toEqual(before.tables)
      expect((await migrateFile(path, options)).findings).toEqual(first.findings)
      expect(withoutTimesOfSettings(contentOf(path))).toEqual(upgraded)
    }),
    { numRuns: propertyRuns(20) },
  )
})

test('cycles are found as the plain way finds them, in time that grows with the plans', () => {
  fc.assert(
    fc.property(forest, (parents) => {
      const known = new Map([...parents].filter((pair): pair is [string, string] => pair[1] !== null))
      expect(cyclesOf(known).map((cycle) => [...cycle].sort())).toEqual(plainCycles(parents))
      for (const cycle of cyclesOf(known)) expect(cycle[0]).toBe([...cycle].sort()[0])
    }),
  )
  const ring = new Map(
    Array.from({ length: 300_000 }, (_, index) => [String(index), String((index + 1) % 300_000)]),
  )
  const started = performance.now()
  expect(cyclesOf(ring).map((cycle) => cycle.length)).toEqual([300_000])
  // Twice the square of it would be hours.
  expect(performance.now() - started).toBeLessThan(20_000)
})

describe('a chain of 100,000 plans', () => {
  const count = 100_000
  const id = (index: number) => `01HPLAN${String(index).padStart(19, '0')}`

  test.each(['upward', 'downward'] as const)(
    'numbered %s is one tree, adopted and restored in seconds',
    {
      timeout: 240_000,
    },
    async (direction) => {
      const place = direction === 'upward' ? (index: number) => count - 1 - index : (index: number) => index
      const path = ancestorWith(
        new Map(
          Array.from({ length: count }, (_, index) => [
            id(place(index)),
            index === 0 ? null : id(place(index - 1)),
          ]),
        ),
      )
      const started = performance.now()
      await migrateFile(path)
      expect(performance.now() - started).toBeLessThan(60_000)
      const roots = withDatabase(path, (handle) =>
        handle.prepare('SELECT root_plan_id, count(*) FROM plans GROUP BY 1').raw().all(),
      )
      expect(roots).toEqual([[id(place(0)), count]])
      await migrateFile(path, { to: 1 })
      const left = withDatabase(path, (handle) =>
        handle
          .prepare('SELECT count(*), count(parent_plan_id), count(root_plan_id) FROM v3_plans')
          .raw()
          .get(),
      )
      expect(left).toEqual([count, count - 1, 0])
    },
  )
})

test('many cycles are refused with fifty ids and the total, and broken at once', {
  timeout: 240_000,
}, async () => {
  const id = (index: number) => `01HPLAN${String(index).padStart(19, '0')}`
  const pairs = new Map(Array.from({ length: 2400 }, (_, index) => [id(index), id(index ^ 1)]))
  const path = ancestorWith(pairs)
  const error = (await migrateFile(path).catch((reason: unknown) => reason)) as Error & { details: string[] }
  expect(error.details).toHaveLength(26)
  expect(error.details.at(-1)).toBe('in all 2400 plans in 1200 cycles')
  expect(error.message).toContain('2400 plans in 1200 cycles')
  expect(error.message.match(/01HPLAN/g)).toHaveLength(50)
  const report = await migrateFile(path, { onCycle: 'break' })
  expect(report.findings.byProblem).toEqual({ 'plan-cycle': 1200 })
  expect(new Set(Object.values(rootsIn(path))).size).toBe(1200)
})

test.each([1, 2, 5])(
  'a cycle stops the way up from version %i before anything is changed',
  async (version) => {
    const path = ancestorWith(
      new Map([
        ['b', 'a'],
        ['a', 'b'],
        ['c', 'b'],
      ]),
    )
    await migrateFile(path, { to: version })
    const hash = hashOf(path)
    await expect(migrateFile(path, { backup: true })).rejects.toMatchObject({ details: ['a → b → a'] })
    expect(hashOf(path)).toBe(hash)
  },
)
