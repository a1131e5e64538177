// Sign-ins of browsers: a code that works once, or a token, becomes a cookie. They are kept in
// memory, so a restart ends every one: of codes and cookies the hashes, and a token as it is, since
// it is looked up for each request.

import { createHash, randomBytes } from 'node:crypto'
import type { FindToken, Principal } from './principal.ts'

/** Milliseconds after which a sign-in has to be repeated. */
const LIFETIME = 12 * 3_600_000
/** Milliseconds in which a code has to be used. */
const CODE_LIFETIME = 3_600_000
/** The most sign-ins at a time; the oldest ends first. */
const MOST = 1000

interface Session {
  readonly until: number
  /** The token that was exchanged; undefined for a code. */
  readonly token: string | undefined
}

export class SignIn {
  readonly #byCode: Principal | undefined
  readonly #findToken: FindToken
  readonly #codes = new Map<string, number>()
  readonly #sessions = new Map<string, Session>()

  /** @param byCode who a browser is that has used a code; undefined if there are no codes */
  constructor(byCode: Omit<Principal, 'key' | 'via'> | undefined, findToken: FindToken) {
    this.#byCode = byCode && { ...byCode, key: '', via: 'cookie' }
    this.#findToken = findToken
  }

  /** A code that can be exchanged once, within an hour; undefined if there are none. */
  makeCode(): string | undefined {
    return this.#byCode && remember(this.#codes, Date.now() + CODE_LIFETIME)
  }

  /** The value of a cookie for a code; undefined for one that is used, old or wrong. */
  exchange(code: string): string | undefined {
    const hash = hashOf(code)
    const until = this.#codes.get(hash)
    this.#codes.delete(hash)
    return until !== undefined && until > Date.now() ? this.#begin(undefined) : undefined
  }

  /** The value of a cookie for a token; undefined for one that is not valid. */
  async exchangeToken(token: string): Promise<string | undefined> {
    return (await this.#findToken(token)) === null ? undefined : this.#begin(token)
  }

  /** Whom the value of a cookie signs in. A token that was revoked signs in no longer. */
  async find(value: string): Promise<Principal | undefined> {
    const hash = hashOf(value)
    const session = this.#sessions.get(hash)
    if (session === undefined) return undefined
    if (session.until > Date.now()) {
      if (session.token === undefined)
        return this.#byCode && { ...this.#byCode, key: `sign-in ${hash.slice(0, 12)}` }
      const principal = await this.#findToken(session.token)
      if (principal !== null) return { ...principal, via: 'cookie' }
    }
    this.#sessions.delete(hash)
    return undefined
  }

  end(value: string): void {
    this.#sessions.delete(hashOf(value))
  }

  #begin(token: string | undefined): string {
    return remember(this.#sessions, { until: Date.now() + LIFETIME, token })
  }
}

function remember<V>(kept: Map<string, V>, value: V): string {
  const secret = randomBytes(32).toString('base64url')
  const [oldest] = kept.keys()
  if (kept.size >= MOST && oldest !== undefined) kept.delete(oldest)
  kept.set(hashOf(secret), value)
  return secret
}

/** Looking up a hash tells nothing about the secret by its time. */
function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** Seconds that a cookie is kept. */
export const COOKIE_SECONDS = LIFETIME / 1000
