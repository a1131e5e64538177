// `purser tasks claim`: takes ready tasks for an agent, so that a shell script can be a worker.

import type { ClaimedTask, ReadyFilter, Store } from '../../../index.ts'
import { defineChange } from '../../flags/actor-flag.ts'
import { duration } from '../../flags/durations.ts'
import { type FlagValues, text, whole } from '../../flags/flags.ts'
import { withWholeIds } from '../../flags/whole-ids.ts'
import { type Call, endingWith } from '../../run/command.ts'
import { UsageError } from '../../run/failure.ts'
import { interruptionSignal } from '../../run/interrupt.ts'
import { table } from '../../screen/table.ts'
import { printableLine } from '../../screen/text.ts'
import { treeFault, workFilterOf, workFilters } from './ready.ts'

/** A shorter lease may end before the next command has begun: a process needs that to start. */
const SHORTEST_LEASE = 1000

/** `--lease` of claims and heartbeats. */
export function leaseFlag(description: string) {
  return duration(`${description}: 90s, 10m, 2h (default 60s)`, { min: SHORTEST_LEASE, field: 'lease' })
}

export const claimTasks = defineChange({
  name: 'claim',
  summary: 'take ready tasks for an agent, each under a lease',
  description:
    'Take ready tasks for an agent: they are in progress until they are completed, failed or released with the claim that is printed, or until the lease ends without a heartbeat. With --quiet, each line has the id of a task and its claim. The exit code is 0 when there is a task, 3 when nothing is ready.',
  flags: {
    agent: text('agent', 'who will work on them (required)', { field: 'agent' }),
    limit: whole('n', 'at most this many, 1 to 1000 (default 1)', { min: 1, max: 1000, field: 'limit' }),
    lease: leaseFlag('how long without a heartbeat, at least 1s'),
    wait: duration('if nothing is ready, wait so long for something: 30s, 10m (default: do not wait)'),
    ...workFilters,
  },
  examples: [
    ['one task', 'tasks claim --agent agent-7'],
    ['or wait for one', 'tasks claim --agent agent-7 --wait 30s --lease 5m'],
    ['in a script', 'tasks claim --agent agent-7 --quiet'],
  ],
  actsAs: '--agent',
  validate: async ({ flags }) => void checked(flags),
  run: async (call) => {
    const { limit, lease, wait = 0 } = call.flags
    const { agent, ...given } = checked(call.flags)
    return call.withStore('existing', async (store) => {
      const filter = await withWholeIds(store, given)
      const { tasks } = call.acting(store, { name: agent, origin: '--agent' })
      noteTakenBack(call, store)
      const claim = () => tasks.claim({ ...filter, agent, limit, lease })
      const claimed = await claimWithin(store, claim, { ...filter, agent }, wait)
      return {
        data: { items: claimed },
        show: (screen) => {
          if (screen.quiet)
            return claimed.map(({ id, claimId }) => `${printableLine(id)} ${claimId}`).join('\n')
          if (claimed.length === 0) return 'No task is ready.'
          return table(
            screen,
            [
              { title: 'ID', value: (task) => printableLine(task.id) },
              { title: 'CLAIM', value: (task) => task.claimId },
              { title: 'ATTEMPT', value: (task) => String(task.attempt) },
              { title: 'LEASE ENDS', value: (task) => screen.ahead(task.leaseExpiresAt), spare: 1 },
              { title: 'TITLE', value: (task) => printableLine(task.title), shrinkTo: 12 },
            ],
            claimed,
          ).join('\n')
        },
        ...endingWith(
          claimed.length === 0 && { code: 'NOTHING_READY', text: 'No task is ready, so none was claimed.' },
        ),
      }
    })
  },
})

/** The agent and the filter. @throws UsageError that names everything that is missing */
function checked(flags: FlagValues<typeof workFilters> & { readonly agent: string | undefined }) {
  const { agent } = flags
  if (agent !== undefined) return { ...workFilterOf(flags), agent }
  const others = treeFault(flags) ?? []
  throw new UsageError(['--agent is required: who will work on the task', ...others].join('; '))
}

/** Leases that have ended use up attempts: whoever chose them too short should hear of it. */
function noteTakenBack(call: Pick<Call, 'note'>, store: Store): void {
  store.on('persistence.task.transitioned', ({ id, from, to }) => {
    if (from !== 'in_progress') return
    const lease = `The lease of ${printableLine(id)} had ended without a heartbeat`
    if (to === 'failed')
      call.note('warn', `${lease}, and its attempts are used up: it is failed.`, 'LEASE_ENDED')
    if (to === 'interrupted') call.note('info', `${lease}: it was taken back.`, 'LEASE_ENDED')
  })
}

/** Claims until there is something, the time is up, or the command is interrupted. */
async function claimWithin(
  store: Store,
  claim: () => Promise<readonly ClaimedTask[]>,
  filter: ReadyFilter,
  patience: number,
): Promise<readonly ClaimedTask[]> {
  // What is claimed when a signal arrives is printed all the same, so that it can be given back.
  const signal = interruptionSignal()
  const first = await claim()
  if (first.length > 0 || patience === 0) return first
  const { untilDue, Wake } = await import('../../../worker/wake.ts')
  const deadline = performance.now() + patience
  const wake = new Wake(store)
  try {
    for (;;) {
      const claimed = await claim()
      const left = deadline - performance.now()
      if (claimed.length > 0 || left <= 0 || signal.aborted) return claimed
      await wake.next(Math.min(left, await untilDue(store.tasks, filter)), signal)
      if (signal.aborted) return []
    }
  } finally {
    await wake.end()
  }
}
