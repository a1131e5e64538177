// What a client is made from.

import { InvalidRecordError, type Issue } from '../errors.ts'

/** What may differ from call to call: `client.with(…)`. */
export interface CallOptions {
  /** Whose records: a tenant of the server. For tokens that are not bound to one. */
  readonly tenant?: string | undefined
  /** Ends every call: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /**
   * Milliseconds that a call may take, with its repetitions; 60,000 by default. It then rejects
   * with a TimeoutError.
   */
  readonly timeout?: number | undefined
  /** How often a call that may be repeated is repeated at most; 4 by default. */
  readonly retries?: number | undefined
}

export interface ClientOptions extends CallOptions {
  /** Where the server is: `http://127.0.0.1:7333`, with a path if it is mounted below one. */
  readonly url: string | URL
  /**
   * A token of `purser tokens create`, or a function that gives the one of now. Left out in the
   * pages of the server itself, where the browser is signed in.
   */
  readonly token?: string | (() => string | Promise<string>) | undefined
  /** Sends requests in place of the global `fetch`: by a proxy, to a server in this process. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined
}

/** The same, checked. */
export interface Settings {
  /** Ends without a slash. */
  readonly base: string
  readonly token: ClientOptions['token']
  readonly fetch: (request: Request) => Promise<Response>
  readonly tenant: string | undefined
  readonly signals: readonly AbortSignal[]
  readonly timeout: number
  readonly retries: number
}

const DEFAULT_TIMEOUT = 60_000
const DEFAULT_RETRIES = 4

const names = ['url', 'token', 'fetch', 'tenant', 'signal', 'timeout', 'retries'] as const
const ofCalls = ['tenant', 'signal', 'timeout', 'retries'] as const

/** @throws InvalidRecordError with everything that is wrong */
export function settingsOf(options: ClientOptions): Settings {
  const { url, token, fetch: send = (request: Request) => fetch(request) } = options
  const issues = faultsOf(options, names)
  const base = httpUrl(url)
  if (base === undefined) {
    issues.unshift({ path: ['url'], code: 'url', message: 'must be the http or https URL of a server' })
  }
  if (token !== undefined && typeof token !== 'function' && (typeof token !== 'string' || token === '')) {
    issues.push({ path: ['token'], code: 'type', message: 'must be a text, or a function that gives one' })
  }
  if (typeof send !== 'function') {
    issues.push({ path: ['fetch'], code: 'type', message: 'must be a function' })
  }
  if (issues.length > 0) throw new InvalidRecordError('options of createClient', issues)
  const whole = { base: base ?? '', token, fetch: send, tenant: undefined, signals: [] }
  return withCallOptions({ ...whole, timeout: DEFAULT_TIMEOUT, retries: DEFAULT_RETRIES }, options)
}

/** @throws InvalidRecordError */
export function checkedCallOptions(settings: Settings, options: CallOptions): Settings {
  const issues = faultsOf(options, ofCalls)
  if (issues.length > 0) throw new InvalidRecordError('options of with', issues)
  return withCallOptions(settings, options)
}

function withCallOptions(settings: Settings, options: CallOptions): Settings {
  const { tenant = settings.tenant, signal, timeout = settings.timeout, retries = settings.retries } = options
  return {
    ...settings,
    tenant,
    timeout,
    retries,
    signals: signal === undefined ? settings.signals : [...settings.signals, signal],
  }
}

function faultsOf(options: CallOptions, known: readonly string[]): Issue[] {
  const { tenant, signal, timeout, retries } = options
  const issues: Issue[] = Object.keys(options)
    .filter((name) => !known.includes(name))
    .map((name) => ({
      path: [name.slice(0, 60)],
      code: 'unknown_option',
      message: `is no option; there are ${known.join(', ')}`,
    }))
  const need = (name: string, holds: boolean, message: string) => {
    if (!holds) issues.push({ path: [name], code: 'type', message: `must be ${message}` })
  }
  need(
    'tenant',
    tenant === undefined || (typeof tenant === 'string' && tenant !== ''),
    'the name of a tenant',
  )
  need('signal', signal === undefined || signal instanceof AbortSignal, 'an AbortSignal')
  need(
    'timeout',
    timeout === undefined || (typeof timeout === 'number' && timeout > 0),
    'a number of milliseconds above 0, or Infinity',
  )
  need(
    'retries',
    retries === undefined || (Number.isInteger(retries) && retries >= 0),
    'a whole number from 0',
  )
  return issues
}

function httpUrl(url: unknown): string | undefined {
  const text = String(url)
  if (!URL.canParse(text)) return undefined
  const { protocol, origin, pathname, username } = new URL(text)
  const isServer = (protocol === 'http:' || protocol === 'https:') && username === ''
  return isServer ? `${origin}${pathname.replace(/\/+$/, '')}` : undefined
}
