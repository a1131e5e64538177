// What a second process does in a case: it opens a store on the same data and performs one of these
// jobs. The harness starts the process and passes the job; the answer is returned as JSON.

import { PersistenceError } from '../../errors.ts'
import {
  type AgentPatch,
  BudgetExceededError,
  type NewCostRecord,
  type NewMessage,
  type NewReservation,
  type NewTask,
  type Store,
} from '../../index.ts'
import { readSamples } from './record-samples.ts'

export type JobRequest =
  /** Answers with every record, by kind; automation profiles without the built-in ones. */
  | { readonly do: 'read' }
  | { readonly do: 'create-task'; readonly task: NewTask }
  | { readonly do: 'append-cost'; readonly cost: NewCostRecord; readonly times: number }
  /** Appends one after the other. */
  | { readonly do: 'append-messages'; readonly messages: readonly NewMessage[] }
  /** Appends the given number of audit entries as an actor, eight of them concurrently. */
  | { readonly do: 'append-entries'; readonly actor: string; readonly times: number }
  /**
   * Reserves with a number of concurrent callers, each as long as it gets a hold; answers with how
   * many holds they got.
   */
  | { readonly do: 'reserve'; readonly reservation: NewReservation; readonly callers: number }
  /** Asks so many times at once whether a plan may use a tool; answers with how often it may. */
  | { readonly do: 'use-tool'; readonly planId: string; readonly times: number }
  /** Decides approvals at version 1; answers with each one's status, or the code of the error. */
  | {
      readonly do: 'decide-approvals'
      readonly actor: string
      readonly ids: readonly string[]
      readonly decision: 'approve' | 'reject'
    }
  /** Corrects decisions in the mode `revert`; answers with each state, or the code of the error. */
  | { readonly do: 'correct-decisions'; readonly actor: string; readonly decisions: readonly string[] }
  /** Makes a plan below each; answers with its id, or the code of the error. */
  | { readonly do: 'make-children'; readonly ids: readonly string[] }
  /** Cancels each plan at version 1; answers with its state, or the code of the error. */
  | { readonly do: 'cancel-plans'; readonly ids: readonly string[]; readonly tree: boolean }
  /** Reverts each plan at version 1, as a human; answers as `cancel-plans`. */
  | { readonly do: 'revert-plans'; readonly ids: readonly string[] }
  /** Resumes parked runs; answers with the id of each that it got, else null. */
  | { readonly do: 'resume-runs'; readonly actor: string; readonly ids: readonly string[] }
  /** Beats for an agent, with its patch at last. */
  | { readonly do: 'see-agent'; readonly id: string; readonly patch: AgentPatch; readonly times: number }
  /** Claims and completes tasks with a number of workers until all are; answers with their ids. */
  | { readonly do: 'work'; readonly agent: string; readonly workers: number }
  /** Polls a channel until it has the given number of messages; answers with the counts it saw. */
  | { readonly do: 'watch'; readonly channel: string; readonly until: number }

/**
 * Performs a job in this process.
 * @param store connected and migrated; the caller closes it
 * @param started is called when the job is running
 * @returns plain JSON
 */
export async function performJob(store: Store, job: JobRequest, started: () => void): Promise<unknown> {
  switch (job.do) {
    case 'read':
      return readSamples(store)
    case 'create-task':
      return store.tasks.create(job.task)
    case 'append-cost':
      return Promise.all(Array.from({ length: job.times }, () => store.costRecords.append(job.cost)))
    case 'append-messages': {
      started()
      const ids: string[] = []
      for (const message of job.messages) ids.push((await store.messages.append(message)).id)
      return ids
    }
    case 'append-entries': {
      started()
      const { audit } = store.as(job.actor)
      const sequences: number[] = []
      const caller = async () => {
        for (let turn = 0; turn < job.times / 8; turn += 1) {
          sequences.push(
            (await audit.append({ action: 'job:turn', subjectType: 'job', details: turn })).sequence,
          )
        }
      }
      await Promise.all(Array.from({ length: 8 }, caller))
      return sequences
    }
    case 'reserve': {
      started()
      let holds = 0
      const caller = async () => {
        try {
          for (;;) {
            await store.budgets.reserve(job.reservation)
            holds += 1
          }
        } catch (error) {
          if (!(error instanceof BudgetExceededError)) throw error
        }
      }
      await Promise.all(Array.from({ length: job.callers }, caller))
      return holds
    }
    case 'use-tool': {
      started()
      const asking = Array.from({ length: job.times }, () => store.plans.mayUse(job.planId, 'editor'))
      return (await Promise.all(asking)).filter(Boolean).length
    }
    case 'decide-approvals': {
      started()
      const { approvals } = store.as(job.actor)
      const results: string[] = []
      for (const id of job.ids) {
        const decision = approvals[job.decision](id, undefined, { version: 1 })
        results.push(await decision.then(({ status }) => status, codeOf))
      }
      return results
    }
    case 'correct-decisions': {
      started()
      const { decisions } = store.as(job.actor)
      const results: string[] = []
      for (const id of job.decisions) {
        const correction = decisions.correct(id, { mode: 'revert', guidance: `As ${job.actor} says` })
        results.push(await correction.then(({ state }) => state, codeOf))
      }
      return results
    }
    case 'make-children': {
      started()
      const results: string[] = []
      for (const parentPlanId of job.ids) {
        const child = store.plans.create({ parentPlanId, actionName: 'race', description: 'd' })
        results.push(await child.then(({ planId }) => planId, codeOf))
      }
      return results
    }
    case 'cancel-plans': {
      started()
      const results: string[] = []
      for (const id of job.ids) {
        const ended = store.plans.cancel(id, 'over', { version: 1, tree: job.tree })
        results.push(await ended.then(({ state }) => state, codeOf))
      }
      return results
    }
    case 'revert-plans': {
      started()
      const results: string[] = []
      for (const id of job.ids) {
        const reverted = store.as('human:ada').plans.revert(id, 'over', { version: 1 })
        results.push(await reverted.then(({ state }) => state, codeOf))
      }
      return results
    }
    case 'resume-runs': {
      started()
      const { parkedRuns } = store.as(job.actor)
      const results: (string | null)[] = []
      for (const id of job.ids) results.push((await parkedRuns.resume(id))?.id ?? null)
      return results
    }
    case 'see-agent': {
      started()
      for (let turn = 1; turn < job.times; turn += 1) await store.agents.seen(job.id)
      return (await store.agents.seen(job.id, job.patch)).id
    }
    case 'work': {
      started()
      const got: string[] = []
      const worker = async (number: number) => {
        const open = { status: ['created', 'assigned', 'interrupted', 'in_progress'] } as const
        do {
          const claimed = await store.tasks.claim({ agent: `${job.agent} ${number}`, lease: '1h' })
          for (const { id, claimId } of claimed) {
            await store.tasks.complete(id, claimId)
            got.push(id)
          }
        } while ((await store.tasks.count(open)) > 0)
      }
      await Promise.all(Array.from({ length: job.workers }, (_, number) => worker(number)))
      return got
    }
    case 'watch': {
      const seen: number[] = []
      for (;;) {
        const count = await store.messages.count({ channel: job.channel })
        if (seen.length === 0) started()
        if (seen.at(-1) !== count) seen.push(count)
        if (count >= job.until) return seen
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    default:
      return job satisfies never
  }
}

function codeOf(error: unknown): string {
  if (error instanceof PersistenceError) return error.code
  throw error
}
