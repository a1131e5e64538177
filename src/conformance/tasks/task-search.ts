// T5d-T5h: task counts by group, and tasks found by values in their metadata and by their words;
// each is the same on every engine, with the other filters, in pages, and in a transaction.

import assert from 'node:assert/strict'
import { InvalidRecordError } from '../../errors.ts'
import type { Store, TaskCount, TaskFilter, TaskGrouping } from '../../index.ts'
import { byParts, forMarks, forms, parts } from '../messages/message-parts.ts'
import { type ConformanceCase, openFresh } from '../support/case.ts'
import { openForDamage, taskCell } from '../support/damage.ts'
import { collect, idsOf, rejection } from '../support/expect.ts'
import { newPlan, newTask, takenOver } from '../support/samples.ts'

/**
 * The ids of a filter by list, each, pages of two in either order, and count, which must all agree.
 */
async function found(store: Pick<Store, 'tasks'>, filter: TaskFilter): Promise<readonly string[]> {
  const about = JSON.stringify(filter)
  const ids = idsOf((await store.tasks.list(filter)).items)
  assert.deepEqual(idsOf(await collect(store.tasks.each(filter))), ids, about)
  assert.equal(await store.tasks.count(filter), ids.length, about)
  for (const order of ['asc', 'desc'] as const) {
    const paged: string[] = []
    let cursor: string | undefined
    do {
      const page = await store.tasks.list(filter, { limit: 2, cursor, order })
      paged.push(...idsOf(page.items))
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    assert.deepEqual(order === 'asc' ? paged : paged.reverse(), ids, about)
  }
  return ids
}

/** Tasks that differ in their metadata, created in the order of their ids. */
const metadata: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  m1: { team: 'red', size: 1, urgent: true, none: null },
  m2: { team: 'Red', size: 1.5, urgent: false },
  m3: { team: 'red ', size: '1', urgent: 'true' },
  m4: { team: ['red'], size: 0, nested: { team: 'red' } },
  m5: { team: 'ré🚀"\\', size: 9007199254740991, 'a.b': 'dot', '$[0]': 'path', '': 'empty' },
  m6: {},
}

const byMetadata: readonly (readonly [
  filter: NonNullable<TaskFilter['metadata']>,
  ids: readonly string[],
])[] = [
  [{}, ['m1', 'm2', 'm3', 'm4', 'm5', 'm6']],
  [{ team: 'red' }, ['m1']],
  [{ team: 'Red' }, ['m2']],
  [{ team: 'red ' }, ['m3']],
  [{ team: 'ré🚀"\\' }, ['m5']],
  [{ team: 're\u0301🚀"\\' }, []],
  [{ size: 1 }, ['m1']],
  [{ size: '1' }, ['m3']],
  [{ size: 1.5 }, ['m2']],
  [{ size: -0 }, ['m4']],
  [{ size: 9007199254740991 }, ['m5']],
  [{ urgent: true }, ['m1']],
  [{ urgent: false }, ['m2']],
  [{ urgent: 'true' }, ['m3']],
  [{ none: null }, ['m1', 'm2', 'm3', 'm4', 'm5', 'm6']],
  [{ size: null }, ['m6']],
  [{ team: ['red', 'Red', null] }, ['m1', 'm2', 'm6']],
  [{ size: [1, '1', 0] }, ['m1', 'm3', 'm4']],
  [{ team: 'red', size: 1, urgent: true }, ['m1']],
  [{ team: 'red', size: 1.5 }, []],
  [{ 'a.b': 'dot' }, ['m5']],
  [{ '$[0]': 'path' }, ['m5']],
  [{ '': 'empty' }, ['m5']],
  [{ toString: null }, ['m1', 'm2', 'm3', 'm4', 'm5', 'm6']],
  [{ nested: 'red' }, []],
]

async function counted<const G extends TaskGrouping>(
  store: Pick<Store, 'tasks'>,
  request: TaskFilter & { readonly by: G | readonly G[] },
  expected: readonly TaskCount<G>[],
): Promise<void> {
  const groups = await store.tasks.counts(request)
  assert.deepEqual(groups, expected, JSON.stringify(request))
  const { by: _, ...filter } = request
  const sum = groups.reduce((total, { count }) => total + count, 0)
  assert.equal(sum, await store.tasks.count(filter), JSON.stringify(request))
}

export const taskSearchCases: readonly ConformanceCase[] = [
  {
    id: 'T5d',
    name: 'U9: tasks are counted by one grouping or several, of any filter, exactly, also in a transaction',
    async run(harness) {
      const store = await openFresh(harness)
      assert.deepEqual(await store.tasks.counts({ by: 'status' }), [])
      const { planId } = await store.plans.create(newPlan())
      const rows = [
        { id: 't1', project: 'beta', status: 'assigned', assignedTo: 'ann', type: 'review' },
        { id: 't2', project: 'Beta', status: 'assigned', assignedTo: 'ann', planId },
        {
          id: 't3',
          project: 'beta',
          status: 'assigned',
          assignedTo: 'bob',
          priority: 'low',
          parentTaskId: 't1',
        },
        {
          id: 't4',
          project: 'alpha',
          estimatedComplexity: 'epic',
          createdBy: 'owner',
          metadata: { team: 'red' },
        },
        { id: 't5', project: 'beta ', metadata: { team: 'red' } },
      ] as const
      for (const row of rows) await store.tasks.create(newTask(row), takenOver())
      await counted(store, { by: 'status' }, [
        { status: 'assigned', count: 3 },
        { status: 'created', count: 2 },
      ])
      await counted(store, { by: ['project'] }, [
        { project: 'beta', count: 2 },
        { project: 'Beta', count: 1 },
        { project: 'alpha', count: 1 },
        { project: 'beta ', count: 1 },
      ])
      await counted(store, { by: 'assignee' }, [
        { assignee: null, count: 2 },
        { assignee: 'ann', count: 2 },
        { assignee: 'bob', count: 1 },
      ])
      await counted(store, { by: ['status', 'assignee'], project: ['beta', 'alpha'] }, [
        { status: 'assigned', assignee: 'ann', count: 1 },
        { status: 'assigned', assignee: 'bob', count: 1 },
        { status: 'created', assignee: null, count: 1 },
      ])
      await counted(store, { by: 'plan', status: 'assigned' }, [
        { plan: null, count: 2 },
        { plan: planId, count: 1 },
      ])
      await counted(store, { by: ['priority', 'type', 'complexity'], title: '*', assignedTo: 'bob' }, [
        { priority: 'low', type: 'development', complexity: 'medium', count: 1 },
      ])
      await counted(store, { by: ['creator', 'parent'], metadata: { team: 'red' } }, [
        { creator: 'lead', parent: null, count: 1 },
        { creator: 'owner', parent: null, count: 1 },
      ])
      await counted(store, { by: 'status', project: 'nothing' }, [])
      await store.transaction(async (tx) => {
        await tx.tasks.create(newTask({ id: 't6', project: 'beta' }))
        await counted(tx, { by: 'status' }, [
          { status: 'assigned', count: 3 },
          { status: 'created', count: 3 },
        ])
      })
      const wrong: readonly unknown[] = [
        {},
        { by: [] },
        { by: 'colour' },
        { by: ['status', 'status'] },
        { by: 'assignedTo' },
        { by: 'status', colour: 'red' },
        { by: null },
        { by: ['status', ['plan']] },
        null,
        undefined,
        'status',
      ]
      for (const request of wrong) {
        const call = () => store.tasks.counts(request as { by: 'status' })
        await rejection(InvalidRecordError, call, JSON.stringify(request))
      }
    },
  },
  {
    id: 'T5e',
    name: 'U9: a filter by metadata compares top-level keys by type and value, on every list and count, with other filters',
    async run(harness) {
      const store = await openFresh(harness)
      for (const [id, each] of Object.entries(metadata)) {
        await store.tasks.create(
          newTask({ id, project: id < 'm4' ? 'low' : 'high', metadata: each as never }),
        )
      }
      for (const [filter, ids] of byMetadata) assert.deepEqual(await found(store, { metadata: filter }), ids)
      assert.deepEqual(await found(store, { metadata: { size: null }, project: 'low' }), [])
      assert.deepEqual(await found(store, { metadata: { size: [1, 0] }, project: ['high'] }), ['m4'])
      await store.transaction(async (tx) => {
        assert.deepEqual(await found(tx, { metadata: { team: ['red', 'Red'] } }), ['m1', 'm2'])
      })
      const first = await store.tasks.list({ metadata: { none: null } }, { limit: 1 })
      const elsewhere = { limit: 1, cursor: first.nextCursor as string }
      await rejection(InvalidRecordError, () => store.tasks.list({ metadata: { team: 'red' } }, elsewhere))
      const wrong: readonly unknown[] = [
        null,
        'red',
        ['red'],
        { team: {} },
        { team: [] },
        { team: [['red']] },
        { team: Number.NaN },
        { team: Array.from({ length: 501 }, (_, index) => index) },
      ]
      for (const each of wrong) {
        const filter = { metadata: each } as TaskFilter
        await rejection(
          InvalidRecordError,
          () => store.tasks.list(filter),
          JSON.stringify(each)?.slice(0, 60),
        )
        await rejection(InvalidRecordError, () => store.tasks.count(filter))
      }
    },
  },
  {
    id: 'T5f',
    name: 'U9: metadata, titles and descriptions that cannot be read match nothing, and are left as they are',
    needs: ['cells'],
    async run(harness) {
      const { store, write, read } = await openForDamage(harness)
      await write(taskCell('metadata'), '[1, 2]')
      assert.deepEqual(await found(store, { metadata: { team: null } }), ['a', 'c'])
      assert.equal(await read(taskCell('metadata')), '[1, 2]')
      await write(taskCell('status', 'c'), 'weird')
      const groups = await store.tasks.counts({ by: 'status' })
      assert.deepEqual(
        groups.find(({ status }) => status === 'weird'),
        { status: 'weird', count: 1 },
      )
      const { title } = (await store.tasks.get('a')) as { title: string }
      assert.ok(idsOf((await store.tasks.search(title)).items).includes('a'))
      await write(taskCell('title', 'a'), new Uint8Array([1, 2, 3]))
      await write(taskCell('description', 'a'), new Uint8Array([4]))
      assert.ok(!idsOf((await store.tasks.search(title)).items).includes('a'))
    },
  },
  {
    id: 'T5g',
    name: 'U9, P6: tasks are found by the words of their titles and descriptions as messages are by theirs',
    async run(harness) {
      const store = await openFresh(harness)
      const places = [
        ['title', byParts, parts],
        ['description', byParts, parts],
        ['description', forms, forMarks],
      ] as const
      for (const [index, [field, texts, searches]] of places.entries()) {
        const project = `p${index}`
        const tasks = Object.entries(texts).map(([id, text]) =>
          newTask({ title: '-', description: '-', id: `${id}-${index}`, project, [field]: text }),
        )
        await store.tasks.createMany(tasks)
        for (const [text, ids] of searches) {
          const { items } = await store.tasks.search(text, { project })
          const wanted = ids.map((id) => `${id}-${index}`)
          assert.deepEqual([...idsOf(items)].sort(), wanted.sort(), `${field} ${JSON.stringify(text)}`)
        }
      }
    },
  },
  {
    id: 'T5h',
    name: 'U9: a search of tasks takes words from title and description together, other filters, pages, and changes at once',
    async run(harness) {
      const store = await openFresh(harness)
      await store.tasks.createMany([
        newTask({ id: 's1', title: 'Renew the lens', description: 'Three offers' }),
        newTask({ id: 's2', title: 'Lens offers', description: 'to be compared', project: 'other' }),
        newTask({ id: 's3', title: 'Offer', description: 'no lenses' }),
        newTask({ id: 's4', title: 'lens-offers', description: "it's a 'quoted' word: 100%_*" }),
      ])
      assert.deepEqual(idsOf((await store.tasks.search('LENS offers')).items), ['s4', 's2', 's1'])
      assert.deepEqual(idsOf((await store.tasks.search('lens', {}, { order: 'asc' })).items), [
        's1',
        's2',
        's4',
      ])
      assert.deepEqual(idsOf((await store.tasks.search('lens', { project: 'other' })).items), ['s2'])
      assert.deepEqual(await found(store, { search: 'offers lens' }), ['s1', 's2', 's4'])
      assert.deepEqual(await found(store, { search: 'lens', title: 'R*' }), ['s1'])
      assert.deepEqual(await found(store, { search: 'quoted 100' }), ['s4'])
      assert.deepEqual(await found(store, { search: 'offer' }), ['s3'])
      assert.deepEqual(await found(store, { search: 'nowhere' }), [])
      const task = await store.tasks.get('s1')
      await store.tasks.update('s1', { title: 'Renew the lamp' }, { version: task?.version ?? 0 })
      assert.deepEqual(await found(store, { search: 'lens' }), ['s2', 's4'])
      assert.deepEqual(await found(store, { search: 'lamp' }), ['s1'])
      await store.tasks.delete('s2')
      assert.deepEqual(await found(store, { search: 'lens' }), ['s4'])
      for (const wrong of ['', ' ', '%_*', 5, Array.from({ length: 33 }, (_, index) => index).join(' ')]) {
        await rejection(InvalidRecordError, () => store.tasks.search(wrong as string), String(wrong))
        await rejection(
          InvalidRecordError,
          () => store.tasks.list({ search: wrong as string }),
          String(wrong),
        )
      }
    },
  },
]
