// How often one token, or one address without any, may ask: a bucket that fills steadily, and holds
// what may be asked at once.

import { RequestError } from '../answers/request-error.ts'

interface Rate {
  readonly perSecond: number
  readonly burst: number
}

interface Bucket {
  left: number
  at: number
}

/** Buckets that are full again are forgotten once there are so many. */
const MANY = 10_000

export class RateLimit {
  readonly #rate: Rate
  readonly #about: string
  readonly #now: () => number
  readonly #buckets = new Map<string, Bucket>()

  /**
   * @param about whose requests they are, for the message
   * @param now milliseconds of a clock that never goes back
   */
  constructor(rate: Rate, about = '', now: () => number = () => performance.now()) {
    this.#rate = rate
    this.#about = about === '' ? '' : ` ${about}`
    this.#now = now
  }

  /** Counts a request. @throws RequestError with `Retry-After` if there were too many */
  take(key: string): void {
    const { perSecond, burst } = this.#rate
    const now = this.#now()
    const bucket = this.#buckets.get(key) ?? this.#add(key, now)
    bucket.left = Math.min(burst, bucket.left + ((now - bucket.at) / 1000) * perSecond)
    bucket.at = now
    if (bucket.left >= 1) {
      bucket.left -= 1
      return
    }
    const seconds = Math.max(1, Math.ceil((1 - bucket.left) / perSecond))
    throw new RequestError(
      'RATE_LIMITED',
      `more than ${perSecond} requests a second${this.#about}, or ${burst} at once; ask again in ${seconds} s`,
      { headers: { 'retry-after': String(seconds) } },
    )
  }

  #add(key: string, now: number): Bucket {
    if (this.#buckets.size >= MANY) this.#forget(now)
    const bucket = { left: this.#rate.burst, at: now }
    this.#buckets.set(key, bucket)
    return bucket
  }

  #forget(now: number): void {
    const { perSecond, burst } = this.#rate
    for (const [key, { left, at }] of this.#buckets) {
      if (left + ((now - at) / 1000) * perSecond >= burst) this.#buckets.delete(key)
    }
  }
}
