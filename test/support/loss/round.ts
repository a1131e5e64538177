// One round: processes write to a place, or one does a piece of work on the whole of it, strangers
// and second stores come and go, and all are killed at a moment that nobody chose. What is found
// then has to be what was acknowledged, and the work can be begun again.

import { statSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { openStore } from '../../../src/index.ts'
import { type Child, startChild } from '../child-process.ts'
import { scratchFile } from '../scratch.ts'
import { faultsOf } from './check.ts'
import type { Ground } from './grounds.ts'
import { type Job, jobs } from './jobs.ts'
import { type Note, readJournal } from './journal.ts'
import { type Random, randomFrom } from './random.ts'

export interface Outcome {
  readonly kind: string
  /** Processes that were at work when they were killed. */
  readonly killed: number
  readonly acknowledged: number
  readonly faults: readonly string[]
}

interface Writer {
  readonly child: Child
  readonly journal: string
}

/**
 * @param seed says what happens; the same seed is the same round, as far as processes can be told
 * when to die
 */
export async function playRound(ground: Ground, seed: number): Promise<Outcome> {
  const random = randomFrom(seed)
  const kinds = ['write', ...jobs.filter((job) => ground.isFile || !job.isForFiles)]
  // Every second one is a round of writers alone.
  const kind = seed % 2 === 0 ? 'write' : kinds[(seed >> 1) % kinds.length]
  return kind === undefined || typeof kind === 'string'
    ? writeRound(ground, seed, random)
    : jobRound(ground, seed, random, kind)
}

async function writeRound(ground: Ground, seed: number, random: Random): Promise<Outcome> {
  const url = await ground.empty()
  const notes: Note[] = []
  const lives = random.whole(1, 2)
  let killed = 0
  for (let life = 0; life < lives; life += 1) {
    const hasCompany = random.chance(0.75)
    const company = hasCompany ? startCompany(ground, url, random) : []
    const writers = startWriters(url, random.whole(1, 4), `${seed}-${life}`, random, hasCompany)
    // Some are killed before their first answer, but not in the last life: a round without an
    // acknowledgement would show nothing.
    const isEarly = life < lives - 1 && random.chance(0.3)
    const target = isEarly ? random.whole(0, 3000) : random.whole(10_000, 80_000)
    await written(writers, target)
    await pause(random.whole(0, 60))
    killed += await endAll(
      writers.map(({ child }) => child),
      random,
    )
    notes.push(...writers.flatMap(({ journal }) => readJournal(journal)))
    const faults = await faultsAt(url, notes)
    for (const end of company) end()
    if (faults.length > 0) return outcome('write', killed, notes, faults)
  }
  // Once more, when whoever was beside it is gone.
  return outcome('write', killed, notes, await faultsAt(url, notes))
}

async function jobRound(ground: Ground, seed: number, random: Random, job: Job): Promise<Outcome> {
  const place = await job.prepare(ground, random)
  const writers = job.besideWriters
    ? startWriters(place.url, random.whole(0, 2), `${seed}`, random, random.chance(0.5))
    : []
  const company = job.besideWriters && random.chance(0.5) ? startCompany(ground, place.url, random) : []
  const child = startChild('loss-job', [job.name, place.url, place.other])
  const lines = random.chance(0.3) ? 1 : random.whole(1, job.usualLines)
  // One that is done before has nothing left to be killed in.
  await child.lineCount(lines).catch(() => undefined)
  await pause(random.whole(0, 15))
  const killed = await endAll([child, ...writers.map((writer) => writer.child)], random)
  for (const end of company) end()
  const notes = writers.flatMap(({ journal }) => readJournal(journal))
  const isDone = child.lines.includes('done')
  const faults = [
    ...(job.isCurrent ? await faultsAt(place.url, notes) : []),
    ...(await job.faults(place, isDone)),
    ...(job.isCurrent ? [] : await faultsAt(place.url, notes)),
  ]
  return outcome(job.name, killed, notes, faults)
}

function outcome(kind: string, killed: number, notes: readonly Note[], faults: readonly string[]): Outcome {
  const acknowledged = notes.filter(({ is }) => is === 'stored' || is === 'removed').length
  return { kind, killed, acknowledged, faults }
}

async function faultsAt(url: string, notes: readonly Note[]): Promise<readonly string[]> {
  try {
    await using store = await openStore({ url, backup: false })
    return await faultsOf(store, notes)
  } catch (error) {
    return [`it cannot be read: ${String(error)}`]
  }
}

function startWriters(
  url: string,
  count: number,
  name: string,
  random: Random,
  hasSeconds: boolean,
): readonly Writer[] {
  return Array.from({ length: count }, (_, index) => {
    const journal = scratchFile('journal')
    const [own, callers] = [random.whole(0, 1e6), random.pick([1, 2, 8, 32])]
    const second = hasSeconds && random.chance(0.7) ? 'second' : ''
    const args = [url, own, `w${name}-${index}`, callers, journal, second]
    return { child: startChild('loss-writer', args), journal }
  })
}

/** Strangers and stores of other processes. */
function startCompany(ground: Ground, url: string, random: Random): readonly (() => void)[] {
  const neighbours = Array.from({ length: random.whole(0, 1) }, () =>
    startChild('loss-neighbour', [url, random.whole(0, 1e6)]),
  )
  return [ground.stranger(url, random.whole(0, 1e6)), ...neighbours.map(({ kill }) => kill)]
}

/** Waits until so many bytes of acknowledgements are there, or a writer has ended by itself. */
async function written(writers: readonly Writer[], bytes: number): Promise<void> {
  const size = ({ journal }: Writer) => statSync(journal, { throwIfNoEntry: false })?.size ?? 0
  const ended = { is: false }
  for (const { child } of writers) void child.ended.then(() => Object.assign(ended, { is: true }))
  await Promise.all(writers.map(({ child }) => child.line('ready').catch(() => undefined)))
  while (!ended.is && writers.reduce((sum, writer) => sum + size(writer), 0) < bytes) await pause(3)
}

/**
 * Kills each at a moment of its own. @throws when one had failed by itself. @returns how many were
 * at work
 */
async function endAll(children: readonly Child[], random: Random): Promise<number> {
  const moments = children.map(() => random.whole(0, 25))
  const ends = children.map(async (child, index) => {
    await pause(moments[index])
    child.kill()
    const { code, signal, errors } = await child.ended
    if (signal === 'SIGKILL') return 1
    if (code !== 0) throw new Error(`a process failed before it was killed: ${errors}`)
    return 0
  })
  const settled = await Promise.allSettled(ends)
  const failed = settled.find((end) => end.status === 'rejected')
  if (failed) throw failed.reason
  return settled.reduce((sum, end) => sum + (end.status === 'fulfilled' ? end.value : 0), 0)
}
