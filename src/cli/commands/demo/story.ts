// The demo's fictional organisation: the tasks, model calls and messages of four agents who build a
// tide-table service; their plans are in plans.ts. Every id and key is fixed, and times are minutes
// before one instant, so that running it again writes nothing again. Nothing here is real.

import type { NewCostRecord, NewMessage, NewTask, TaskPatch, TaskStatus } from '../../../index.ts'
import { planId } from './plans.ts'

export interface DemoTask {
  readonly input: NewTask & { readonly id: string }
  /** Its moves, in order. */
  readonly steps: readonly { readonly to: TaskStatus; readonly patch?: TaskPatch }[]
}

export const channels = ['predictions', 'harbour-page'] as const
/** A word that some of the messages have. */
export const searched = 'cache'

const id = (number: number) => `demo-task-${number}`
const task = (
  number: number,
  title: string,
  description: string,
  more: Omit<DemoTask['input'], 'id' | 'title' | 'description' | 'createdBy'>,
  steps: DemoTask['steps'],
): DemoTask => ({
  input: { id: id(number), title, description, createdBy: 'mira', planId: planOf(number), ...more },
  steps,
})

/** The plan that each task serves. */
const plansOfTasks = [3, 3, 4, 4, 5, 7, 9, 8] as const
const planOf = (task: number) => planId(plansOfTasks[task - 1] ?? 1)

const to = (status: TaskStatus, patch?: TaskPatch) => ({ to: status, ...(patch ? { patch } : {}) })
const given = (agent: string) => to('assigned', { assignedTo: agent })

export const tasks: readonly DemoTask[] = [
  task(
    1,
    'Compare sources of tide data',
    'Which sources cover our harbours, under which licence, at which price? One page.',
    { project: 'tide-api', type: 'research', priority: 'high' },
    [given('pax'), to('in_progress'), to('in_review'), to('completed')],
  ),
  task(
    2,
    'Agree on what a prediction is',
    'Names, units and time zones of what the service answers.',
    { project: 'tide-api', type: 'design', priority: 'critical', dependencies: [id(1)] },
    [given('mira'), to('in_progress'), to('in_review'), to('completed')],
  ),
  task(
    3,
    'Compute the predictions',
    'Heights for a harbour and a day, out of its harmonic constituents.',
    {
      project: 'tide-api',
      type: 'development',
      priority: 'high',
      estimatedComplexity: 'complex',
      dependencies: [id(2)],
      reviewers: ['june'],
      budgetLimit: '5',
      maxRetries: 2,
      acceptanceCriteria: [
        { description: 'Within 2 cm of the printed tables', met: false },
        { description: 'One day of a harbour takes under 5 ms', met: true },
      ],
      artifactsExpected: [
        { type: 'code', path: 'src/predict.ts' },
        { type: 'tests', path: 'test/predict.test.ts' },
      ],
    },
    [
      given('otto'),
      to('in_progress'),
      to('failed', { metadata: { reason: 'predictions drift by an hour at Port Ellery' } }),
      to('assigned', { metadata: { attempt: 2 } }),
      to('in_progress'),
    ],
  ),
  task(
    4,
    'Review predictions and cache',
    'Both together, against the printed tables.',
    { project: 'tide-api', type: 'review', dependencies: [id(3), id(5)] },
    [given('june'), to('blocked')],
  ),
  task(
    5,
    'Cache a day of predictions',
    'Per harbour; at most 40 kB each.',
    { project: 'tide-api', type: 'development', dependencies: [id(3)] },
    [given('otto')],
  ),
  task(
    6,
    'Sketch the harbour page',
    'The next high tide on top, the curve of the day below.',
    { project: 'tide-web', type: 'design', reviewers: ['mira'] },
    [given('pax'), to('in_progress'), to('in_review')],
  ),
  task(
    7,
    'Say who may use the data',
    'What the licence asks of us, in words that a harbour master understands.',
    { project: 'tide-web', type: 'admin', priority: 'low', deadline: '2030-01-31' },
    [],
  ),
  task(
    8,
    'Show tides of lakes',
    'Somebody asked for it.',
    { project: 'tide-web', type: 'research', priority: 'low' },
    [to('cancelled', { metadata: { reason: 'lakes have next to none' } })],
  ),
]

/** Billionths of a dollar for one token: in, out, and read from a cache. */
const prices = {
  'large-2': { provider: 'northwind', in: 3000n, out: 15_000n, cached: 300n },
  'small-2': { provider: 'northwind', in: 250n, out: 1250n, cached: 25n },
  'swift-1': { provider: 'borealis', in: 100n, out: 400n, cached: 10n },
} as const

type Call = readonly [
  minutesAgo: number,
  agent: string,
  task: number,
  model: keyof typeof prices,
  input: number,
  output: number,
  cached?: number,
]

const calls: readonly Call[] = [
  [4310, 'mira', 1, 'small-2', 1840, 260],
  [4240, 'pax', 1, 'swift-1', 18_200, 640],
  [4180, 'pax', 1, 'swift-1', 22_460, 710],
  [4090, 'pax', 1, 'large-2', 9120, 2210],
  [4010, 'pax', 1, 'small-2', 6300, 980],
  [3900, 'mira', 2, 'large-2', 7400, 1850],
  [3740, 'mira', 2, 'large-2', 5200, 2430, 7400],
  [3010, 'mira', 2, 'small-2', 2100, 340],
  [2890, 'otto', 3, 'large-2', 14_300, 5260],
  [2810, 'otto', 3, 'large-2', 6900, 3880, 14_300],
  [2700, 'otto', 3, 'small-2', 1500, 190],
  [2560, 'otto', 3, 'large-2', 8800, 4120, 14_300],
  [2480, 'june', 3, 'small-2', 12_400, 880],
  [1560, 'otto', 3, 'large-2', 9700, 120, 14_300],
  [1530, 'otto', 3, 'swift-1', 26_500, 410],
  [1500, 'otto', 3, 'small-2', 4200, 610],
  [1430, 'mira', 3, 'small-2', 3300, 280],
  [1390, 'otto', 3, 'large-2', 11_200, 4970, 14_300],
  [1210, 'otto', 3, 'large-2', 5600, 2640, 14_300],
  [1020, 'pax', 6, 'large-2', 4100, 3320],
  [910, 'pax', 6, 'small-2', 2600, 720],
  [620, 'mira', 6, 'small-2', 3900, 310],
  [330, 'otto', 3, 'large-2', 7300, 3510, 14_300],
  [260, 'june', 4, 'large-2', 15_800, 1460],
  [230, 'june', 4, 'small-2', 5200, 430],
  [170, 'mira', 4, 'swift-1', 7600, 210],
]

/** The calls, each with a key that makes recording it again the same call. */
export function costsAt(now: Date, formatMoney: (billionths: bigint) => string): readonly NewCostRecord[] {
  return calls.map(([minutesAgo, agentId, number, model, input, output, cached = 0], index) => {
    const price = prices[model]
    const cost = BigInt(input) * price.in + BigInt(output) * price.out + BigInt(cached) * price.cached
    const failed = output === 120
    return {
      idempotencyKey: `demo-call-${index + 1}`,
      agentId,
      taskId: id(number),
      planId: planOf(number),
      project: number === 6 ? 'tide-web' : 'tide-api',
      provider: price.provider,
      model,
      inputTokens: input,
      outputTokens: output,
      cacheReadTokens: cached,
      cost: formatMoney(cost),
      timestamp: before(now, minutesAgo),
      callCategory: agentId === 'mira' ? 'coordination' : 'productive',
      success: !failed,
      finishReason: failed ? 'error' : 'stop',
    }
  })
}

type Said = readonly [
  minutesAgo: number,
  from: string,
  to: string,
  type: NewMessage['type'],
  task: number,
  content: string,
  more?: Pick<NewMessage, 'priority' | 'attachments'>,
]

const predictions: readonly Said[] = [
  [
    4315,
    'mira',
    'pax',
    'delegation',
    1,
    'Please compare where tide data can come from: coverage, licence, price. One page is enough.',
  ],
  [
    4005,
    'pax',
    'mira',
    'status_report',
    1,
    'Three sources cover our harbours. Only one may be passed on; its constituents give heights within 2 cm.',
  ],
  [
    2950,
    'mira',
    'otto',
    'delegation',
    3,
    'The shape of a prediction is agreed. Please compute predictions from the constituents; the cache comes after.',
  ],
  [2705, 'otto', 'mira', 'question', 3, 'Do we round to centimetres before or after the nodal corrections?'],
  [2690, 'mira', 'otto', 'task_update', 3, 'After. Rounding early cost us 3 cm in the prototype.'],
  [
    1495,
    'otto',
    'mira',
    'escalation',
    3,
    'The run failed: predictions for Port Ellery drift by an hour. Its constituents are in local time, not in UTC.',
    { priority: 'high' },
  ],
  [1440, 'mira', 'otto', 'approval', 3, 'Good find. Convert them once, when they are read, and try again.'],
  [
    320,
    'otto',
    'june',
    'status_report',
    3,
    'Second attempt: Port Ellery agrees with the tables. The cache will keep a day for each harbour, 40 kB each.',
  ],
  [
    240,
    'june',
    'mira',
    'dissent',
    4,
    'I would rather not review half of it: I wait until predictions and cache are both there.',
  ],
  [180, 'mira', 'june', 'approval', 4, 'Agreed. Both together, then.'],
]

const harbourPage: readonly Said[] = [
  [
    900,
    'pax',
    'mira',
    'review_request',
    6,
    'A first sketch: the next high tide on top, the curve of the day below.',
    { attachments: [{ type: 'artifact', ref: 'sketches/harbour-page-1.svg' }] },
  ],
  [610, 'mira', 'pax', 'task_update', 6, 'Lovely. Please show the time zone beside every time.'],
]

/** The messages, in time order. */
export function messagesAt(now: Date): readonly NewMessage[] {
  const on = (channel: string, said: readonly Said[]) =>
    said.map(([minutesAgo, sender, receiver, type, number, content, more], index) => ({
      id: `demo-message-${channel}-${index + 1}`,
      timestamp: before(now, minutesAgo),
      sender,
      to: receiver,
      channel,
      type,
      content,
      metadata: { taskId: id(number) },
      ...more,
    }))
  return [...on(channels[0], predictions), ...on(channels[1], harbourPage)]
}

/** The id of the first message, and how many minutes before the story's end it was sent. */
export const firstMessage = { id: `demo-message-${channels[0]}-1`, minutesAgo: 4315 } as const

function before(now: Date, minutes: number): Date {
  return new Date(now.getTime() - minutes * 60_000)
}
