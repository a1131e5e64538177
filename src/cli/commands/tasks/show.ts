// `purser tasks show`: everything about one task, its cost, its messages, and the statuses it may
// move to.

import type { CostTotal, ExactCount, Message, Task } from '../../../index.ts'
import { defineCommand } from '../../run/command.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { type Fact, facts } from '../../screen/facts.ts'
import type { Screen } from '../../screen/screen.ts'
import { counted, cut, printable, printableLine, words, wrap } from '../../screen/text.ts'
import { absolute, ahead, relative } from '../../screen/times.ts'
import { sumText } from '../costs/sum-text.ts'
import { findTask, taskArgument } from './find.ts'
import { paintStatus, statusText } from './view.ts'

/** Characters of the last error that are shown. */
const LONGEST_ERROR = 1000

interface Related {
  readonly costs: readonly CostTotal<'currency', ExactCount>[]
  readonly messages: readonly Message[]
}

export const showTask = defineCommand({
  name: 'show',
  summary: 'show one task, what it cost, and where it may go',
  args: taskArgument,
  examples: [
    ['one task', 'tasks show demo-task-3'],
    ['as JSON', 'tasks show demo-task-3 --json'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const task = await findTask(store, call.args.task)
      const { id } = task
      const [costs, said, { taskTransitions }] = await Promise.all([
        store.costRecords.aggregate({ taskId: id }, { by: ['currency'], largeCounts: 'text' }),
        store.messages.thread({ taskId: id }, { limit: 3 }),
        import('../../../index.ts'),
      ])
      const next = taskTransitions[task.status]
      const move = commandLine(call.screen, [
        'tasks',
        'transition',
        id,
        next[0] ?? '',
        ...sameDatabase(call.global),
      ])
      return {
        data: {
          ...task,
          related: { costs, lastMessages: said.items.map((message) => message.id), mayGoTo: next },
        },
        show: (screen) =>
          [
            ...taskLines(screen, task, { costs, messages: said.items }),
            ...(screen.quiet || next.length === 0
              ? []
              : ['', screen.paint.dim(`It may go to ${next.join(', ')}:`), `  ${move}`]),
          ].join('\n'),
      }
    }),
})

function taskLines(screen: Screen, task: Task, related: Related): readonly string[] {
  const { paint } = screen
  const when = (time: Date) => `${relative(time, screen.now)} (${absolute(time)})`
  const list = (items: readonly string[]) => items.map(printableLine).join(', ')
  const optional = (text: string | null) => (text === null ? null : printableLine(text))
  const about: readonly Fact[] = [
    ['Project', printableLine(task.project)],
    ['Type', `${task.type}, ${task.priority} priority, ${task.estimatedComplexity}`],
    ['Assigned to', optional(task.assignedTo) ?? 'nobody'],
    ['Reviewers', list(task.reviewers)],
    ['Delegated by', list(task.delegationChain)],
    ['Depends on', list(task.dependencies)],
    ['Part of', optional(task.parentTaskId)],
    ['Plan', optional(task.planId)],
    ['Deadline', optional(task.deadline)],
    ['Budget', task.budgetLimit === '0' ? null : task.budgetLimit],
    ...workFacts(screen, task),
    ['Structure', task.taskStructure],
    ['Topology', task.coordinationTopology === 'auto' ? null : words(task.coordinationTopology)],
    ['Artifacts', list(task.artifactsExpected.map(({ type, path }) => `${path} (${type})`))],
    ['Created', `${when(task.createdAt)} by ${printableLine(task.createdBy)}`],
    ['Updated', `${when(task.updatedAt)}, version ${task.version}`],
    ['Cost', costText(related.costs)],
    [
      'Metadata',
      Object.keys(task.metadata).length === 0 ? null : printableLine(JSON.stringify(task.metadata)),
    ],
  ]
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', paint.bold(title), ...lines]
  return [
    `${paint.bold(printableLine(task.title))}  ${paintStatus(paint, task.status, statusText(task.status))}`,
    paint.dim(printableLine(task.id)),
    '',
    ...facts(screen, about),
    ...section(
      'Last error',
      task.lastError === null
        ? []
        : indent(wrap(printable(shortened(screen, task.lastError)), screen.width - 2)),
    ),
    ...section('Description', indent(wrap(printable(task.description), screen.width - 2))),
    ...section(
      'Accepted when',
      task.acceptanceCriteria.map(
        ({ description, met }) => `  ${met ? paint.green('[x]') : '[ ]'} ${printableLine(description)}`,
      ),
    ),
    ...section(
      'Last said about it',
      related.messages.map(
        (message) =>
          `  ${paint.dim(`${screen.time(message.timestamp)}, ${printableLine(message.sender)}:`)} ${cut(printableLine(message.content), 80)}`,
      ),
    ),
  ]
}

/** How often it was tried, by whom it is worked on and until when, and when it may be claimed. */
function workFacts(screen: Screen, task: Task): readonly Fact[] {
  const { attempt, maxRetries, claimId, leaseExpiresAt, availableAt } = task
  const exact = (time: Date) => `${ahead(time, screen.now)} (${absolute(time)})`
  const isOver = leaseExpiresAt !== null && leaseExpiresAt <= screen.now
  const tried = attempt === 0 ? 'none yet' : `${attempt}`
  return [
    ['Attempts', `${tried}, of at most ${maxRetries + 1} (${counted(maxRetries, 'retry', 'retries')})`],
    [
      'Claim',
      claimId === null ? null : `${printableLine(claimId)} of ${printableLine(task.assignedTo ?? 'nobody')}`,
    ],
    [
      'Lease',
      leaseExpiresAt === null
        ? null
        : isOver
          ? `ended ${exact(leaseExpiresAt)}; the next claim takes it back`
          : `ends ${exact(leaseExpiresAt)}`,
    ],
    [
      'Available',
      availableAt === null
        ? null
        : availableAt <= screen.now
          ? `since ${absolute(availableAt)}`
          : exact(availableAt),
    ],
  ]
}

/** An error may be a log: its beginning, unless --verbose asks for all of it. */
function shortened({ verbose }: Screen, text: string): string {
  return verbose || text.length <= LONGEST_ERROR ? text : `${text.slice(0, LONGEST_ERROR)}…`
}

function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`)
}

function costText(costs: Related['costs']): string | null {
  const texts = costs.map(sumText)
  return texts.length === 0 ? null : texts.join(', ')
}
