// Random choices that a seed repeats: which operations a process mixes, and when it dies.

export interface Random {
  /** A number from 0 up to, and without, 1. */
  next(): number
  /** A whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number
  pick<T>(items: readonly T[]): T
  /** True so often, from 0 to 1. */
  chance(share: number): boolean
}

/** Mulberry32: 32 bits of state, the same numbers on every machine. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const whole = (from: number, to: number) => from + Math.floor(next() * (to - from + 1))
  return {
    next,
    whole,
    pick: <T>(items: readonly T[]) => {
      if (items.length === 0) throw new RangeError('there is nothing to pick from')
      return items[whole(0, items.length - 1)] as T
    },
    chance: (share) => next() < share,
  }
}

/** The seed of the first round: that of PURSER_SEED, or a new one. */
export function firstSeed(): number {
  const given = process.env.PURSER_SEED
  return given === undefined ? Math.floor(Math.random() * 1_000_000) : Number(given)
}
