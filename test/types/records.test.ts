// What the types of records, inputs and patches allow and refuse. Never run: tsc says whether it holds.

import { describe, expectTypeOf, test } from 'vitest'
import type {
  CostRecord,
  Message,
  NewCostRecord,
  NewMessage,
  NewTask,
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
    expectTypeOf<CostRecord['cost']>().toEqualTypeOf<string>()
    expectTypeOf<NewCostRecord['cost']>().toEqualTypeOf<string | number>()
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
