// What the cases about links from tasks share: two plans with tasks, every way to append a record
// about a task, and the totals that have to agree with the records.

import assert from 'node:assert/strict'
import type { AuditEntry, CostRecord, Message, Store, Transaction } from '../../index.ts'
import { collect } from '../support/expect.ts'
import { newCost, newEntry, newMessage, newPlan, newTask, ulid } from '../support/samples.ts'

export type Books = Store | Transaction

export const [P, Q] = [ulid(1), ulid(2)]

/** Two plans and a task of each, and a task without a plan, all in different projects. */
export async function fill(store: Store): Promise<void> {
  await store.plans.createMany([newPlan({ planId: P }), newPlan({ planId: Q })])
  await store.tasks.createMany([
    newTask({ id: 'of-p', planId: P, project: 'web' }),
    newTask({ id: 'of-q', planId: Q, project: 'api' }),
    newTask({ id: 'free', project: 'own' }),
  ])
}

/** A record's plan and project. */
export const linksOf = (record: CostRecord | Message | AuditEntry): readonly (string | null)[] => {
  if ('metadata' in record && 'channel' in record) return [record.metadata.planId, record.metadata.projectId]
  return 'project' in record ? [record.planId, record.project] : [record.planId]
}

/** Each way to append a record that names a task, and no other links unless given. */
export async function appendAll(
  books: Books,
  taskId: string | null,
  named: { planId?: string; project?: string } = {},
) {
  const { planId, project: projectId } = named
  const message = newMessage({ metadata: { taskId, planId, projectId } })
  return {
    costs: [
      await books.costRecords.append(newCost({ taskId, ...named })),
      ...(await books.costRecords.appendMany([newCost({ taskId, ...named }), newCost({ taskId, ...named })])),
    ],
    messages: [
      await books.messages.append(message),
      ...(await books.messages.appendMany([message, message])),
    ],
    entries: [await books.audit.append(newEntry({ taskId, planId }))],
  }
}

/** Asserts that a task and its links are stored as given. */
export async function assertStored(
  store: Store,
  appended: Awaited<ReturnType<typeof appendAll>>,
): Promise<void> {
  for (const cost of appended.costs) assert.deepEqual(await store.costRecords.get(cost.id), cost)
  for (const message of appended.messages) assert.deepEqual(await store.messages.get(message.id), message)
  for (const entry of appended.entries) assert.deepEqual(await store.audit.get(entry.id), entry)
}

/** The sums of the records, total by total. */
export async function assertTotals(store: Store): Promise<void> {
  const records = await collect(store.costRecords.each())
  for (const [grouping, field] of [
    ['plan', 'planId'],
    ['project', 'project'],
  ] as const) {
    const counts = new Map<string | null, number>()
    for (const record of records) counts.set(record[field], (counts.get(record[field]) ?? 0) + 1)
    const totals = await store.costRecords.aggregate({}, { by: [grouping] })
    assert.deepEqual(new Map(totals.map((total) => [total[grouping] ?? null, total.records])), counts)
  }
}
