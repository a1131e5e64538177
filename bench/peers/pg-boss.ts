// pg-boss, as its documentation shows it: jobs are inserted together, and each worker fetches and
// completes. All options are its defaults.

import { drain } from '../measure.ts'
import { loadPeer, type Peer } from './peer.ts'

interface Job {
  readonly id: string
}

interface Boss {
  on(event: 'error', listener: (error: unknown) => void): void
  start(): Promise<unknown>
  stop(options: { graceful: boolean }): Promise<void>
  createQueue(name: string): Promise<void>
  insert(name: string, jobs: readonly { data: object }[]): Promise<unknown>
  fetch(name: string, options: { batchSize: number }): Promise<readonly Job[]>
  complete(name: string, id: string): Promise<unknown>
}

interface PgBossModule {
  readonly PgBoss: new (options: { connectionString: string; schema: string }) => Boss
}

const QUEUE = 'bench'

/** Undefined if it is not installed. */
export async function openPgBoss(connectionString: string, schema: string): Promise<Peer | undefined> {
  const loaded = await loadPeer<PgBossModule>('pg-boss')
  if (loaded === undefined) return undefined
  const boss = new loaded.module.PgBoss({ connectionString, schema })
  boss.on('error', (error) => console.error(error))
  await boss.start()
  await boss.createQueue(QUEUE)
  return {
    name: loaded.name,
    add: async (payloads) => {
      await boss.insert(
        QUEUE,
        payloads.map((data) => ({ data })),
      )
    },
    work: (count, workers, atOnce) =>
      drain(workers, count, {
        take: () => boss.fetch(QUEUE, { batchSize: atOnce }),
        finish: ({ id }) => boss.complete(QUEUE, id),
      }),
    close: () => boss.stop({ graceful: false }),
  }
}
