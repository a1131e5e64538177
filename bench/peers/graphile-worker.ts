// graphile-worker, as its documentation shows it: `run` with a concurrency and a task that has
// nothing to do. Several at once are its local queue, with completions one by one as elsewhere.

import { EventEmitter } from 'node:events'
import { loadPeer, type Peer } from './peer.ts'

interface Events {
  on(event: 'job:start' | 'job:complete', listener: () => void): void
}

interface Options {
  readonly connectionString: string
  readonly schema: string
  readonly logger: unknown
}

interface WorkerModule {
  readonly Logger: new (factory: () => () => void) => unknown
  makeWorkerUtils(options: Options): Promise<{
    migrate(): Promise<void>
    addJobs(jobs: readonly { identifier: string; payload: object }[]): Promise<unknown>
    release(): Promise<void>
  }>
  run(options: {
    readonly preset: { readonly worker: object }
    readonly taskList: Readonly<Record<string, () => Promise<void>>>
    readonly events: unknown
    readonly noHandleSignals: true
  }): Promise<{ stop(): Promise<void>; readonly events: Events }>
}

const TASK = 'bench'

/** Undefined if it is not installed. */
export async function openGraphileWorker(
  connectionString: string,
  schema: string,
): Promise<Peer | undefined> {
  const loaded = await loadPeer<WorkerModule>('graphile-worker')
  if (loaded === undefined) return undefined
  const { Logger, makeWorkerUtils, run } = loaded.module
  const options = { connectionString, schema, logger: new Logger(() => () => undefined) }
  const utils = await makeWorkerUtils(options)
  await utils.migrate()
  return {
    name: loaded.name,
    add: async (payloads) => {
      await utils.addJobs(payloads.map((payload) => ({ identifier: TASK, payload })))
    },
    work: async (count, workers, atOnce) => {
      const events = new EventEmitter()
      const finished = new Promise<number>((resolve) => {
        // Its start is not part of it: the clock begins with the first job.
        let started: number | undefined
        let done = 0
        events.on('job:start', () => {
          started ??= performance.now()
        })
        events.on('job:complete', () => {
          done += 1
          if (done === count) resolve(((performance.now() - (started ?? 0)) * 1000) / count)
        })
      })
      const localQueue = atOnce > 1 ? { localQueue: { size: atOnce } } : {}
      const runner = await run({
        preset: { worker: { ...options, concurrentJobs: workers, ...localQueue } },
        taskList: { [TASK]: async () => undefined },
        events,
        noHandleSignals: true,
      })
      const time = await finished
      await runner.stop()
      return time
    },
    close: () => utils.release(),
  }
}
