// The part of a compare-and-set that the repositories reach only in a race: the version is the
// expected one, and the status is none from which the step is allowed. The statement itself
// refuses, and tells both columns as they are.

import { expect, test } from 'vitest'
import { codec } from '../../src/engines/sqlite/codec.ts'
import { createSqliteEngine } from '../../src/engines/sqlite/index.ts'
import { openStore, taskDefinition } from '../../src/index.ts'

test('a change whose status is not among the allowed ones is not made', async () => {
  const settings = { journal: 'wal', synchronous: 'full', busyTimeout: 0, journalSizeLimit: 0 } as const
  const engine = createSqliteEngine({ path: ':memory:', ...settings })
  await using store = await openStore({ engine })
  const task = {
    id: 't',
    title: 'T',
    description: 'D',
    project: 'P',
    createdBy: 'ada',
    type: 'admin',
  } as const
  await store.tasks.create(task)
  const change = (status: string) => ({
    kind: 'compareAndSet' as const,
    shape: taskDefinition.shape,
    key: codec.encode.text('t'),
    columns: ['title'],
    values: ['changed'],
    expect: { column: 'version', value: 1 },
    whereIn: { column: 'status', values: [status] },
  })
  const [refused] = await engine.writeSet([change('assigned')])
  expect(refused).toEqual({ kind: 'unmatched', actual: [1n, 'created'] })
  expect((await store.tasks.get('t'))?.title).toBe('T')
  const outcomes = await engine.writeSet([change('assigned'), change('created')])
  expect(outcomes.map((outcome) => outcome.kind)).toEqual(['unmatched', 'updated'])
  expect((await store.tasks.get('t'))?.title).toBe('changed')
})
