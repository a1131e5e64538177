// Sends a request, and repeats it where that cannot do anything twice: after a lost connection or
// an error of what is between, reads and writes that say by a version or a key what they are; and
// whatever the server refused before it did anything.

import { PersistenceConnectionError, TimeoutError } from '../errors.ts'
import { failureOf } from './failure.ts'
import type { Settings } from './options.ts'

export interface Asked {
  readonly method: string
  /** Below `/v1`, encoded, with its query. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** JSON. */
  readonly body?: string | undefined
  /** Done twice, it is as if it was done once. */
  readonly isRepeatable: boolean
}

export interface Answered {
  readonly status: number
  readonly text: string
}

/** Milliseconds before the first repetition, at most; each is up to twice as long as the last. */
const FIRST_PAUSE = 100
const LONGEST_PAUSE = 5000

/** The server says so before it does anything, or has undone all of it. */
const nothingDone: ReadonlySet<unknown> = new Set([
  'RATE_LIMITED',
  'OVERLOADED',
  'STOPPING',
  'BODY_TIMEOUT',
  'TRANSACTION_CONFLICT',
])

/** Answers of servers in between that did not reach the server, and of one that is starting. */
const worthRepeating: ReadonlySet<number> = new Set([408, 429, 502, 503, 504])

/**
 * The answer of the server; a failure is thrown.
 * @throws the library's errors, RequestFailedError, TimeoutError, PersistenceConnectionError, a
 * signal's reason
 */
export async function send(settings: Settings, asked: Asked): Promise<Answered> {
  const { timeout, retries } = settings
  const deadline = performance.now() + timeout
  for (let attempt = 0; ; attempt += 1) {
    const result = await once(settings, asked, deadline)
    if (!(result instanceof Failed)) return result
    const { error, mayRepeat, after } = result
    const pause = after ?? Math.random() * Math.min(FIRST_PAUSE * 2 ** attempt, LONGEST_PAUSE)
    if (!mayRepeat || attempt >= retries || performance.now() + pause >= deadline) throw error
    await wait(pause, settings.signals)
  }
}

class Failed {
  readonly error: unknown
  readonly mayRepeat: boolean
  /** Milliseconds that the server asks to wait. */
  readonly after: number | undefined

  constructor(error: unknown, mayRepeat: boolean, after?: number) {
    this.error = error
    this.mayRepeat = mayRepeat
    this.after = after
  }
}

async function once(settings: Settings, asked: Asked, deadline: number): Promise<Answered | Failed> {
  const { isRepeatable } = asked
  const late = new AbortController()
  const request = await requestOf(settings, asked, late.signal)
  const timer = after(deadline - performance.now(), () => late.abort())
  try {
    const response = await unlessAborted(settings.fetch(request), request.signal)
    const { status } = response
    const text = await unlessAborted(response.text(), request.signal)
    if (status < 400) return { status, text }
    const error = failureOf(status, text)
    const { code } = error as { readonly code?: unknown }
    const mayRepeat = nothingDone.has(code) || (isRepeatable && worthRepeating.has(status))
    return new Failed(error, mayRepeat, pauseIn(response.headers))
  } catch (error) {
    for (const signal of settings.signals) signal.throwIfAborted()
    if (late.signal.aborted) throw tooLate(settings, asked)
    return new Failed(lost(error, asked), isRepeatable)
  } finally {
    clearTimeout(timer)
  }
}

/** A `fetch` of the caller may not look at signals. */
export function unlessAborted<T>(awaited: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  return Promise.race([awaited, aborted])
}

/** `setTimeout` takes no longer times. */
const LONGEST_TIMER = 2_147_483_647

function after(milliseconds: number, then: () => void): ReturnType<typeof setTimeout> | undefined {
  return milliseconds > LONGEST_TIMER ? undefined : setTimeout(then, milliseconds)
}

export async function requestOf(
  { base, token, tenant, signals }: Settings,
  { method, path, headers, body }: Asked,
  signal: AbortSignal,
): Promise<Request> {
  const within = tenant === undefined ? '/v1' : `/v1/t/${encodeURIComponent(tenant)}`
  const secret = typeof token === 'function' ? await token() : token
  return new Request(`${base}${within}${path}`, {
    method,
    headers: {
      accept: 'application/json',
      ...headers,
      ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.any([...signals, signal]),
  })
}

/** Seconds, as Purser's servers have it, or a date. */
function pauseIn(headers: Headers): number | undefined {
  const given = headers.get('retry-after')
  if (given === null) return undefined
  const until = /^\d+$/.test(given) ? Number(given) * 1000 : Date.parse(given) - Date.now()
  return Number.isNaN(until) ? undefined : Math.max(0, until)
}

export async function wait(milliseconds: number, signals: readonly AbortSignal[]): Promise<void> {
  const over = AbortSignal.any([...signals])
  over.throwIfAborted()
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    over.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
  over.throwIfAborted()
}

function tooLate({ timeout }: Settings, asked: Asked): TimeoutError {
  return new TimeoutError(`the server did not answer within ${timeout} ms; ${unknownOutcome(asked)}`)
}

function lost(cause: unknown, asked: Asked): PersistenceConnectionError {
  return new PersistenceConnectionError(
    `the server cannot be reached, or the connection was lost before it had answered; ${unknownOutcome(asked)}`,
    { cause },
  )
}

/** Only the caller can know whether repeating a write would do it twice. */
function unknownOutcome({ isRepeatable, method }: Asked): string {
  return isRepeatable && method === 'GET'
    ? 'ask again'
    : 'whether it was done is not known: look before repeating it'
}
