// Records one run of an agent: a task from created to completed, the cost of each model call, and
// the messages. Related writes share one transaction; a call that is reported twice counts once.
//
//   node examples/record-a-run.ts [URL]      (without it PURSER_URL, or a database in memory)

import { openStore, type Store } from 'purser'

/** What a model answered, as an agent's client would report it. */
interface ModelCall {
  readonly requestId: string
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cost: string
}

const calls: readonly ModelCall[] = [
  { requestId: 'req-1', inputTokens: 1200, outputTokens: 310, cost: '0.0171' },
  { requestId: 'req-2', inputTokens: 1650, outputTokens: 95, cost: '0.01185' },
  // The client timed out and reported the call again.
  { requestId: 'req-2', inputTokens: 1650, outputTokens: 95, cost: '0.01185' },
]

const store = await openStore(process.argv[2] || process.env.PURSER_URL || 'sqlite::memory:')

const task = await store.tasks.create({
  title: 'Choose a new lens',
  description: 'Compare three makers, recommend one',
  project: 'lighthouse',
  createdBy: 'ada',
  type: 'research',
  reviewers: ['cy'],
  acceptanceCriteria: [{ description: 'Three offers compared', met: false }],
  budgetLimit: '0.05',
})

// The assignment and the message that announces it: both are stored, or neither.
let version = await store.transaction(async (tx) => {
  const assigned = await tx.tasks.transition(task.id, 'assigned', {
    version: task.version,
    patch: { assignedTo: 'bo' },
  })
  await tx.messages.append({
    sender: 'ada',
    to: 'bo',
    channel: 'lighthouse',
    type: 'delegation',
    content: 'Please choose a new lens.',
    metadata: { taskId: task.id },
  })
  return assigned.version
})

;({ version } = await store.tasks.transition(task.id, 'in_progress', { version }))
for (const call of calls) await recordCall(store, call)
;({ version } = await store.tasks.transition(task.id, 'in_review', { version }))

const done = await store.transaction(async (tx) => {
  await tx.messages.append({
    sender: 'cy',
    to: 'bo',
    channel: 'lighthouse',
    type: 'approval',
    content: 'The second offer, agreed.',
    metadata: { taskId: task.id },
  })
  return tx.tasks.transition(task.id, 'completed', {
    version,
    patch: { acceptanceCriteria: [{ description: 'Three offers compared', met: true }] },
  })
})

const [total] = await store.costRecords.aggregate({ taskId: task.id })
const { items } = await store.messages.thread({ taskId: task.id })
console.log(`${done.title}: ${done.status}, version ${done.version}`)
console.log(`${total?.records} model calls, ${total?.cost} of ${done.budgetLimit} ${total?.currency}`)
for (const message of items.toReversed()) console.log(`${message.sender} → ${message.to}: ${message.content}`)
await store.close()

/**
 * The request of this task is the idempotency key: repeating the report returns the stored record
 * and writes nothing.
 */
function recordCall(to: Store, call: ModelCall) {
  const { requestId, ...measured } = call
  return to.costRecords.append({
    ...measured,
    idempotencyKey: `${task.id}/${requestId}`,
    agentId: 'bo',
    taskId: task.id,
    project: 'lighthouse',
    provider: 'acme',
    model: 'large-1',
    callCategory: 'productive',
  })
}
