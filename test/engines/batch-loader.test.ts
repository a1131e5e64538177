// Reads of single rows that are merged: which calls share a query, and what each of them gets.

import { expect, test } from 'vitest'
import type { Query, Row, TableShape } from '../../src/engines/contract/engine.ts'
import { BatchLoader } from '../../src/engines/core/batch-loader.ts'

const both = { kinds: ['text', 'text'], key: 'id', references: [] } as const
const things: TableShape = { ...both, table: 'things', columns: ['id', 'name'] }
const others: TableShape = { ...both, table: 'others', columns: ['name', 'id'] }

function merger(read: (query: Query) => Promise<readonly Row[]>, maxKeys = 100) {
  const queries: Query[] = []
  const merging = new BatchLoader({
    read: (query) => {
      queries.push(query)
      return read(query)
    },
    queryOf: (shape, keys) => ({ sql: shape.table, parameters: keys }),
    maxKeys,
  })
  return { merging, queries }
}

test('calls of one tick share a query, each gets its own row, and a missing one nothing', async () => {
  const { merging, queries } = merger(async ({ parameters }) =>
    parameters.filter((id) => id !== 'none').map((id) => [id, `name of ${id}`]),
  )
  const asked = ['b', 'a', 'none', 'b'].map((id) => merging.get(things, id))
  expect(await Promise.all(asked)).toEqual([
    ['b', 'name of b'],
    ['a', 'name of a'],
    undefined,
    ['b', 'name of b'],
  ])
  expect(queries).toEqual([{ sql: 'things', parameters: ['b', 'a', 'none'] }])
})

test('callers that the same answer lets go on share the next query', async () => {
  const { merging, queries } = merger(async ({ parameters }) => parameters.map((id) => [id, 'x']))
  const caller = async (name: string) => {
    for (let turn = 0; turn < 3; turn += 1) await merging.get(things, `${name}${turn}`)
  }
  await Promise.all(['p', 'q', 'r'].map(caller))
  expect(queries.map(({ parameters }) => parameters)).toEqual([
    ['p0', 'q0', 'r0'],
    ['p1', 'q1', 'r1'],
    ['p2', 'q2', 'r2'],
  ])
})

test('tables do not mix, and long lists are asked for in parts', async () => {
  const { merging, queries } = merger(
    async ({ sql, parameters }) => parameters.map((id) => (sql === 'others' ? ['x', id] : [id, 'x'])),
    2,
  )
  const asked = ['1', '2', '3'].map((id) => merging.get(things, id))
  expect(await merging.get(others, '1')).toEqual(['x', '1'])
  expect((await Promise.all(asked)).map((row) => row?.[0])).toEqual(['1', '2', '3'])
  expect(queries.map(({ sql, parameters }) => [sql, parameters.length])).toEqual([
    ['things', 2],
    ['things', 1],
    ['others', 1],
  ])
})

test('a query that fails fails for those who asked in it, and the next one is asked anew', async () => {
  let fails = true
  const { merging } = merger(async ({ parameters }) => {
    if (fails) throw new RangeError('no')
    return parameters.map((id) => [id])
  })
  const settled = await Promise.allSettled([merging.get(things, 'a'), merging.get(things, 'b')])
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  fails = false
  expect(await merging.get(things, 'a')).toEqual(['a'])
})
