// Inputs for records: the least that is accepted, and one with every field set. Cases change the fields they are about.

import type { NewCostRecord, NewMessage, NewTask } from '../index.ts'

export function newTask(changes: Partial<NewTask> = {}): NewTask {
  return {
    title: 'Write the parser',
    description: 'For the plan files',
    project: 'purser',
    createdBy: 'lead',
    type: 'development',
    ...changes,
  }
}

/** Every field has a value of its own that is not the default. */
export function fullTask(changes: Partial<NewTask> = {}): NewTask {
  return newTask({
    id: 'task-full',
    type: 'research',
    priority: 'critical',
    assignedTo: 'agent-7',
    parentTaskId: 'task-parent',
    reviewers: ['zoe', 'adam', 'mia'],
    dependencies: ['t-9', 't-1', 't-5'],
    delegationChain: ['lead', 'deputy', 'agent-6'],
    artifactsExpected: [
      { type: 'tests', path: 'test/parser.test.ts' },
      { type: 'code', path: 'src/parser.ts' },
      { type: 'documentation', path: '' },
    ],
    acceptanceCriteria: [
      { description: 'It parses', met: true },
      { description: 'It prints\nwhat it parsed', met: false },
    ],
    estimatedComplexity: 'epic',
    budgetLimit: '12.345678901',
    maxRetries: 7,
    deadline: '2023-12-28',
    taskStructure: 'mixed',
    coordinationTopology: 'context_dependent',
    status: 'assigned',
    metadata: { source: 'import', depth: { list: [1, 2.5, null, true, { deep: 'é' }], empty: {} } },
    ...changes,
  })
}

/** A ULID that ends in a number; greater numbers sort after smaller ones. */
export function ulid(number: number): string {
  return `01J${String(number).padStart(23, '0')}`
}

export function newCost(changes: Partial<NewCostRecord> = {}): NewCostRecord {
  return {
    agentId: 'agent-7',
    provider: 'acme',
    model: 'large-1',
    inputTokens: 1200,
    outputTokens: 80,
    cost: '0.001309',
    ...changes,
  }
}

/** Every field has a value of its own that is not the default. */
export function fullCost(changes: Partial<NewCostRecord> = {}): NewCostRecord {
  return newCost({
    id: ulid(9999),
    idempotencyKey: 'call-1',
    taskId: 'task-1',
    planId: 'plan-1',
    project: 'purser',
    cacheReadTokens: 11,
    cacheWriteTokens: 13,
    currency: 'EUR',
    timestamp: new Date('2026-01-31T09:30:00.123Z'),
    callCategory: 'coordination',
    latencyMs: 1530,
    success: false,
    finishReason: 'length',
    metadata: { request: 'r-1', retries: [1, 2] },
    ...changes,
  })
}

export function newMessage(changes: Partial<NewMessage> = {}): NewMessage {
  const message = {
    to: 'agent-7',
    channel: 'parser',
    type: 'delegation',
    content: 'Please take the parser.',
    ...changes,
  } as const
  return 'from' in changes ? (message as NewMessage) : { sender: 'lead', ...message }
}

/** Every field has a value of its own that is not the default. */
export function fullMessage(changes: Partial<NewMessage> = {}): NewMessage {
  return newMessage({
    id: 'message-full',
    timestamp: new Date('2026-01-31T09:30:00.123Z'),
    type: 'review_request',
    priority: 'urgent',
    parts: [
      { kind: 'text', text: 'Please review' },
      { kind: 'data', data: { lines: [1, 2], nested: { ok: true } } },
      { kind: 'file', name: 'parser.ts', mediaType: 'text/x-typescript', ref: 'blob:1' },
      { kind: 'file', name: 'plain', ref: 'blob:2' },
      { kind: 'uri', uri: 'https://example.org/review' },
    ],
    attachments: [
      { type: 'link', ref: 'https://example.org' },
      { type: 'artifact', ref: 'parser' },
      { type: 'file', ref: 'src/parser.ts' },
    ],
    metadata: {
      taskId: 'task-1',
      projectId: 'purser',
      planId: 'plan-1',
      tokensUsed: 321,
      costUsd: '0.004200001',
      extra: [
        ['zeta', 'last first'],
        ['alpha', ''],
        ['mid', '"quoted"'],
      ],
    },
    ...changes,
  })
}
