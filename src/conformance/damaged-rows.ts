// T10 and T11: stored values that cannot be read. A broken value costs its field, a broken key column its row, and neither costs
// the others; nothing that cannot be read is overwritten by accident.

import assert from 'node:assert/strict'
import { CorruptRecordError, DuplicateRecordError, InvalidRecordError } from '../errors.ts'
import { events, type Logger, type Store } from '../index.ts'
import { type ConformanceCase, feature, openAt } from './case.ts'
import { collect, idsOf, only, rejection } from './expect.ts'
import type { Cell, ConformanceHarness, Place } from './harness.ts'
import { fullCost, fullMessage, fullTask, newCost, newMessage, newTask, ulid } from './samples.ts'

interface Warning {
  readonly message: string
  readonly fields: object
}

/** Keeps what is logged as a warning or an error, and drops the rest. */
function warningLogger(): { readonly logger: Logger; readonly warnings: Warning[] } {
  const warnings: Warning[] = []
  const keep = (fields: object, message: string) => {
    warnings.push({ fields, message })
  }
  const drop = () => undefined
  return { logger: { debug: drop, info: drop, warn: keep, error: keep }, warnings }
}

interface Damage {
  readonly place: Place
  readonly store: Store
  readonly warnings: readonly Warning[]
  write(cell: Cell, value: string | Uint8Array): Promise<void>
  read(cell: Cell): Promise<string | null>
}

/** A store with tasks `a`, `b` (full) and `c`. */
async function openForDamage(harness: ConformanceHarness): Promise<Damage> {
  const cells = feature(harness, 'cells')
  const place = harness.newPlace()
  const { logger, warnings } = warningLogger()
  const store = await openAt(harness, place, { logger })
  await store.tasks.create(newTask({ id: 'a' }))
  await store.tasks.create(fullTask({ id: 'b' }))
  await store.tasks.create(newTask({ id: 'c' }))
  return {
    place,
    store,
    warnings,
    write: (cell, value) => cells.write(place, cell, value),
    read: (cell) => cells.read(place, cell),
  }
}

const taskCell = (column: string, id = 'b'): Cell => ({ table: 'tasks', id, column })

/** Values of the wrong shape, for every JSON column of a task. */
const wrongShapes: Readonly<Record<string, readonly [string, string, unknown]>> = {
  reviewers: ['reviewers', '{"a": 1}', []],
  dependencies: ['dependencies', '["x", 5]', []],
  delegationChain: ['delegation_chain', '"text"', []],
  artifactsExpected: ['artifacts_expected', '[{"type": "poem", "path": "x"}]', []],
  acceptanceCriteria: ['acceptance_criteria', '[{"description": "x", "met": "yes"}]', []],
  metadata: ['metadata', '[1, 2]', {}],
}

/** Values that are not even of the column's type. */
const wrongBytes: readonly (readonly [string, string, string | Uint8Array, unknown])[] = [
  ['reviewers', 'reviewers', '["cut', []],
  ['metadata', 'metadata', '', {}],
  ['budgetLimit', 'budget_limit', 'a lot', ''],
  ['description', 'description', new Uint8Array([1, 2, 3]), ''],
  ['deadline', 'deadline', new Uint8Array([4]), null],
]

export const damagedRowCases: readonly ConformanceCase[] = [
  {
    id: 'T10',
    name: 'JSON of a wrong shape: the field is empty and named in `unreadable`, all else is as it was',
    needs: ['cells'],
    async run(harness) {
      const { store, write } = await openForDamage(harness)
      const whole = await store.tasks.get('b')
      for (const [field, [column, value, empty]] of Object.entries(wrongShapes)) {
        const before = await store.tasks.get('b')
        await write(taskCell(column), value)
        const task = await store.tasks.get('b')
        assert.deepEqual(task, { ...before, [field]: empty, unreadable: task?.unreadable })
        assert.ok(task?.unreadable.includes(field), field)
      }
      const broken = await store.tasks.get('b')
      assert.deepEqual(broken?.unreadable.toSorted(), Object.keys(wrongShapes).toSorted())
      assert.equal(broken?.title, whole?.title)
      const page = await store.tasks.list()
      assert.deepEqual([idsOf(page.items), page.corrupt], [['a', 'b', 'c'], []])
      assert.deepEqual(page.items[1], broken)
      assert.deepEqual(idsOf(await collect(store.tasks.each())), ['a', 'b', 'c'])
      assert.deepEqual((await store.tasks.getMany(['b'])).get('b'), broken)
      assert.deepEqual(page.items[0]?.unreadable, [])
    },
  },
  {
    id: 'T10b',
    name: 'update, transition and save keep what cannot be read, byte for byte, until a patch names it',
    needs: ['cells'],
    async run(harness) {
      const { store, write, read } = await openForDamage(harness)
      await write(taskCell('reviewers'), '{"a": 1}')
      const bytes = await read(taskCell('reviewers'))
      const updated = await store.tasks.update('b', { title: 'Updated' }, { version: 1 })
      assert.deepEqual([updated.unreadable, updated.reviewers, updated.title], [['reviewers'], [], 'Updated'])
      assert.equal(await read(taskCell('reviewers')), bytes)
      const moved = await store.tasks.transition('b', 'in_progress', { version: 2, patch: { maxRetries: 9 } })
      assert.deepEqual(moved.unreadable, ['reviewers'])
      assert.equal(await read(taskCell('reviewers')), bytes)
      const saved = await store.tasks.save({ ...moved, title: 'Saved' })
      assert.deepEqual([saved.title, saved.unreadable], ['Saved', ['reviewers']])
      assert.equal(await read(taskCell('reviewers')), bytes)
      assert.deepEqual(await store.tasks.get('b'), saved)
      const mended = await store.tasks.update('b', { reviewers: ['ann'] }, { version: saved.version })
      assert.deepEqual([mended.unreadable, mended.reviewers], [[], ['ann']])
      assert.deepEqual(await store.tasks.get('b'), mended)
      await write(taskCell('dependencies'), '{"a": 1}')
      const broken = await store.tasks.get('b')
      assert.ok(broken)
      const replaced = await store.tasks.save({ ...broken, unreadable: [], dependencies: ['x'] })
      assert.deepEqual([replaced.unreadable, replaced.dependencies], [[], ['x']])
      assert.deepEqual(await store.tasks.get('b'), replaced)
    },
  },
  {
    id: 'T10c',
    name: 'text that is not JSON, money that is no number and bytes where text belongs are unreadable alike',
    needs: ['cells', 'looseCells'],
    async run(harness) {
      const { store, write, read } = await openForDamage(harness)
      for (const [field, column, value, empty] of wrongBytes) {
        const before = await store.tasks.get('b')
        assert.ok(before)
        await write(taskCell(column), value)
        const bytes = await read(taskCell(column))
        const task = await store.tasks.get('b')
        assert.deepEqual(task, { ...before, [field]: empty, unreadable: task?.unreadable }, field)
        assert.ok(task?.unreadable.includes(field), field)
        const updated = await store.tasks.update('b', { maxRetries: 3 }, { version: before.version })
        assert.ok(updated.unreadable.includes(field), field)
        const saved = await store.tasks.save(updated)
        assert.equal(saved.version, before.version + 2, field)
        assert.equal(await read(taskCell(column)), bytes, field)
      }
      assert.equal((await store.tasks.list()).items.length, 3)
    },
  },
  {
    id: 'T10d',
    name: 'an unreadable field does not make the rules of other fields fail',
    needs: ['cells', 'looseCells'],
    async run(harness) {
      const { store, write, read } = await openForDamage(harness)
      await write(taskCell('assigned_to'), new Uint8Array([9]))
      const bytes = await read(taskCell('assigned_to'))
      const task = await store.tasks.get('b')
      assert.deepEqual([task?.assignedTo, task?.status, task?.unreadable], [null, 'assigned', ['assignedTo']])
      const updated = await store.tasks.update('b', { title: 'Still here' }, { version: 1 })
      assert.equal(updated.title, 'Still here')
      assert.equal(await read(taskCell('assigned_to')), bytes)
    },
  },
  {
    id: 'T10e',
    name: 'one warning for each unreadable value, however often it is read, with ids and never content',
    needs: ['cells'],
    async run(harness) {
      const { store, write, warnings } = await openForDamage(harness)
      const seen: unknown[] = []
      store.on(events.valueUnreadable, (payload) => seen.push(payload))
      await write(taskCell('reviewers'), '{"secret": "hunter2"}')
      await write(taskCell('metadata'), '["hunter2"]')
      await write(taskCell('reviewers', 'c'), '{"secret": "hunter2"}')
      for (let round = 0; round < 3; round += 1) {
        await store.tasks.get('b')
        await store.tasks.list()
        await collect(store.tasks.each())
        await store.transaction((tx) => tx.tasks.get('b'))
      }
      const expected = [taskCell('metadata'), taskCell('reviewers'), taskCell('reviewers', 'c')]
      const order = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)
      assert.deepEqual(seen.toSorted(order), expected.toSorted(order))
      assert.equal(warnings.length, 3)
      const text = JSON.stringify([warnings, seen])
      assert.ok(!text.includes('hunter2') && !text.includes('secret'))
      for (const { fields } of warnings)
        assert.equal((fields as { event: string }).event, events.valueUnreadable)
    },
  },
  {
    id: 'T10f',
    name: 'cost records and messages with a broken JSON column are read and listed alike',
    needs: ['cells'],
    async run(harness) {
      const { store, write } = await openForDamage(harness)
      const cost = await store.costRecords.append(fullCost())
      const message = await store.messages.append(fullMessage())
      await store.costRecords.append(newCost())
      await store.messages.append(newMessage())
      await write({ table: 'cost_records', id: ulid(9999), column: 'metadata' }, '[]')
      const brokenCost = { ...cost, metadata: {}, unreadable: ['metadata'] }
      assert.deepEqual(await store.costRecords.get(ulid(9999)), brokenCost)
      assert.equal((await store.costRecords.query()).items.length, 2)
      assert.deepEqual(await store.costRecords.append(fullCost({ id: ulid(1) })), brokenCost)

      const cell = (column: string) => ({ table: 'messages', id: 'message-full', column })
      await write(cell('attachments'), '{"type": "file"}')
      await write(cell('parts'), '[{"kind": "song"}]')
      await write(cell('metadata'), '{"task_id": "task-1", "extra": [["k"]]}')
      const broken = await store.messages.get('message-full')
      assert.deepEqual(broken?.unreadable.toSorted(), ['attachments', 'metadata', 'parts'])
      assert.deepEqual([broken?.attachments, broken?.parts, broken?.metadata.taskId], [[], [], null])
      assert.equal(broken?.content, message.content)
      assert.equal((await store.messages.history('parser')).items.length, 2)
      assert.deepEqual(only((await store.messages.search('parser', { limit: 1 })).items).unreadable, [])
      const again = () => store.messages.append(fullMessage(), { idempotent: true })
      await rejection(DuplicateRecordError, again)
    },
  },
  {
    id: 'T11',
    name: 'a broken enum: get throws CorruptRecordError, lists skip the row and report it, the row stays',
    needs: ['cells'],
    async run(harness) {
      const { store, write, read, warnings } = await openForDamage(harness)
      await write(taskCell('status'), 'hunter2')
      const fault = { table: 'tasks', id: 'b', column: 'status' }
      const calls: readonly (() => unknown)[] = [
        () => store.tasks.get('b'),
        () => store.tasks.update('b', { title: 'x' }, { version: 1 }),
        () => store.tasks.transition('b', 'cancelled', { version: 1 }),
        () => store.tasks.save({ ...newTask(), id: 'b' }),
        () => store.transaction((tx) => tx.tasks.get('b')),
      ]
      for (const call of calls) {
        const error = await rejection(CorruptRecordError, call, String(call))
        assert.deepEqual({ table: error.table, id: error.id, column: error.column }, fault)
        assert.ok(!error.message.includes('hunter2'))
      }
      for (let round = 0; round < 2; round += 1) {
        const page = await store.tasks.list()
        assert.deepEqual([idsOf(page.items), page.corrupt], [['a', 'c'], [fault]])
        assert.deepEqual(idsOf(await collect(store.tasks.each())), ['a', 'c'])
        assert.deepEqual([...(await store.tasks.getMany(['a', 'b'])).keys()], ['a'])
      }
      const rowWarnings = warnings.filter(
        ({ fields }) => (fields as { event: string }).event === events.rowCorrupt,
      )
      assert.equal(rowWarnings.length, 1)
      assert.equal(await read(taskCell('status')), 'hunter2')
      assert.equal(await read(taskCell('title')), 'Write the parser')
      await rejection(DuplicateRecordError, () => store.tasks.create(newTask({ id: 'b' })))
      assert.equal(await store.tasks.delete('b'), true)
      assert.deepEqual((await store.tasks.list()).corrupt, [])
    },
  },
  {
    id: 'T11b',
    name: 'corrupt rows do not end paging: a page may hold nothing but them',
    needs: ['cells'],
    async run(harness) {
      const { store, write } = await openForDamage(harness)
      await write(taskCell('type', 'a'), 'party')
      await write(taskCell('priority', 'b'), 'no hurry')
      const items: string[] = []
      const corrupt: string[] = []
      let cursor: string | undefined
      for (let pages = 1; ; pages += 1) {
        const page = await store.tasks.list({}, { limit: 1, cursor })
        items.push(...idsOf(page.items))
        corrupt.push(...page.corrupt.map((row) => `${row.id} ${row.column}`))
        if (page.nextCursor === null) {
          assert.equal(pages, 3)
          break
        }
        cursor = page.nextCursor
      }
      assert.deepEqual([items, corrupt], [['c'], ['a type', 'b priority']])
    },
  },
  {
    id: 'T11c',
    name: 'broken times, counts and flags make the row corrupt, in every record',
    needs: ['cells', 'looseCells'],
    async run(harness) {
      const { store, write } = await openForDamage(harness)
      const cells: readonly (readonly [string, string])[] = [
        ['created_at', 'yesterday'],
        ['updated_at', '2026-01-31 09:30:00'],
        ['version', 'two'],
        ['max_retries', '1.5'],
      ]
      for (const [column, value] of cells) {
        const id = `t-${column}`
        await store.tasks.create(newTask({ id }))
        await write(taskCell(column, id), value)
        const error = await rejection(CorruptRecordError, () => store.tasks.get(id), column)
        assert.equal(error.column, column)
      }
      const page = await store.tasks.list()
      assert.deepEqual(idsOf(page.items), ['a', 'b', 'c'])
      assert.equal(page.corrupt.length, cells.length)

      await store.costRecords.append(newCost({ id: ulid(1) }))
      await store.costRecords.append(newCost({ id: ulid(2) }))
      await write({ table: 'cost_records', id: ulid(2), column: 'timestamp' }, '2026-13-40T00:00:00.000Z')
      const costs = await store.costRecords.query()
      assert.deepEqual([idsOf(costs.items), costs.corrupt.length], [[ulid(1)], 1])
      await rejection(CorruptRecordError, () => store.costRecords.get(ulid(2)))

      await store.messages.append(newMessage({ id: 'good' }))
      await store.messages.append(newMessage({ id: 'bad' }))
      await write({ table: 'messages', id: 'bad', column: 'priority' }, 'extreme')
      const history = await store.messages.history('parser')
      assert.deepEqual([idsOf(history.items), history.corrupt.length], [['good'], 1])
      await rejection(CorruptRecordError, () => store.messages.get('bad'))
    },
  },
  {
    id: 'T11d',
    name: 'what cannot be read cannot be written either: a caller’s `unreadable` is only a list of fields',
    needs: ['cells'],
    async run(harness) {
      const { store } = await openForDamage(harness)
      const task = await store.tasks.get('a')
      assert.ok(task)
      const odd = { ...newTask(), unreadable: ['reviewers'] } as never
      await rejection(InvalidRecordError, () => store.tasks.create(odd))
      await rejection(InvalidRecordError, () => store.tasks.update('a', odd, { version: 1 }))
      assert.deepEqual(await store.tasks.get('a'), task)
    },
  },
]
