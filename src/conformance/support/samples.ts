// Inputs for records: the minimum that is accepted, and one with every field set. Cases change the
// fields they are about.

import type {
  AgentPatch,
  NewAction,
  NewApproval,
  NewAuditEntry,
  NewAutomationProfile,
  NewBudget,
  NewCostRecord,
  NewMessage,
  NewParkedRun,
  TakenOverPlan,
  TakenOverTask,
} from '../../index.ts'

/** For a record that is not in its initial state: it is taken over as of now. */
export function takenOver(): { readonly asOf: Date } {
  return { asOf: new Date() }
}

/** A task with every required field, to create or take over. */
export function newTask(changes: Partial<TakenOverTask> = {}): TakenOverTask {
  return {
    title: 'Write the parser',
    description: 'For the plan files',
    project: 'purser',
    createdBy: 'lead',
    type: 'development',
    ...changes,
  }
}

/** The fields of a task that was never claimed, which only claims set. */
export const neverClaimed = {
  claimId: null,
  leaseExpiresAt: null,
  attempt: 0,
  availableAt: null,
  lastError: null,
} as const

/** Every field has a distinct value that is not the default; to be taken over. */
export function fullTask(changes: Partial<TakenOverTask> = {}): TakenOverTask {
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

/** A cost record with every required field, to append. */
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

/** Every field has a distinct value that is not the default. */
export function fullCost(changes: Partial<NewCostRecord> = {}): NewCostRecord {
  return newCost({
    id: ulid(9999),
    idempotencyKey: 'call-1',
    sessionId: 'session-1',
    taskId: 'task-1',
    planId: 'plan-1',
    project: 'purser',
    biller: 'broker',
    reasoningTokens: 17,
    cacheReadTokens: 11,
    cacheWriteTokens: 13,
    cacheWrite1hTokens: 7,
    costStatus: 'computed',
    priceSource: 'price list, 2026-01-15',
    currency: 'EUR',
    timestamp: new Date('2026-01-31T09:30:00.123Z'),
    callCategory: 'coordination',
    latencyMs: 1530,
    success: false,
    finishReason: 'length',
    source: 'an adapter',
    metadata: { request: 'r-1', retries: [1, 2] },
    reservationId: 'reservation-1',
    ...changes,
  })
}

/** A budget of everything, to create. */
export function newBudget(changes: Partial<NewBudget> = {}): NewBudget {
  return { name: 'all', scope: 'everything', period: 'total', limit: '1', ...changes }
}

/** Every field has a distinct value that is not the default. */
export function fullBudget(changes: Partial<NewBudget> = {}): NewBudget {
  return newBudget({
    name: 'daily of the parser',
    scope: 'project',
    target: 'parser',
    period: 'day',
    timeZone: 'Europe/Berlin',
    limit: '12.5',
    currency: 'EUR',
    warnAt: 0.65,
    whenExceeded: 'warn',
    active: false,
    ...changes,
  })
}

/** What an agent may say of itself, each field with a value that is not the default. */
export function fullAgent(changes: AgentPatch = {}): AgentPatch {
  return {
    displayName: 'June',
    role: 'coder',
    capabilities: ['typescript', 'review'],
    metadata: { host: 'build-1', pid: 4711, nested: { ok: true } },
    ...changes,
  }
}

/** An approval, to request. */
export function newApproval(changes: Partial<NewApproval> = {}): NewApproval {
  return { kind: 'tool:call', subjectType: 'tool', ...changes }
}

/** Every field has a distinct value that is not the default. */
export function fullApproval(changes: Partial<NewApproval> = {}): NewApproval {
  return newApproval({
    id: ulid(5555),
    idempotencyKey: 'request-1',
    subjectId: 'shell',
    planId: 'plan-1',
    taskId: 'task-1',
    reason: 'The migration has to run\nbefore noon',
    details: { command: ['rm', '-r', 'cache'], dry: false },
    riskLevel: 'critical',
    expiresAt: new Date('9998-01-31T09:30:00.123Z'),
    ...changes,
  })
}

/** A parked run with a state of a few bytes. */
export function newParkedRun(changes: Partial<NewParkedRun> = {}): NewParkedRun {
  return { agentId: 'agent-7', format: 'test/state@1', state: Uint8Array.of(1, 2, 3), ...changes }
}

/** Every field has a distinct value that is not the default; the state has every byte. */
export function fullParkedRun(changes: Partial<NewParkedRun> = {}): NewParkedRun {
  return newParkedRun({
    id: ulid(6666),
    taskId: 'task-1',
    planId: 'plan-1',
    approvalId: ulid(5555),
    state: Uint8Array.from({ length: 256 }, (_, index) => index),
    metadata: { turn: 3, waiting: ['shell'] },
    ...changes,
  })
}

/** A message with every required field, to append. */
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

/** Every field has a distinct value that is not the default. */
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

let plans = 0

/** A root with a unique name each time; with a parent, a child without one. */
export function newPlan(changes: Partial<TakenOverPlan> = {}): TakenOverPlan {
  plans += 1
  return {
    name: changes.parentPlanId ? null : `local/plan-${plans}`,
    actionName: 'label',
    description: 'Ship the second version',
    ...changes,
  }
}

/** A plan that pre-flight finds nothing about, where `readyAction` is stored. */
export function readyPlan(changes: Partial<TakenOverPlan> = {}): TakenOverPlan {
  return newPlan({ actionName: readyAction.name, actors: { ...readyAction.actors }, ...changes })
}

export const readyAction = {
  name: 'local/ready',
  description: 'Whatever is wanted',
  actors: { strategy: 'planner', execution: 'coder' },
}

/**
 * Every field that a root may have, with a distinct value that is not the default; to be taken
 * over.
 */
export function fullPlan(changes: Partial<TakenOverPlan> = {}): TakenOverPlan {
  return newPlan({
    planId: ulid(7777),
    name: 'local/full',
    actionName: 'local/build',
    description: 'Build it\nand ship it',
    definitionOfDone: 'Users have it',
    phase: 'apply',
    state: 'errored',
    attempt: 4,
    automationProfile: 'cautious',
    actors: {
      strategy: 'planner',
      execution: 'builder',
      review: 'reviewer',
      apply: 'shipper',
      estimation: 'estimator',
      invariant: 'guardian',
    },
    projects: [
      { name: 'web', alias: 'w', readOnly: true },
      { name: 'api', alias: null, readOnly: false },
    ],
    arguments: [
      { name: 'zeta', value: { deep: [1, 2.5, null, true, 'é'] } },
      { name: 'alpha', value: 'first' },
    ],
    invariants: [
      { text: 'Tests stay green', source: 'project' },
      { text: 'No new dependency', source: 'global' },
    ],
    changesetId: 'changeset-1',
    decisionRootId: 'decision-1',
    lastCheckpointId: 'checkpoint-1',
    sandboxRefs: ['sandbox-b', 'sandbox-a'],
    validationSummary: { passed: 3, failed: [] },
    executionEnvironment: 'container',
    executionEnvPriority: 'override',
    error: { message: 'The disk was full', details: { free: 0 } },
    reversionCount: 2,
    lastCompletedStep: 5,
    cancelReason: 'not yet',
    metadata: { source: 'import', list: [1, { deep: 'é' }] },
    createdAt: new Date('2025-01-01T00:00:00.001Z'),
    strategizeStartedAt: new Date('2025-01-02T00:00:00.002Z'),
    strategizeCompletedAt: new Date('2025-01-03T00:00:00.003Z'),
    executeStartedAt: new Date('2025-01-04T00:00:00.004Z'),
    executeCompletedAt: new Date('2025-01-05T00:00:00.005Z'),
    applyStartedAt: new Date('2025-01-06T00:00:00.006Z'),
    appliedAt: new Date('2025-01-07T00:00:00.007Z'),
    cancelledAt: new Date('2025-01-08T00:00:00.008Z'),
    ...changes,
  })
}

/** An action with every required field, to create. */
export function newAction(changes: Partial<NewAction> = {}): NewAction {
  return { name: 'local/build', description: 'Build what the plan says', ...changes }
}

/**
 * A profile whose values are all distinct, so that none is mistaken for a default or for another's.
 */
export function newProfile(changes: Partial<NewAutomationProfile> = {}): NewAutomationProfile {
  return {
    name: 'local/careful',
    description: 'Of one’s own',
    decomposeTask: 0.05,
    createTool: 0.1,
    selectTool: 0.15,
    editCode: 0.2,
    executeCommand: 0.25,
    createFile: 0.3,
    deleteContent: 0.35,
    accessNetwork: 0.4,
    installDependency: 0.45,
    modifyConfig: 0.55,
    approvePlan: 0.65,
    requireSandbox: false,
    requireCheckpoints: false,
    allowUnsafeTools: true,
    guards: { maxCostUsd: 12.5, maxTokens: 1000, maxToolCalls: 7, deniedTools: ['shell', 'browser'] },
    schemaVersion: '1.0',
    ...changes,
  }
}

/** An audit entry with every required field, to append. */
export function newEntry(changes: Partial<NewAuditEntry> = {}): NewAuditEntry {
  return { action: 'tool:call', subjectType: 'tool', ...changes }
}

/** Every field that callers may give, with a distinct value that is not the default. */
export function fullEntry(changes: Partial<NewAuditEntry> = {}): NewAuditEntry {
  return newEntry({
    id: ulid(8888),
    actor: 'gatekeeper',
    action: 'file:delete',
    subjectType: 'file',
    subjectId: 'src/parser.ts',
    planId: 'plan-1',
    taskId: 'task-1',
    verdict: 'deny',
    riskLevel: 'critical',
    reason: 'Not in the sandbox',
    matchedRules: ['no-delete', 'sandbox-only'],
    argumentsHash: 'ab'.repeat(32),
    details: { path: 'src/parser.ts', tries: [1, 2.5, null], nested: { ok: false } },
    ...changes,
  })
}
