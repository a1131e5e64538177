// Sign-in on the machine itself: a code that works once becomes a cookie. Only hashes are kept, in
// memory, so a restart ends every sign-in.

import { createHash, randomBytes } from 'node:crypto'
import type { Principal } from './principal.ts'

/** Milliseconds after which a sign-in has to be repeated. */
const LIFETIME = 12 * 3_600_000
/** Milliseconds in which a code has to be used. */
const CODE_LIFETIME = 3_600_000
/** The most sign-ins at a time; the oldest ends first. */
const MOST = 100

export class SignIn {
  readonly #principal: Principal
  readonly #codes = new Map<string, number>()
  readonly #sessions = new Map<string, number>()

  /** @param principal who a signed-in browser is */
  constructor(principal: Omit<Principal, 'key' | 'via'>) {
    this.#principal = { ...principal, key: '', via: 'cookie' }
  }

  /** A code that can be exchanged once, within an hour. */
  makeCode(): string {
    return remember(this.#codes, CODE_LIFETIME)
  }

  /** The value of a cookie for a code; undefined for one that is used, old or wrong. */
  exchange(code: string): string | undefined {
    const hash = hashOf(code)
    const until = this.#codes.get(hash)
    this.#codes.delete(hash)
    return until !== undefined && until > Date.now() ? remember(this.#sessions, LIFETIME) : undefined
  }

  /** Whom the value of a cookie signs in. */
  find(value: string): Principal | undefined {
    const hash = hashOf(value)
    const until = this.#sessions.get(hash)
    if (until === undefined) return undefined
    if (until > Date.now()) return { ...this.#principal, key: `sign-in ${hash.slice(0, 12)}` }
    this.#sessions.delete(hash)
    return undefined
  }

  end(value: string): void {
    this.#sessions.delete(hashOf(value))
  }
}

function remember(kept: Map<string, number>, lifetime: number): string {
  const secret = randomBytes(32).toString('base64url')
  const [oldest] = kept.keys()
  if (kept.size >= MOST && oldest !== undefined) kept.delete(oldest)
  kept.set(hashOf(secret), Date.now() + lifetime)
  return secret
}

/** Looking up a hash tells nothing about the secret by its time. */
function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** Seconds that a cookie is kept. */
export const COOKIE_SECONDS = LIFETIME / 1000
