// The part of the demo's story in which two agents claim tasks, and one of them dies: its lease
// ends by the database's clock, and the other one's claim takes the task over.

import { setTimeout as delay } from 'node:timers/promises'
import type { NewTask, Store, Task } from '../../../index.ts'
import { planId } from './plans.ts'
import type { DemoTask } from './story.ts'

/** Their own project, so that a claim meets no other task. */
const project = 'tide-import'

const harbours = (number: number, coast: string): NewTask & { readonly id: string } => ({
  id: `demo-work-${number}`,
  title: `Import harbours, ${coast}`,
  description: 'Names, places and constituents of the harbours, from the chosen source.',
  createdBy: 'mira',
  planId: planId(2),
  project,
  type: 'development',
})

export const survivor = 'june'
/** The agent that claims and never comes back. */
export const mortal = 'pax'
/** Milliseconds; the shortest that there is, so that the demo does not wait for its end. */
export const LEASE = 1

/** The first one is the survivor's from the beginning; claims take them in this order. */
export const claimed = [
  harbours(1, 'north'),
  harbours(2, 'south'),
] as const satisfies readonly DemoTask['input'][]
const [kept, lost] = claimed

/** How many moves each has at the end of the story. */
const movesOf = new Map([
  [kept.id, 2],
  [lost.id, 4],
])

/** A lease has ended long before that. */
const MAX_LOOKS = 1000

/** Counts what already existed. */
export interface FoundClaims {
  tasks: number
  moves: number
}

/**
 * Every state that another process can see is one from which the story continues: tasks are made
 * and claimed in one transaction, and taken over and completed in another one.
 */
export async function recordClaims(store: Store, found: FoundClaims): Promise<void> {
  const there = await store.tasks.getMany(claimed.map(({ id }) => id))
  found.tasks += there.size
  for (const { id, version } of there.values()) found.moves += Math.min(version - 1, movesOf.get(id) ?? 0)
  // A claim would also take what a visitor has added to the project.
  const isOurs = (await store.tasks.count({ project })) === there.size
  const missing = claimed.filter(({ id }) => !there.has(id))
  if (!isOurs) return
  if (missing.length > 0) await claimMissing(store, missing)
  await takeOver(store)
}

async function claimMissing(store: Store, missing: readonly NewTask[]): Promise<void> {
  await store.transaction(async (tx) => {
    for (const input of missing) await tx.as('mira').tasks.create(input)
    const { tasks } = tx.as(survivor)
    const own = missing.includes(kept) ? await tasks.claim({ agent: survivor, project }) : []
    if (missing.includes(lost)) await tx.as(mortal).tasks.claim({ agent: mortal, project, lease: LEASE })
    for (const { id, claimId } of own) await tasks.complete(id, claimId)
  })
}

/** The claim takes back what has an expired lease, and gets it. */
async function takeOver(store: Store): Promise<void> {
  for (let look = 0; look < MAX_LOOKS && isAbandoned(await store.tasks.get(lost.id)); look += 1) {
    if (look > 0) await delay(LEASE)
    await store.transaction(async (tx) => {
      const { tasks } = tx.as(survivor)
      for (const { id, claimId } of await tasks.claim({ agent: survivor, project }))
        await tasks.complete(id, claimId)
    })
  }
}

/** Claimed once, by the agent that died; one that a visitor has moved since is left unchanged. */
function isAbandoned(task: Task | null): boolean {
  const { status, attempt, assignedTo } = task ?? {}
  return (status === 'in_progress' || status === 'interrupted') && attempt === 1 && assignedTo === mortal
}
