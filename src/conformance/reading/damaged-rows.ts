// T10: unreadable stored values. A broken value affects only its field, and is not overwritten by
// accident. Broken key columns are in corrupt-rows.ts.

import assert from 'node:assert/strict'
import { DuplicateRecordError, InvalidRecordError } from '../../errors.ts'
import { events, type Task } from '../../index.ts'
import { type ConformanceCase, feature } from '../support/case.ts'
import { openForDamage, taskCell } from '../support/damage.ts'
import { collect, idsOf, only, rejection } from '../support/expect.ts'
import { fullCost, fullMessage, newCost, newMessage, newTask, ulid } from '../support/samples.ts'

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
const wrongTypes: readonly (readonly [string, string, string | Uint8Array, unknown])[] = [
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
    needs: ['cells', 'looseCells', 'bytesAsText'],
    async run(harness) {
      const { store, write, read } = await openForDamage(harness)
      for (const [field, column, value, empty] of wrongTypes) {
        const before = await store.tasks.get('b')
        assert.ok(before)
        await write(taskCell(column), value)
        const bytes = await read(taskCell(column))
        // A column that converts bytes to text has a text, which is read like any other.
        const text = typeof value === 'string' ? null : feature(harness, 'bytesAsText')(value)
        const check = (task: Task | null, rest: Task, step: string) => {
          assert.deepEqual(
            { ...task, unreadable: task?.unreadable.includes(field) },
            { ...rest, [field]: text ?? empty, unreadable: text === null },
            `${field} ${step}`,
          )
        }
        const damaged = await store.tasks.get('b')
        check(damaged, before, 'is read')
        const updated = await store.tasks.update('b', { maxRetries: 3 }, { version: before.version })
        check(updated, { ...updated, maxRetries: 3 }, 'is read after an update')
        // When the whole record is saved, a text must follow the rules of its field, and this one
        // is not a date.
        if (text === null || field !== 'deadline') {
          const saved = await store.tasks.save(updated)
          check(saved, { ...saved, version: before.version + 2 }, 'is read after a save')
        }
        assert.equal(await read(taskCell(column)), bytes, field)
      }
      assert.equal((await store.tasks.list()).items.length, 3)
    },
  },
  {
    id: 'T10d',
    name: 'an unreadable field does not make the rules of other fields fail',
    needs: ['cells', 'looseCells', 'bytesAsText'],
    async run(harness) {
      const { store, write, read } = await openForDamage(harness)
      // The chain must not include the assignee if it is unknown whether there is one.
      await write(taskCell('delegation_chain'), '{"a": 1}')
      const chain = await read(taskCell('delegation_chain'))
      const moved = await store.tasks.update('b', { assignedTo: 'somebody' }, { version: 1 })
      assert.deepEqual([moved.assignedTo, moved.unreadable], ['somebody', ['delegationChain']])
      assert.equal(await read(taskCell('delegation_chain')), chain)
      // A task that is assigned must have an assignee.
      await write(taskCell('assigned_to'), new Uint8Array([9]))
      const bytes = await read(taskCell('assigned_to'))
      const text = feature(harness, 'bytesAsText')(new Uint8Array([9]))
      const task = await store.tasks.get('b')
      assert.deepEqual([task?.assignedTo, task?.status], [text, 'assigned'])
      assert.equal(task?.unreadable.includes('assignedTo'), text === null)
      const updated = await store.tasks.update('b', { title: 'Still here' }, { version: 2 })
      assert.equal(updated.title, 'Still here')
      assert.equal(await read(taskCell('assigned_to')), bytes)
      assert.equal(await read(taskCell('delegation_chain')), chain)
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
      assert.deepEqual(await store.costRecords.append(fullCost()), brokenCost)
      const other = () => store.costRecords.append(fullCost({ cost: '9' }))
      assert.deepEqual((await rejection(DuplicateRecordError, other)).fields, ['cost'])

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
    id: 'T10g',
    name: 'what cannot be read cannot be written either: a caller’s `unreadable` is only a list of fields',
    needs: ['cells'],
    async run(harness) {
      const { store } = await openForDamage(harness)
      const task = await store.tasks.get('a')
      assert.ok(task)
      const invalid = { ...newTask(), unreadable: ['reviewers'] } as never
      await rejection(InvalidRecordError, () => store.tasks.create(invalid))
      await rejection(InvalidRecordError, () => store.tasks.update('a', invalid, { version: 1 }))
      assert.deepEqual(await store.tasks.get('a'), task)
    },
  },
]
