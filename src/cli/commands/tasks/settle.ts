// `purser tasks heartbeat`, `complete`, `fail` and `release`: what a worker says about a task that
// it has claimed. A lost lease ends with 3, so that a script can tell it from a failure.

import type { ActingStore, Task } from '../../../index.ts'
import { errorText } from '../../../worker/error-text.ts'
import { defineChange } from '../../flags/actor-flag.ts'
import { duration } from '../../flags/durations.ts'
import { type FlagSet, type FlagValues, jsonObject, text } from '../../flags/flags.ts'
import type { Command, Example } from '../../run/command.ts'
import { UsageError } from '../../run/failure.ts'
import { textOrAnyStdin } from '../../run/stdin.ts'
import { printableLine } from '../../screen/text.ts'
import { leaseFlag } from './claim.ts'
import { findTask, taskArgument } from './find.ts'
import { moved } from './transition.ts'
import { paintStatus, statusText } from './view.ts'

const claim = text('id', 'the claim, as tasks claim prints it (required)', { field: 'claimId' })

const LOST = 'The exit code is 3 when the lease is lost: then stop, another worker may have the task.'

interface Verb<F extends FlagSet> {
  readonly name: string
  readonly summary: string
  readonly description: string
  readonly flags: F
  readonly examples: readonly Example[]
  /** What is missing besides the claim. */
  readonly missing?: (flags: FlagValues<F>) => readonly string[]
  /** @returns the task afterwards; null if nothing of it changes but its lease */
  readonly say: (
    tasks: ActingStore['tasks'],
    id: string,
    claimId: string,
    flags: FlagValues<F>,
  ) => Promise<Task | null>
}

function defineVerb<const F extends FlagSet>(verb: Verb<F>): Command {
  return defineChange<typeof taskArgument, FlagSet>({
    name: verb.name,
    summary: verb.summary,
    description: `${verb.description} ${LOST}`,
    args: taskArgument,
    flags: { claim, ...verb.flags },
    examples: verb.examples,
    actsAs: 'the agent of the claim',
    validate: async ({ flags }) => void checked(verb, flags),
    run: (call) => {
      const claimId = checked(verb, call.flags)
      const { claim: _, ...flags } = call.flags
      return call.withStore('existing', async (store) => {
        const before = await findTask(store, call.args.task)
        const { tasks } = call.acting(store, holderOf(before, claimId))
        const after = await verb.say(tasks, before.id, claimId, flags as FlagValues<F>)
        if (after !== null) return moved(before, after)
        const task = await findTask(store, before.id)
        return {
          data: task,
          show: (screen) => {
            if (screen.quiet) return ''
            const end = task.leaseExpiresAt === null ? '' : `, until ${screen.ahead(task.leaseExpiresAt)}`
            return `${printableLine(task.id)} is ${paintStatus(screen.paint, task.status, statusText(task.status))}${end}`
          },
        }
      })
    },
  })
}

/** @returns the claim @throws UsageError that names everything that is missing */
function checked<F extends FlagSet>({ missing }: Verb<F>, flags: FlagValues<FlagSet>): string {
  const { claim: claimId } = flags
  const faults = [
    ...(typeof claimId === 'string' ? [] : ['--claim is required: tasks claim prints it']),
    ...(missing?.(flags as FlagValues<F>) ?? []),
  ]
  if (typeof claimId === 'string' && faults.length === 0) return claimId
  throw new UsageError(faults.join('; '))
}

/** The agent that has the task under the claim; undefined for a claim that is over. */
function holderOf({ claimId, assignedTo }: Task, given: string) {
  return claimId === given && assignedTo !== null ? { name: assignedTo, origin: 'the agent' } : undefined
}

export const heartbeatTask = defineVerb({
  name: 'heartbeat',
  summary: 'extend the lease of a claimed task',
  description: 'Say that its worker is still there: the lease ends so long from now.',
  flags: { lease: leaseFlag('how long from now, at least 1s') },
  examples: [['for five more minutes', 'tasks heartbeat demo-task-5 --claim CLAIM --lease 5m']],
  say: async (tasks, id, claimId, { lease }) => {
    await tasks.heartbeat(id, claimId, { lease })
    return null
  },
})

export const completeTask = defineVerb({
  name: 'complete',
  summary: 'complete a claimed task',
  description: 'Complete a task. Tasks that waited for it may be ready then.',
  flags: { metadata: jsonObject('also set its metadata', { field: 'metadata' }) },
  examples: [
    ['it is done', 'tasks complete demo-task-5 --claim CLAIM'],
    ['with a result', `tasks complete demo-task-5 --claim CLAIM --metadata '{"tests": 12}'`],
  ],
  say: (tasks, id, claimId, { metadata }) =>
    tasks.complete(id, claimId, {
      patch: metadata === undefined ? {} : { metadata: metadata as NonNullable<Task['metadata']> },
    }),
})

export const failTask = defineVerb({
  name: 'fail',
  summary: 'give a claimed task up after an error',
  description:
    'Give a task up after an error: it is ready again after a while, or failed when its retries are used up. Any text is taken: what is no UTF-8 is replaced, more than 10,000 characters are cut, and an empty one becomes a sentence that says so.',
  flags: {
    error: text('text', 'why (required); - reads it from standard input, whatever it is', { field: 'error' }),
    retryIn: duration('ready again after so long: 0, 90s, 10m (default: longer with each attempt)', {
      field: 'retryIn',
    }),
  },
  examples: [
    ['the tests fail', 'tasks fail demo-task-5 --claim CLAIM --error "two tests fail"'],
    ['try again at once', 'tasks fail demo-task-5 --claim CLAIM --error "no network" --retry-in 0'],
  ],
  missing: ({ error }) => (error === undefined ? ['--error is required: say why it failed'] : []),
  say: async (tasks, id, claimId, { error = '', retryIn }) =>
    tasks.fail(id, claimId, {
      error: errorText(await textOrAnyStdin(error), 'the worker gave no reason'),
      retryIn,
    }),
})

export const releaseTask = defineVerb({
  name: 'release',
  summary: 'give a claimed task back',
  description: 'Give a task back: it is ready for anyone at once. The attempt counts.',
  flags: {},
  examples: [['somebody else may have it', 'tasks release demo-task-5 --claim CLAIM']],
  say: (tasks, id, claimId) => tasks.release(id, claimId),
})
