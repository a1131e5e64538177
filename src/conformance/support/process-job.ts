// What a second process does in a case: it opens a store on the same data and performs one of these
// jobs. The harness starts the process and passes the job; the answer is returned as JSON.

import type { NewCostRecord, NewMessage, NewTask, Store } from '../../index.ts'
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
