// How a row is measured: the store and the raw driver take turns in one run, and the row's number
// is the median of the rounds' ratios, so that a noisy machine disturbs both alike.

export interface Round {
  /** Microseconds per operation. */
  readonly ours: number
  readonly raw: number
}

/** A round with a third contender: the best that handwritten code achieves with the same server. */
export interface BoundedRound extends Round {
  readonly byHand: number
}

export interface Measured {
  readonly ours: number
  readonly raw: number
  /** raw / ours: 2 is twice as fast. */
  readonly ratio: number
}

/** @param round measures both once; it is called once more before, to warm up */
export async function takeTurns(rounds: number, round: () => Promise<Round>): Promise<Measured> {
  await round()
  const taken: Round[] = []
  for (let index = 0; index < rounds; index += 1) taken.push(await round())
  return summary(taken, ({ raw }) => raw)
}

function summary<R extends Round>(taken: readonly R[], otherOf: (round: R) => number): Measured {
  return {
    ours: median(taken.map((one) => one.ours)),
    raw: median(taken.map(otherOf)),
    ratio: median(taken.map((one) => otherOf(one) / one.ours)),
  }
}

/** As `takeTurns`; `bound` is raw / the third contender. */
export async function takeBoundedTurns(
  rounds: number,
  round: () => Promise<BoundedRound>,
): Promise<{ readonly overRaw: Measured; readonly overHand: Measured; readonly bound: number }> {
  await round()
  const taken: BoundedRound[] = []
  for (let index = 0; index < rounds; index += 1) taken.push(await round())
  return {
    overRaw: summary(taken, ({ raw }) => raw),
    overHand: summary(taken, ({ byHand }) => byHand),
    bound: median(taken.map((one) => one.raw / one.byHand)),
  }
}

/** Microseconds per operation of contenders that were measured in the same rounds. */
export type Compare<Name extends string> = (ours: Name, other: Name) => Measured

/** As `takeTurns`, for any number of contenders: each is measured once in every round. */
export async function takeTurnsAmong<Name extends string>(
  rounds: number,
  contenders: Readonly<Record<Name, () => Promise<number>>>,
): Promise<Compare<Name>> {
  const names = Object.keys(contenders) as Name[]
  const taken: Record<Name, number>[] = []
  for (let index = -1; index < rounds; index += 1) {
    const round = {} as Record<Name, number>
    for (const name of names) round[name] = await contenders[name]()
    if (index >= 0) taken.push(round)
  }
  return (ours, other) =>
    summary(
      taken.map((round) => ({ ours: round[ours], raw: round[other] })),
      ({ raw }) => raw,
    )
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low = 0, high = 0] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]]
  return (low + high) / 2
}

/** Microseconds per operation of `count` operations. */
export async function perOperation(count: number, work: () => Promise<void> | void): Promise<number> {
  const started = performance.now()
  await work()
  return ((performance.now() - started) * 1000) / count
}

/** Runs `count` calls with a number of callers, each awaiting its call before the next. */
export async function withCallers(
  callers: number,
  count: number,
  call: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0
  const caller = async () => {
    while (next < count) {
      const index = next
      next += 1
      await call(index)
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
}

/** Workers that take jobs and finish them until `count` are finished. */
export interface Work<Job> {
  /** @returns the jobs that it got; none if there are none at the moment */
  take(worker: number): Promise<readonly Job[]>
  finish(job: Job): Promise<unknown>
}

/**
 * Runs workers at once. Each takes, finishes what it got all together, and takes again.
 * @returns microseconds per job
 */
export async function drain<Job>(
  workers: number,
  count: number,
  { take, finish }: Work<Job>,
): Promise<number> {
  let taken = 0
  const worker = async (index: number) => {
    while (taken < count) {
      const jobs = await take(index)
      taken += jobs.length
      await Promise.all(jobs.map(finish))
    }
  }
  const time = await perOperation(count, async () => {
    await Promise.all(Array.from({ length: workers }, (_, index) => worker(index)))
  })
  if (taken !== count) throw new Error(`${taken} jobs were taken, of ${count}`)
  return time
}
