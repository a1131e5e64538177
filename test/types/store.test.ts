// What the types of the store, its repositories, filters and errors allow and refuse. Never run:
// tsc says whether it holds.

import { describe, expectTypeOf, test } from 'vitest'
import {
  type ActingStore,
  type Action,
  type AuditEntry,
  type AuditFilter,
  type AuditHead,
  type AuditVerification,
  type CorruptRow,
  type CostFilter,
  type CostRecord,
  costGroupings,
  type ErrorCode,
  events,
  gate,
  type KnownProfile,
  type Message,
  type MessagePage,
  openStore,
  type Page,
  type PersistenceBackend,
  PersistenceError,
  type Plan,
  type PlanFilter,
  type PlanTree,
  type Store,
  type Task,
  type TaskFilter,
  type Transaction,
} from '../../src/index.ts'

declare const store: Store

describe('stores', () => {
  test('are opened from a URL or options, and are what backends are', () => {
    expectTypeOf(openStore).parameter(0).extract<string>().toEqualTypeOf<string>()
    expectTypeOf(openStore).returns.resolves.toEqualTypeOf<Store>()
    expectTypeOf<PersistenceBackend>().toEqualTypeOf<Store>()
    expectTypeOf<Store>().toExtend<AsyncDisposable>()
    // @ts-expect-error no such option
    void openStore({ url: 'x', colour: 'red' })
    // @ts-expect-error no such mode
    void openStore({ migrate: 'sometimes' })
  })

  test('a transaction has the repositories and gives what its work gives', () => {
    expectTypeOf<Store['tasks']>().toEqualTypeOf<Transaction['tasks']>()
    expectTypeOf(store.transaction(async () => 7)).resolves.toBeNumber()
    expectTypeOf(store.transaction((tx) => tx.tasks.get('a'))).resolves.toEqualTypeOf<Task | null>()
    // @ts-expect-error a transaction is not a store
    void store.transaction(async (tx) => tx.close())
    // @ts-expect-error the work is asynchronous
    void store.transaction(() => 7)
  })

  test('a listener gets the payload of its event', () => {
    store.on(events.taskTransitioned, (payload) => {
      expectTypeOf(payload).toEqualTypeOf<{
        readonly id: string
        readonly from: string
        readonly to: string
        readonly version: number
      }>()
    })
    // @ts-expect-error no such event
    store.on('persistence.task.sung', () => undefined)
  })
})

describe('repositories', () => {
  test('answers', () => {
    expectTypeOf(store.tasks.get('a')).resolves.toEqualTypeOf<Task | null>()
    expectTypeOf(store.tasks.getMany(['a'])).resolves.toEqualTypeOf<ReadonlyMap<string, Task>>()
    expectTypeOf(store.tasks.list()).resolves.toEqualTypeOf<Page<Task>>()
    expectTypeOf(store.tasks.each()).toExtend<AsyncIterable<Task>>()
    expectTypeOf(store.tasks.delete('a')).resolves.toBeBoolean()
    expectTypeOf(store.costRecords.query()).resolves.toEqualTypeOf<Page<CostRecord>>()
    expectTypeOf(store.messages.history('c')).resolves.toEqualTypeOf<MessagePage>()
    expectTypeOf<Page<Message>['corrupt']>().toEqualTypeOf<readonly CorruptRow[]>()
    expectTypeOf<Page<Message>['nextCursor']>().toEqualTypeOf<string | null>()
  })

  test('changes name the version they are based on', () => {
    // @ts-expect-error the version is missing
    void store.tasks.update('a', { title: 'x' })
    // @ts-expect-error the version is missing
    void store.tasks.transition('a', 'assigned', {})
    // @ts-expect-error no such status
    void store.tasks.transition('a', 'done', { version: 1 })
    // @ts-expect-error append only
    store.costRecords.update
    // @ts-expect-error append only
    store.messages.delete
  })

  test('filters take values, lists of them, and null where there may be none', () => {
    const tasks: TaskFilter[] = [
      {},
      { status: 'assigned' },
      { status: ['assigned', 'blocked'] },
      { assignedTo: null },
      { assignedTo: ['ann', null] },
      { project: undefined },
    ]
    const costs: CostFilter[] = [
      { agentId: ['a', 'b'], since: '2026-01-31T00:00:00Z', until: new Date() },
      { planId: 'p', tree: true },
      { callCategory: null },
    ]
    expectTypeOf(tasks).toEqualTypeOf<TaskFilter[]>()
    expectTypeOf(costs).toEqualTypeOf<CostFilter[]>()
    // @ts-expect-error no such status
    void store.tasks.list({ status: 'done' })
    // @ts-expect-error not a field to filter by
    void store.tasks.list({ description: 'x' })
    // @ts-expect-error every task has a project
    void store.tasks.list({ project: null })
    // @ts-expect-error no such field
    void store.costRecords.query({ agent: 'a' })
  })

  test('totals have the keys of their groups', async () => {
    const [whole] = await store.costRecords.aggregate()
    expectTypeOf(whole?.cost).toEqualTypeOf<string | undefined>()
    const [group] = await store.costRecords.aggregate({}, { by: ['agent', 'day'] })
    expectTypeOf(group?.agent).toEqualTypeOf<string | null | undefined>()
    expectTypeOf(group?.day).toEqualTypeOf<string | null | undefined>()
    // @ts-expect-error not a key of these groups
    void group?.model
    // @ts-expect-error no such grouping
    void store.costRecords.aggregate({}, { by: ['colour'] })
    expectTypeOf(costGroupings).toExtend<readonly string[]>()
  })
})

describe('plans and the audit trail', () => {
  test('answers', () => {
    expectTypeOf(store.plans.get('p')).resolves.toEqualTypeOf<Plan | null>()
    expectTypeOf(store.plans.list()).resolves.toEqualTypeOf<Page<Plan>>()
    expectTypeOf(store.plans.tree('p')).resolves.toEqualTypeOf<PlanTree | null>()
    expectTypeOf(store.plans.ancestors('p')).resolves.toEqualTypeOf<readonly Plan[]>()
    expectTypeOf(store.plans.start('p', { version: 1 })).resolves.toEqualTypeOf<Plan>()
    expectTypeOf(store.plans.delete('p')).resolves.toBeBoolean()
    expectTypeOf(store.actions.get('a/b')).resolves.toEqualTypeOf<Action | null>()
    expectTypeOf(store.automationProfiles.list()).resolves.toEqualTypeOf<readonly KnownProfile[]>()
    expectTypeOf(store.audit.query()).resolves.toEqualTypeOf<Page<AuditEntry>>()
    expectTypeOf(store.audit.head()).resolves.toEqualTypeOf<AuditHead | null>()
    expectTypeOf(store.audit.verify()).resolves.toEqualTypeOf<AuditVerification>()
    expectTypeOf(gate({ effectiveProfile: null }, 'editCode', 0.5)).toEqualTypeOf<'auto' | 'human'>()
  })

  test('moves name the version, and what belongs to them', () => {
    // @ts-expect-error the version is missing
    void store.plans.use('p')
    // @ts-expect-error the reason is missing
    void store.plans.revert('p', { version: 1 })
    // @ts-expect-error the error is missing
    void store.plans.fail('p', null, { version: 1 })
    // @ts-expect-error an error has a message
    void store.plans.fail('p', {}, { version: 1 })
    // @ts-expect-error no such step
    void gate({ effectiveProfile: null }, 'edit_code')
    // @ts-expect-error append only
    store.audit.update
    // @ts-expect-error append only
    store.audit.delete
    void store.plans.cancel('p', null, { version: 1, tree: true })
  })

  test('filters', () => {
    const plans: PlanFilter[] = [
      { phase: ['execute', 'apply'], state: 'errored', name: 'local/*', project: 'web' },
      { parentPlanId: null },
    ]
    const entries: AuditFilter[] = [
      { action: 'plan:*', actor: ['ann', 'bob'], since: new Date() },
      { subjectId: null },
    ]
    void [plans, entries]
    // @ts-expect-error a pattern, not a list of them
    void store.plans.list({ name: ['a'] })
    // @ts-expect-error every plan has a root
    void store.plans.list({ rootPlanId: null })
    // @ts-expect-error no such verdict
    void store.audit.query({ verdict: 'maybe' })
  })

  test('another actor has the repositories and transactions, and nothing else of a store', () => {
    const ann = store.as('ann')
    expectTypeOf(ann).toEqualTypeOf<ActingStore>()
    expectTypeOf<ActingStore['plans']>().toEqualTypeOf<Store['plans']>()
    expectTypeOf(ann.transaction(async (tx) => tx.as('bob').audit.count())).resolves.toBeNumber()
    // @ts-expect-error the store is closed by whoever opened it
    void ann.close()
    // @ts-expect-error an actor has a name
    store.as()
  })
})

describe('errors', () => {
  test('have a code of the closed list and say whether a retry can help', () => {
    const error: unknown = undefined
    if (error instanceof PersistenceError) {
      expectTypeOf(error.code).toEqualTypeOf<ErrorCode>()
      expectTypeOf(error.retryable).toEqualTypeOf<boolean>()
    }
    // @ts-expect-error the root is abstract
    new PersistenceError('QUERY_FAILED', 'x')
    // @ts-expect-error no such code
    const code: ErrorCode = 'SOMETHING'
    void code
  })
})
