// No public method takes arguments that nothing checks: each one of the classes that callers get,
// found in the sources, is among those that `checkArguments` was given. Those of repositories are,
// with or without arguments: calls on a transaction are watched there.

import { globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { classesOf, readSource } from '../../scripts/reference/source.ts'
import { createBackend } from '../../src/index.ts'
import { records } from '../../src/records/registry.ts'
import { checksArguments } from '../../src/records/repository/arguments.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const paths = [
  'src/store/engine-store.ts',
  'src/retention/retention.ts',
  'src/records/plans/reader.ts',
  'src/records/plans/mover.ts',
  'src/records/plans/trees/end-plans.ts',
  'src/records/plans/proceed.ts',
  'src/records/plans/creator.ts',
  'src/records/plans/progress/stepped-plans.ts',
  'src/records/tasks/claims/repository.ts',
  ...globSync('src/records/{.,*}/{repository,versioned-repository}.ts', { cwd: root }),
]

/**
 * Methods that are called outside of their class, by the name of the class: of the store those that
 * take arguments.
 */
const methods = new Map(
  paths
    .map((path) => readSource(path))
    .flatMap((source) => classesOf(source).map((each) => ({ ...each, source })))
    .map(({ name, node, source }) => [
      name,
      node.body.body.flatMap((member) =>
        member.type === 'MethodDefinition' &&
        member.kind === 'method' &&
        member.key.type === 'Identifier' &&
        !['protected', 'private'].includes(member.accessibility ?? '') &&
        (member.value.params.length > 0 || source.path.includes('/records/')) &&
        !source.docOf(member).startsWith('@internal')
          ? [member.key.name]
          : [],
      ),
    ]),
)

/** Their arguments are checked where they are used, which the conformance cases show. */
const byThemselves = ['EngineStore.as', 'EngineStore.transaction']

it('checks the arguments of every public method of the store and its repositories', () => {
  const store = createBackend('sqlite::memory:')
  const repositories = records.flatMap(({ property }) => (property === null ? [] : [store[property]]))
  const instances = [store, ...repositories, store.retention]
  const unchecked: string[] = []
  const seen: string[] = []
  for (const instance of instances) {
    for (let of = Object.getPrototypeOf(instance); of !== Object.prototype; of = Object.getPrototypeOf(of)) {
      const name: string = of.constructor.name
      expect(methods.has(name), `${name} is in none of ${paths.join(', ')}`).toBe(true)
      for (const method of methods.get(name) ?? []) {
        seen.push(`${name}.${method}`)
        if (!checksArguments(of[method])) unchecked.push(`${name}.${method}`)
      }
    }
  }
  expect(unchecked.filter((each) => !byThemselves.includes(each))).toEqual([])
  expect(seen).toEqual(
    expect.arrayContaining(['TaskRepository.transition', 'PlanReader.tree', ...byThemselves]),
  )
})
