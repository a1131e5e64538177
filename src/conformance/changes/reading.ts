// J1–J9: what the feed of changes tells, and from which positions it is read. Times are not
// compared: they are the database's.

import assert from 'node:assert/strict'
import {
  ChangesGoneError,
  type CommittedChanges,
  events,
  InvalidRecordError,
  QueryError,
  type Store,
} from '../../index.ts'
import { type ConformanceCase, feature, openAt, openFresh } from '../support/case.ts'
import { only, rejection, signal } from '../support/expect.ts'
import { newMessage, newPlan, newTask } from '../support/samples.ts'

/** What was committed since a position, without audit entries. */
async function since(store: Store, after: string): Promise<readonly CommittedChanges[]> {
  const { items } = await store.changes.read({ after, limit: 1000 })
  return items.flatMap((item) => {
    const changes = item.changes.filter(({ record }) => record !== 'audit_entry')
    return changes.length === 0 ? [] : [{ ...item, changes }]
  })
}

export const changesReadingCases: readonly ConformanceCase[] = [
  {
    id: 'J1',
    name: 'each commit is told with the record, the id, what happened, the version and the actor, in order',
    async run(harness) {
      const store = await openFresh(harness)
      const head = await store.changes.head()
      const task = await store.tasks.create(newTask())
      const updated = await store.as('ada').tasks.update(task.id, { title: 'Another' }, task)
      const message = await store.messages.append(newMessage())
      await store.as('grace').tasks.delete(updated.id)
      const told = await since(store, head)
      assert.deepEqual(
        told.map(({ actor, changes }) => [actor, changes]),
        [
          ['system', [{ record: 'task', id: task.id, op: 'created', version: 1 }]],
          ['ada', [{ record: 'task', id: task.id, op: 'updated', version: 2 }]],
          ['system', [{ record: 'message', id: message.id, op: 'created' }]],
          ['grace', [{ record: 'task', id: task.id, op: 'deleted' }]],
        ],
      )
      for (const { at } of told) assert.ok(at instanceof Date && at.getTime() > 0)
    },
  },
  {
    id: 'J1b',
    name: 'an audit entry is told with what it is about, and by itself when it is appended by itself',
    async run(harness) {
      const store = await openFresh(harness)
      const head = await store.changes.head()
      const plan = await store.plans.create(newPlan())
      const entry = await store.audit.append({ action: 'tool:call', subjectType: 'tool' })
      const { items } = await store.changes.read({ after: head })
      const [created, appended] = items.map(({ changes }) => changes)
      assert.deepEqual(created?.[0], { record: 'plan', id: plan.planId, op: 'created', version: 1 })
      assert.equal(created?.length, 2)
      const { items: entries } = await store.audit.query({ subjectId: plan.planId })
      assert.deepEqual(created?.[1], { record: 'audit_entry', id: only(entries).id, op: 'created' })
      assert.deepEqual(appended, [{ record: 'audit_entry', id: entry.id, op: 'created' }])
    },
  },
  {
    id: 'J1c',
    name: 'what was refused, repeated or not there is not told',
    async run(harness) {
      const store = await openFresh(harness)
      const task = await store.tasks.create(newTask())
      const message = newMessage({ id: 'once' })
      await store.messages.append(message)
      const head = await store.changes.head()
      await store.messages.append(message).catch(() => undefined)
      await store.tasks.create(newTask({ id: task.id })).catch(() => undefined)
      await store.tasks.update(task.id, { title: 'Late' }, { version: 7 }).catch(() => undefined)
      assert.equal(await store.tasks.delete('nothing'), false)
      assert.deepEqual(await since(store, head), [])
    },
  },
  {
    id: 'J2',
    name: 'writes in flight together are one commit, told once for each of their actors',
    async run(harness) {
      const store = await openFresh(harness)
      const head = await store.changes.head()
      const ada = store.as('ada')
      const messages = Array.from({ length: 64 }, (_, index) => newMessage({ id: `message-${index}` }))
      await Promise.all(
        messages.map((message, index) =>
          index % 2 === 0 ? store.messages.append(message) : ada.messages.append(message),
        ),
      )
      const told = await since(store, head)
      assert.deepEqual(
        told.map(({ actor, changes }) => [actor, changes.length]),
        [
          ['system', 32],
          ['ada', 32],
        ],
      )
      const ids = told.flatMap(({ changes }) => changes.map(({ id }) => id))
      assert.deepEqual(ids.toSorted(), messages.map(({ id }) => id).toSorted())
    },
  },
  {
    id: 'J3',
    name: 'a transaction is told when it commits, without the parts of it that were undone',
    async run(harness) {
      const store = await openFresh(harness)
      const head = await store.changes.head()
      await store.transaction(async (tx) => {
        await tx.tasks.create(newTask({ id: 'kept' }))
        await tx
          .transaction(async (inner) => {
            await inner.tasks.create(newTask({ id: 'undone' }))
            throw new Error('not this part')
          })
          .catch(() => undefined)
        await tx.as('ada').tasks.createMany([newTask({ id: 'first' }), newTask({ id: 'second' })])
      })
      await store
        .transaction(async (tx) => {
          await tx.tasks.create(newTask({ id: 'nothing' }))
          throw new Error('none of it')
        })
        .catch(() => undefined)
      assert.deepEqual(
        (await since(store, head)).map(({ actor, changes }) => [actor, changes.map(({ id }) => id)]),
        [
          ['system', ['kept']],
          ['ada', ['first', 'second']],
        ],
      )
    },
  },
  {
    id: 'J4',
    name: 'more than 1,000 changes of a commit are told in parts; a deleted tree with each of its plans',
    large: true,
    async run(harness) {
      const store = await openFresh(harness)
      const head = await store.changes.head()
      const tasks = await store.tasks.createMany(
        Array.from({ length: 2500 }, (_, index) => newTask({ id: `task-${index}` })),
      )
      assert.deepEqual(
        (await since(store, head)).map(({ changes }) => changes.length),
        // The other half of each part are the audit entries.
        [500, 500, 500, 500, 500],
      )
      const created = await store.changes.head()
      await store.transaction(async (tx) => {
        await Promise.all(tasks.map(({ id }) => tx.tasks.delete(id)))
      })
      const { items } = await store.changes.read({ after: created, limit: 1000, records: ['task'] })
      assert.ok(items.every(({ changes }) => changes.length <= 1000))
      const deleted = items.flatMap(({ changes }) => changes)
      assert.ok(deleted.every(({ op }) => op === 'deleted'))
      assert.deepEqual(deleted.map(({ id }) => id).toSorted(), tasks.map(({ id }) => id).toSorted())
    },
  },
  {
    id: 'J4b',
    name: 'a deleted tree is told with each of its plans, and pruning with each record',
    async run(harness) {
      const store = await openFresh(harness)
      const root = await store.plans.create(newPlan())
      const child = await store.plans.create(newPlan({ parentPlanId: root.planId }))
      await store.messages.append(newMessage({ id: 'old', timestamp: new Date('2020-01-01T00:00:00Z') }))
      const head = await store.changes.head()
      await store.plans.delete(root.planId, { tree: true })
      await store.as('cleaner').retention.prune({ messages: '90d' })
      const [plans, messages] = await since(store, head)
      assert.deepEqual(
        plans?.changes.toSorted((one, other) => (one.id < other.id ? -1 : 1)),
        [root.planId, child.planId].toSorted().map((id) => ({ record: 'plan', id, op: 'deleted' })),
      )
      assert.equal(messages?.actor, 'cleaner')
      assert.deepEqual(messages?.changes, [{ record: 'message', id: 'old', op: 'deleted' }])
    },
  },
  {
    id: 'J5',
    name: 'only the records asked for are told, and reading goes on from where it ended',
    async run(harness) {
      const store = await openFresh(harness)
      const head = await store.changes.head()
      for (let index = 0; index < 5; index += 1) {
        await store.tasks.create(newTask({ id: `task-${index}` }))
        await store.messages.append(newMessage())
      }
      const ids: string[] = []
      let after = head
      for (;;) {
        const { items, position } = await store.changes.read({ after, limit: 2, records: ['task'] })
        ids.push(...items.flatMap(({ changes }) => changes.map(({ id }) => id)))
        assert.ok(items.length <= 2)
        if (items.length > 0)
          assert.equal((await since(store, items[0]?.position as string)).length > 0, true)
        after = position
        if (items.length === 0) break
      }
      assert.deepEqual(ids, ['task-0', 'task-1', 'task-2', 'task-3', 'task-4'])
      // What the filter leaves out is behind as well.
      assert.equal(after, await store.changes.head())
      const all = await store.changes.read()
      assert.equal(all.items.length, 10)
      assert.equal(all.position, after)
    },
  },
  {
    id: 'J6',
    name: 'unknown records, options, limits and positions are refused',
    async run(harness) {
      const store = await openFresh(harness)
      const other = await openFresh(harness)
      await store.tasks.create(newTask())
      await other.tasks.create(newTask())
      const head = await store.changes.head()
      const given: readonly object[] = [
        { records: ['cost_rollup'] },
        { records: ['task', 'nothing'] },
        { records: [] },
        { records: 'task' },
        { limit: 0 },
        { limit: 1001 },
        { after: await other.changes.head() },
        { after: '' },
        { after: 7 },
        { after: head.slice(0, -1) },
        { after: `${head[0] === '1' ? '2' : '1'}${head.slice(1)}` },
        { after: '0'.repeat(5000) },
        { since: head },
      ]
      for (const options of given) {
        await rejection(
          InvalidRecordError,
          () => store.changes.read(options),
          JSON.stringify(options).slice(0, 60),
        )
        if ('limit' in options) continue
        await rejection(
          InvalidRecordError,
          async () => {
            for await (const _ of store.changes.follow(options)) assert.fail('it was followed')
          },
          JSON.stringify(options).slice(0, 60),
        )
      }
      const error = await rejection(InvalidRecordError, () => store.changes.read({ after: 'not a position' }))
      assert.deepEqual(error.issues[0]?.path, ['after'])
    },
  },
  {
    id: 'J7',
    name: 'changes older than they are kept are trimmed while others write, and a position before them is gone',
    needs: ['sql', 'persistent'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place, { changes: { keep: '1h' } })
      const beginning = await store.changes.head()
      await store.messages.append(newMessage({ timestamp: new Date('2020-01-01T00:00:00Z') }))
      const first = await store.changes.head()
      for (let index = 0; index < 3; index += 1) await store.messages.append(newMessage())
      const last = await store.changes.head()
      await feature(harness, 'sql')(
        place,
        'update purser_changes set at = (select min(timestamp) from messages)',
      )
      const trimmed = signal()
      store.on(events.changesTrimmed, trimmed.fire)
      for (let index = 0; index < 130; index += 1) await store.messages.append(newMessage())
      await trimmed.reached
      for (const after of [beginning, first]) {
        await rejection(ChangesGoneError, () => store.changes.read({ after }))
        await rejection(ChangesGoneError, async () => {
          for await (const _ of store.changes.follow({ after })) assert.fail('it was followed')
        })
      }
      // Nothing after this one was trimmed, whether its own row is there or not.
      assert.equal((await store.changes.read({ after: last, limit: 1000 })).items.length, 130)
      assert.equal((await store.changes.read({ limit: 1000 })).items.length >= 130, true)
    },
  },
  {
    id: 'J8',
    name: 'a store without the feed writes nothing for it, and refuses to read it',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      const without = await openAt(harness, place, { changes: false })
      const head = await store.changes.head()
      await without.tasks.create(newTask())
      await without.transaction(async (tx) => tx.messages.append(newMessage()))
      assert.deepEqual((await store.changes.read({ after: head })).items, [])
      await rejection(QueryError, () => without.changes.read())
      await rejection(QueryError, () => without.changes.head())
      await rejection(QueryError, () => without.changes.follow())
    },
  },
]
