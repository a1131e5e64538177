// Prints the demo's story: what was recorded, the task board, the claims, the costs, the messages,
// and what to try next. What claims, budgets and approvals look like is in print-acts.ts.

import type {
  Approval,
  AuditEntry,
  AuditVerification,
  BudgetStatus,
  CostTotal,
  Message,
  Task,
  TaskStatus,
} from '../../../index.ts'
import { commandLine } from '../../screen/command-line.ts'
import type { Screen } from '../../screen/screen.ts'
import { table } from '../../screen/table.ts'
import { counted, wrap } from '../../screen/text.ts'
import { verificationText } from '../audit/verify-view.ts'
import { auditTable } from '../audit/view.ts'
import { groupTable, totalLines } from '../costs/report-view.ts'
import { messageLines } from '../messages/view.ts'
import { type Branch, DRAWN_LEVELS, type TreeSummary } from '../plans/tree-data.ts'
import { treeLines } from '../plans/tree-view.ts'
import { paintStatus, statusText } from '../tasks/view.ts'
import { claimed } from './claims.ts'
import { planId, rootName } from './plans.ts'
import { approvalLines, budgetLines, claimLines } from './print-acts.ts'
import type { Recorded } from './record.ts'
import { channels, searched } from './story.ts'

export interface Story {
  /** The flags a command needs to find the database; undefined if the environment names it. */
  readonly url: string | undefined
  readonly location: string
  readonly recorded: Recorded
  readonly tree: { readonly branches: Branch; readonly summary: TreeSummary } | null
  readonly board: readonly Task[]
  /** What was done to the claimed tasks, oldest first. */
  readonly claims: readonly AuditEntry[]
  readonly budgets: readonly BudgetStatus[]
  readonly approval: Approval | undefined
  readonly costs: {
    readonly byAgent: readonly CostTotal<'agent'>[]
    readonly byModel: readonly CostTotal<'model'>[]
    readonly total: readonly CostTotal<never>[]
  }
  /** The last messages of a channel, newest first. */
  readonly said: readonly Message[]
  readonly hits: readonly Message[]
  /** The gatekeeper's last decisions, newest first. */
  readonly decided: readonly AuditEntry[]
  readonly audit: AuditVerification
}

const MAX_WIDTH = 100

/** The whole text of the demo. */
export function tell(screen: Screen, story: Story): string {
  if (screen.quiet) return story.location
  const narrow = { ...screen, width: Math.min(screen.width, MAX_WIDTH) }
  const { costs } = story
  const section = (title: string, lines: readonly string[]) => [
    '',
    screen.paint.bold(screen.paint.cyan(title)),
    ...lines,
  ]
  return [
    ...opening(narrow, story),
    ...section('The plan', drawing(narrow, story)),
    ...section('Task board', boardLines(narrow, story.board)),
    ...section('Who takes over when an agent dies?', claimLines(narrow, story.claims)),
    ...section('What it cost, by agent', groupTable(narrow, ['agent'], costs.byAgent, costs.total)),
    ...section('And by model', groupTable(narrow, ['model'], costs.byModel, costs.total)),
    ...totalLines(narrow, costs.total),
    ...section('How much of the budget is used?', budgetLines(narrow, story.budgets)),
    ...section(
      `Last words in #${channels[0]}`,
      messageLines(narrow, [...story.said].reverse(), { channel: false }),
    ),
    ...section(
      `Who spoke of the ${searched}?`,
      messageLines(narrow, story.hits, { channel: true, marked: [searched] }),
    ),
    ...section('What the gatekeeper decided', auditTable(narrow, story.decided)),
    ...section('What waits for a person?', approvalLines(narrow, story.approval, at(story.url))),
    ...section('Is the audit trail as it was written?', [proof(narrow, story)]),
    ...section('Try next', nextLines(screen, story)),
  ].join('\n')
}

function opening(screen: Screen, { recorded, location }: Story): readonly string[] {
  const { written, found } = recorded
  const list = (counts: Recorded['written']) =>
    [
      counted(counts.plans, 'plan'),
      counted(counts.tasks, 'task'),
      counted(counts.moves, 'move'),
      counted(counts.costRecords, 'model call'),
      counted(counts.messages, 'message'),
      counted(counts.decisions, 'decision'),
      counted(counts.budgets, 'budget'),
      counted(counts.approvals, 'approval'),
    ].join(', ')
  const isNew = Object.values(written).some((count) => count > 0)
  const isThere = Object.values(found).some((count) => count > 0)
  const done = isNew ? `Recorded just now: ${list(written)}.` : 'Nothing was written:'
  const before = isThere ? ` ${isNew ? 'There' : 'all of it was there'} already: ${list(found)}.` : ''
  const text = `Four agents of a made-up organisation build a tide-table service. ${done}${before}`
  return [
    screen.paint.bold('Purser keeps the books of an agent organisation'),
    ...wrap(text, Math.min(screen.width, MAX_WIDTH)),
    screen.paint.dim(location),
  ]
}

function drawing(screen: Screen, { tree, url }: Story): readonly string[] {
  if (tree === null) return ['It was deleted meanwhile.']
  const deeper = (id: string) => commandLine(screen, ['plans', 'tree', id, ...at(url)])
  return treeLines(screen, tree.branches, { summary: tree.summary, depth: DRAWN_LEVELS, deeper })
}

function proof(screen: Screen, { audit, url }: Story): string {
  return verificationText(screen, audit, commandLine(screen, ['audit', 'log', ...at(url)]))
}

const at = (url: string | undefined) => (url === undefined ? [] : ['--url', url])

/** Done first, then what is closest to it; cancelled ones last. */
const order: readonly TaskStatus[] = [
  'completed',
  'in_review',
  'in_progress',
  'assigned',
  'blocked',
  'failed',
  'created',
]

function boardLines(screen: Screen, board: readonly Task[]): readonly string[] {
  const rank = ({ status }: Task) => (order.includes(status) ? order.indexOf(status) : order.length)
  const sorted = board.toSorted((a, b) => rank(a) - rank(b))
  return table(
    screen,
    [
      {
        title: 'STATUS',
        value: (task) => statusText(task.status),
        paint: (text, task) => paintStatus(screen.paint, task.status, text),
      },
      { title: 'ID', value: (task) => task.id },
      { title: 'TITLE', value: (task) => task.title, shrinkTo: 24 },
      { title: 'AGENT', value: (task) => task.assignedTo ?? '–' },
      { title: 'NOTE', value: noteOn, shrinkTo: 12, paint: (text) => screen.paint.dim(text) },
    ],
    sorted,
  )
}

function noteOn(task: Task): string {
  const { attempt, reason } = task.metadata
  if (task.status === 'blocked') return `waits for ${task.dependencies.join(', ')}`
  if (isClaimed(task)) return task.attempt > 1 ? 'taken over' : 'claimed'
  if (attempt === 2) return 'failed once, second attempt'
  if (typeof reason === 'string') return reason
  return task.dependencies.length > 0 ? `after ${task.dependencies.join(', ')}` : ''
}

function isClaimed({ id }: Task): boolean {
  return claimed.some((input) => input.id === id)
}

function nextLines(screen: Screen, { url }: Story): readonly string[] {
  const lines: readonly (readonly [string, readonly string[]])[] = [
    [
      'a plan: where it stands, what it may do by itself, which moves it may make',
      ['plans', 'show', planId(4)],
    ],
    ['what is in trouble, with the path to it', ['plans', 'tree', rootName, '--state', 'errored,cancelled']],
    [
      'fail it, in the name of an agent',
      ['plans', 'fail', planId(4), '--message', 'drift', '--actor', 'otto'],
    ],
    ['what was done to it, and by whom', ['audit', 'log', '--plan', planId(4)]],
    ['one task with its cost and what was said about it', ['tasks', 'show', 'demo-task-3']],
    [
      'move it on; purser refuses what its status does not allow',
      ['tasks', 'transition', 'demo-task-3', 'in_review'],
    ],
    ['who takes the task that nobody has?', ['tasks', 'assign', 'demo-task-7', 'june']],
    [
      'costs by day and agent of the last two days',
      ['costs', 'report', '--by', 'day,agent', '--since', '2d'],
    ],
    ['everything said about a task, in whichever channel', ['messages', 'history', '--task', 'demo-task-6']],
    ['all of it in a browser, live', ['serve']],
    ['the database itself', ['status']],
    ['any of it for a program', ['tasks', 'list', '--status', 'blocked', '--json']],
  ]
  return lines.flatMap(([purpose, words]) => [
    `  ${screen.paint.dim(`# ${purpose}`)}`,
    `  ${commandLine(screen, [...words, ...at(url)])}`,
  ])
}
