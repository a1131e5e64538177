// Synthetic records of a typical size, prepared before the clock starts.

import type { NewCostRecord, NewMessage, NewTask } from '../src/index.ts'
import { makeUlid as ulid } from '../src/values/ids.ts'

const words =
  'alpha beta gamma delta plan review ship code test agent budget report status done merge branch fix release notes schema'.split(
    ' ',
  )

/** About 120 characters of words. */
export function sentence(seed: number): string {
  return Array.from({ length: 20 }, (_, index) => words[(seed * 7 + index * index) % words.length]).join(' ')
}

let made = 0
const next = () => {
  made += 1
  return made
}

export function newMessages(count: number): readonly (NewMessage & { id: string; timestamp: Date })[] {
  return Array.from({ length: count }, () => {
    const number = next()
    return {
      id: ulid(1_700_000_000_000 + number),
      timestamp: new Date(1_700_000_000_000 + number),
      sender: `agent-${number % 7}`,
      to: `agent-${number % 5}`,
      channel: `channel-${number % 8}`,
      type: 'task_update' as const,
      content: sentence(number),
    }
  })
}

export function newTasks(count: number): readonly (NewTask & { id: string })[] {
  return Array.from({ length: count }, () => {
    const number = next()
    return {
      id: ulid(1_700_000_000_000 + number),
      title: `Task ${number}`,
      description: sentence(number),
      project: `project-${number % 4}`,
      createdBy: 'lead',
      type: 'development' as const,
      reviewers: ['agent-1', 'agent-2'],
      budgetLimit: '0.5',
    }
  })
}

export function newCostRecords(count: number): readonly (NewCostRecord & { id: string; timestamp: Date })[] {
  return Array.from({ length: count }, () => {
    const number = next()
    return {
      id: ulid(1_700_000_000_000 + number),
      timestamp: new Date(1_700_000_000_000 + number * 1000),
      agentId: `agent-${number % 7}`,
      taskId: `task-${Math.floor(number / 3)}`,
      project: `project-${number % 4}`,
      provider: 'acme',
      model: `large-${number % 3}`,
      inputTokens: 1200 + (number % 100),
      outputTokens: 80,
      cost: '0.001309',
      callCategory: 'productive' as const,
    }
  })
}
