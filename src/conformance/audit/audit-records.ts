// A9: every record of the registry has its changes in the audit trail, unless its definition says
// otherwise. A record that is added later is walked too: its sample (record-samples.ts) does not
// compile without a change for its `update` and `delete`.

import assert from 'node:assert/strict'
import type { AuditEntry, Store } from '../../index.ts'
import type { Auditing } from '../../records/model/auditing.ts'
import { type Repositories, records } from '../../records/registry.ts'
import { type ConformanceCase, openFresh } from '../support/case.ts'
import { collect } from '../support/expect.ts'
import { recordSamples } from '../support/record-samples.ts'
import { newPlan, newTask } from '../support/samples.ts'

/** Every record that callers write, by the property of its repository, with how it is audited. */
const written = records.flatMap(({ definition: { auditing, key }, property }) =>
  property === null || property === 'audit' ? [] : [{ property, auditing, key }],
)

/** The entries that work writes, oldest first. */
async function entriesOf<T>(store: Pick<Store, 'audit'>, work: () => Promise<T>) {
  const before = (await store.audit.head())?.sequence ?? 0
  const result = await work()
  const all = await collect(store.audit.each({}, { order: 'asc' }))
  return { result, entries: all.filter(({ sequence }) => sequence > before) }
}

/** The entries are by the actor and about the record. @returns the first one */
function assertOf(entries: readonly AuditEntry[], auditing: Auditing, subjectId: string, about: string) {
  const [first] = entries
  assert.ok(first, about)
  for (const entry of entries) {
    const { actor, subjectType, action, unreadable } = entry
    assert.deepEqual(
      [actor, subjectType, entry.subjectId, unreadable],
      ['lead', auditing.subjectType, subjectId, []],
      about,
    )
    assert.ok(action.startsWith(`${auditing.area}:`), about)
  }
  return first
}

export const auditRecordCases: readonly ConformanceCase[] = [
  {
    id: 'A9',
    name: 'each record that is made has an entry with who made it, unless its definition says that none has',
    async run(harness) {
      const store = await openFresh(harness)
      const lead = store.as('lead')
      for (const { property, auditing, key } of written) {
        const { result, entries } = await entriesOf(store, () => recordSamples[property].write(lead))
        if (auditing === null) assert.deepEqual(entries, [], property)
        else {
          const record = result as Readonly<Record<string, unknown>>
          assertOf(entries, auditing, String(record[key.field]), property)
        }
      }
      assert.deepEqual(
        written.filter(({ auditing }) => auditing === null).map(({ property }) => property),
        ['costRecords', 'messages'],
      )
      assert.equal((await store.audit.verify()).ok, true)
    },
  },
  {
    id: 'A9b',
    name: 'each record that is changed or deleted has an entry with the names of fields and its version, never content',
    async run(harness) {
      const store = await openFresh(harness)
      const lead = store.as('lead')
      const walked: (keyof Repositories)[] = []
      const removals: {
        readonly about: string
        readonly id: string
        readonly auditing: Auditing
        readonly remove: () => Promise<{ readonly result: boolean; readonly entries: readonly AuditEntry[] }>
      }[] = []
      for (const { property, auditing, key } of written) {
        const sample = recordSamples[property]
        const record = await sample.write(lead)
        const id = String(Reflect.get(record, key.field))
        if ('update' in sample && auditing !== null) {
          const { field, value, change } = sample.update
          const { entries } = await entriesOf(store, () => change(lead, record as never))
          const entry = assertOf(entries, auditing, id, property)
          assert.equal(entry.action, `${auditing.area}:update`)
          assert.deepEqual(entry.details, { fields: [field], version: 2 }, property)
          assert.ok(!JSON.stringify(entry).includes(value), property)
          walked.push(property)
        }
        if ('remove' in sample && auditing !== null) {
          const remove = () => entriesOf(store, () => sample.remove(lead, record as never))
          removals.push({ about: property, id, auditing, remove })
        }
      }
      // Those that refer to others were made after them.
      for (const { about, id, auditing, remove } of removals.toReversed()) {
        const { result, entries } = await remove()
        assert.equal(result, true, about)
        assert.equal(assertOf(entries, auditing, id, about).action, `${auditing.area}:delete`)
        const again = await remove()
        assert.deepEqual([again.result, again.entries], [false, []], about)
      }
      assert.ok(walked.includes('tasks') && walked.includes('plans') && walked.includes('budgets'))
      assert.ok((await store.audit.verify()).ok)
    },
  },
  {
    id: 'A9c',
    name: 'tasks made one by one, together and by save each have an entry with their plan; those refused have none',
    async run(harness) {
      const store = await openFresh(harness)
      const lead = store.as('lead')
      const { planId } = await store.plans.create(newPlan())
      const made = await entriesOf(store, async () => {
        const one = await lead.tasks.create(newTask({ planId }))
        const many = await lead.tasks.createMany([newTask({ planId }), newTask({ planId })])
        const saved = await lead.tasks.save(newTask({ planId, id: 'saved' }))
        return [one, ...many, saved].map(({ id }) => id)
      })
      assert.deepEqual(
        made.entries.map(({ subjectId }) => subjectId),
        made.result,
      )
      for (const { actor, action, taskId, subjectId, planId: plan, details } of made.entries) {
        assert.deepEqual(
          [actor, action, taskId, plan, details],
          ['lead', 'task:create', subjectId, planId, { version: 1 }],
        )
      }
      const refused = await entriesOf(store, () =>
        Promise.allSettled([
          lead.tasks.create(newTask({ id: 'saved' })),
          lead.tasks.createMany([newTask({ id: 'fresh' }), newTask({ id: 'saved' })]),
          lead.tasks.create(newTask({ planId: 'none' })),
        ]),
      )
      assert.deepEqual(
        (refused.result as readonly { status: string }[]).map(({ status }) => status),
        ['rejected', 'rejected', 'rejected'],
      )
      assert.deepEqual(refused.entries, [])
      assert.equal(await store.tasks.get('fresh'), null)
    },
  },
]
