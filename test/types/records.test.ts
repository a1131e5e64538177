// What the types of records, inputs and patches allow and refuse. Never run: tsc says whether it
// holds.

import { describe, expectTypeOf, test } from 'vitest'
import type {
  Action,
  ActionPatch,
  AuditEntry,
  AutomationProfile,
  AutomationProfilePatch,
  CostRecord,
  Message,
  NewAction,
  NewAuditEntry,
  NewAutomationProfile,
  NewCostRecord,
  NewMessage,
  NewPlan,
  NewTask,
  Plan,
  PlanPatch,
  PlanPhase,
  PlanState,
  Store,
  TakenOverPlan,
  Task,
  TaskPatch,
  TaskStatus,
} from '../../src/index.ts'

describe('tasks', () => {
  test('a task as it is read has every field, with one type each', () => {
    expectTypeOf<Task['id']>().toEqualTypeOf<string>()
    expectTypeOf<Task['assignedTo']>().toEqualTypeOf<string | null>()
    expectTypeOf<Task['reviewers']>().toEqualTypeOf<readonly string[]>()
    expectTypeOf<Task['budgetLimit']>().toEqualTypeOf<string>()
    expectTypeOf<Task['createdAt']>().toEqualTypeOf<Date>()
    expectTypeOf<Task['version']>().toEqualTypeOf<number>()
    expectTypeOf<Task['status']>().toEqualTypeOf<TaskStatus>()
    expectTypeOf<Task['taskStructure']>().toEqualTypeOf<'sequential' | 'parallel' | 'mixed' | null>()
    expectTypeOf<Task['unreadable']>().toEqualTypeOf<readonly string[]>()
  })

  test('an input needs what has no default, and nothing else', () => {
    const least: NewTask = { title: 't', description: 'd', project: 'p', createdBy: 'c', type: 'admin' }
    expectTypeOf(least).toExtend<NewTask>()
    expectTypeOf<NewTask['id']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<NewTask['budgetLimit']>().toEqualTypeOf<string | number | undefined>()
    expectTypeOf<NewTask['deadline']>().toEqualTypeOf<string | null | undefined>()
    // @ts-expect-error the title is missing
    const untitled: NewTask = { description: 'd', project: 'p', createdBy: 'c', type: 'admin' }
    // @ts-expect-error no such type of task
    const odd: NewTask = { ...least, type: 'party' }
    // @ts-expect-error the store makes times
    const timed: NewTask = { ...least, createdAt: new Date() }
    // @ts-expect-error the store counts versions
    const versioned: NewTask = { ...least, version: 1 }
    // @ts-expect-error no such field
    const coloured: NewTask = { ...least, colour: 'red' }
    // @ts-expect-error a list, not a text
    const reviewed: NewTask = { ...least, reviewers: 'ann' }
    // @ts-expect-error metadata are an object
    const listed: NewTask = { ...least, metadata: [1] }
    // @ts-expect-error metadata are JSON
    const dated: NewTask = { ...least, metadata: { at: new Date() } }
    void [untitled, odd, timed, versioned, coloured, reviewed, listed, dated]
  })

  test('a patch changes what updates may change', () => {
    const patch: TaskPatch = { title: 't', assignedTo: null, budgetLimit: 0.5, reviewers: [] }
    expectTypeOf(patch).toExtend<TaskPatch>()
    expectTypeOf<TaskPatch>().not.toHaveProperty('id')
    expectTypeOf<TaskPatch>().not.toHaveProperty('status')
    expectTypeOf<TaskPatch>().not.toHaveProperty('version')
    expectTypeOf<TaskPatch>().not.toHaveProperty('createdAt')
    // @ts-expect-error the status moves by transitions
    const moved: TaskPatch = { status: 'assigned' }
    // @ts-expect-error a title cannot be cleared
    const cleared: TaskPatch = { title: null }
    void [moved, cleared]
  })

  test('records are read-only, their lists too', () => {
    const change = (task: Task) => {
      // @ts-expect-error read-only
      task.title = 'x'
      // @ts-expect-error read-only
      task.reviewers.push('x')
      // @ts-expect-error read-only
      task.artifactsExpected[0] = { type: 'code', path: 'x' }
    }
    void change
  })
})

describe('cost records', () => {
  test('money is text when it is read, text or a number when it is given', () => {
    expectTypeOf<CostRecord['cost']>().toEqualTypeOf<string | null>()
    expectTypeOf<NewCostRecord['cost']>().toEqualTypeOf<string | number | null | undefined>()
    expectTypeOf<CostRecord['costStatus']>().toEqualTypeOf<'reported' | 'computed' | 'unpriced'>()
    expectTypeOf<CostRecord['timestamp']>().toEqualTypeOf<Date>()
    expectTypeOf<NewCostRecord['timestamp']>().toEqualTypeOf<Date | string | undefined>()
    expectTypeOf<CostRecord['success']>().toEqualTypeOf<boolean | null>()
    expectTypeOf<CostRecord['callCategory']>().toEqualTypeOf<
      'productive' | 'coordination' | 'system' | 'embedding' | null
    >()
    const least: NewCostRecord = {
      agentId: 'a',
      provider: 'p',
      model: 'm',
      inputTokens: 1,
      outputTokens: 1,
      cost: '0.1',
    }
    // @ts-expect-error the agent is missing
    const anonymous: NewCostRecord = {
      provider: 'p',
      model: 'm',
      inputTokens: 1,
      outputTokens: 1,
      cost: '0.1',
    }
    // @ts-expect-error a BigInt is no amount
    const big: NewCostRecord = { ...least, cost: 1n }
    // @ts-expect-error no such category
    const odd: NewCostRecord = { ...least, callCategory: 'other' }
    void [anonymous, big, odd]
  })
})

describe('messages', () => {
  test('a message has a sender or a from, and parts of known kinds', () => {
    const rest = { to: 'b', channel: 'c', type: 'question', content: 'x' } as const
    const sent: NewMessage = { ...rest, sender: 'a' }
    const from: NewMessage = { ...rest, from: 'a' }
    expectTypeOf([sent, from]).toExtend<NewMessage[]>()
    // @ts-expect-error nobody sends it
    const anonymous: NewMessage = { ...rest }
    // @ts-expect-error no such part
    const sung: NewMessage = { ...sent, parts: [{ kind: 'song', text: 'x' }] }
    // @ts-expect-error a text part has a text
    const empty: NewMessage = { ...sent, parts: [{ kind: 'text' }] }
    // @ts-expect-error pairs, not an object
    const extra: NewMessage = { ...sent, metadata: { extra: { k: 'v' } } }
    void [anonymous, sung, empty, extra]
  })

  test('a message as it is read has parts, and its sender under one name', () => {
    expectTypeOf<Message['parts']>().not.toBeNullable()
    expectTypeOf<Message>().not.toHaveProperty('from')
    expectTypeOf<Message['metadata']['taskId']>().toEqualTypeOf<string | null>()
    expectTypeOf<Message['metadata']['costUsd']>().toEqualTypeOf<string | null>()
  })
})

describe('plans', () => {
  test('a plan as it is read has every field, with one type each', () => {
    expectTypeOf<Plan['planId']>().toEqualTypeOf<string>()
    expectTypeOf<Plan['parentPlanId']>().toEqualTypeOf<string | null>()
    expectTypeOf<Plan['rootPlanId']>().toEqualTypeOf<string>()
    expectTypeOf<Plan['name']>().toEqualTypeOf<string | null>()
    expectTypeOf<Plan['phase']>().toEqualTypeOf<PlanPhase>()
    expectTypeOf<Plan['state']>().toEqualTypeOf<PlanState>()
    expectTypeOf<Plan['effectiveProfile']>().toEqualTypeOf<AutomationProfile | null>()
    expectTypeOf<Plan['automationProfile']['name']>().toEqualTypeOf<string>()
    expectTypeOf<Plan['automationProfile']['provenance']>().toEqualTypeOf<
      'plan' | 'action' | 'project' | 'global'
    >()
    expectTypeOf<Plan['actors']['review']>().toEqualTypeOf<string | null>()
    expectTypeOf<NonNullable<Plan['error']>['message']>().toEqualTypeOf<string>()
    expectTypeOf<Plan['cancelledAt']>().toEqualTypeOf<Date | null>()
    expectTypeOf<Plan['projects'][number]['alias']>().toEqualTypeOf<string | null>()
  })

  test('an input needs an action’s name, and names its profile by a text', () => {
    const root: NewPlan = { name: 'local/release', actionName: 'local/build' }
    const child: NewPlan = { parentPlanId: 'p', actionName: 'label', projects: [{ name: 'web' }] }
    expectTypeOf([root, child]).toExtend<NewPlan[]>()
    expectTypeOf<NewPlan['automationProfile']>().toEqualTypeOf<string | undefined>()
    // @ts-expect-error the action's name is missing
    const nameless: NewPlan = { name: 'local/release' }
    // @ts-expect-error the profile is chosen by its name
    const profiled: NewPlan = { ...root, automationProfile: { name: 'manual', provenance: 'plan' } }
    // @ts-expect-error the snapshot is the store's
    const frozen: NewPlan = { ...root, effectiveProfile: null }
    // @ts-expect-error no such role
    const acted: NewPlan = { ...root, actors: { boss: 'ann' } }
    // @ts-expect-error times are stamped by moves
    const stamped: NewPlan = { ...root, appliedAt: new Date() }
    // @ts-expect-error the phase is changed by moves
    const placed: NewPlan = { ...root, phase: 'apply' }
    // @ts-expect-error no such phase
    const odd: TakenOverPlan = { ...root, phase: 'review' }
    // @ts-expect-error the store counts versions
    const versioned: NewPlan = { ...root, version: 1 }
    void [nameless, profiled, frozen, acted, stamped, placed, odd, versioned]
  })

  test('R2: what becomes of a record is given together with asOf alone', () => {
    const root: NewPlan = { name: 'local/release', actionName: 'local/build' }
    const calls = ({ plans, tasks }: Store, task: NewTask, asOf: Date) => {
      void plans.create(
        { ...root, phase: 'apply', state: 'applied', appliedAt: '2025-01-01T00:00:00Z' },
        { asOf },
      )
      void plans.createMany([{ ...root, attempt: 2 }], { asOf: '2025-01-01T00:00:00Z', projectProfile: 'ci' })
      void tasks.create({ ...task, status: 'completed', createdAt: asOf }, { asOf })
      void tasks.save({ ...task, status: 'completed' }, { asOf })
      // @ts-expect-error a plan begins in action/queued
      void plans.create({ ...root, phase: 'apply' })
      // @ts-expect-error a task begins as created
      void tasks.create({ ...task, status: 'completed' }, {})
      // @ts-expect-error a number is no instant
      void tasks.create(task, { asOf: 5 })
    }
    void calls
  })

  test('a patch changes neither the place of a plan nor what it was made under', () => {
    const patch: PlanPatch = { name: 'local/other', actors: { review: null }, validationSummary: null }
    expectTypeOf(patch).toExtend<PlanPatch>()
    expectTypeOf<PlanPatch>().not.toHaveProperty('phase')
    expectTypeOf<PlanPatch>().not.toHaveProperty('state')
    expectTypeOf<PlanPatch>().not.toHaveProperty('parentPlanId')
    expectTypeOf<PlanPatch>().not.toHaveProperty('rootPlanId')
    expectTypeOf<PlanPatch>().not.toHaveProperty('automationProfile')
    expectTypeOf<PlanPatch>().not.toHaveProperty('effectiveProfile')
    expectTypeOf<PlanPatch>().not.toHaveProperty('error')
    expectTypeOf<PlanPatch>().not.toHaveProperty('actionName')
    const change = (plan: Plan) => {
      // @ts-expect-error read-only
      plan.state = 'applied'
      // @ts-expect-error read-only inside of a group
      plan.actors.review = 'ann'
      // @ts-expect-error a list that is not changed
      plan.sandboxRefs.push('x')
    }
    void change
  })
})

describe('actions and profiles', () => {
  test('an action has a name for its key, which no patch changes', () => {
    const least: NewAction = { name: 'local/build', description: 'd' }
    expectTypeOf(least).toExtend<NewAction>()
    expectTypeOf<Action['state']>().toEqualTypeOf<'available' | 'archived'>()
    expectTypeOf<Action['automationProfile']>().toEqualTypeOf<string | null>()
    expectTypeOf<ActionPatch>().not.toHaveProperty('name')
    // @ts-expect-error the description is missing
    const silent: NewAction = { name: 'local/build' }
    // @ts-expect-error no such state
    const odd: NewAction = { ...least, state: 'gone' }
    void [silent, odd]
  })

  test('a profile needs its name and eleven thresholds, and is read whole', () => {
    expectTypeOf<AutomationProfile['editCode']>().toEqualTypeOf<number>()
    expectTypeOf<AutomationProfile['guards']['maxCostUsd']>().toEqualTypeOf<number | null>()
    expectTypeOf<AutomationProfile['requireSandbox']>().toEqualTypeOf<boolean>()
    const patch: AutomationProfilePatch = { editCode: 0.5, guards: { maxTokens: 5 }, createTool: undefined }
    expectTypeOf(patch).toExtend<AutomationProfilePatch>()
    expectTypeOf<AutomationProfilePatch>().not.toHaveProperty('name')
    // @ts-expect-error thresholds are missing
    const incomplete: NewAutomationProfile = { name: 'local/careful', editCode: 1 }
    // @ts-expect-error keys are written together
    const spelled: AutomationProfilePatch = { edit_code: 1 }
    void [incomplete, spelled]
  })
})

describe('audit entries', () => {
  test('callers give what happened, and Purser numbers and links it', () => {
    const least: NewAuditEntry = { action: 'tool:call', subjectType: 'tool' }
    expectTypeOf(least).toExtend<NewAuditEntry>()
    expectTypeOf<AuditEntry['sequence']>().toEqualTypeOf<number>()
    expectTypeOf<AuditEntry['verdict']>().toEqualTypeOf<'allow' | 'deny' | 'escalate' | 'record'>()
    expectTypeOf<AuditEntry['reason']>().toEqualTypeOf<string | null>()
    expectTypeOf<AuditEntry['hash']>().toEqualTypeOf<string>()
    // @ts-expect-error the number is the chain's
    const numbered: NewAuditEntry = { ...least, sequence: 1 }
    // @ts-expect-error so is the hash
    const hashed: NewAuditEntry = { ...least, hash: 'x' }
    // @ts-expect-error and the time is now
    const timed: NewAuditEntry = { ...least, timestamp: new Date() }
    // @ts-expect-error details are JSON
    const dated: NewAuditEntry = { ...least, details: new Date() }
    void [numbered, hashed, timed, dated]
  })
})
