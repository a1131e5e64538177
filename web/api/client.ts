// Requests to the HTTP API. It is the only way to the records; the cookie of the sign-in is sent by
// the browser.

import { Problem, type ProblemDocument } from './problem.ts'

/** Values of one key of a query; lists are given as repeated keys. */
export type QueryValue = string | number | boolean | null | undefined | readonly string[]
export type Query = Readonly<Record<string, QueryValue>>

/** `path` below `/v1`, with its query. Empty and undefined values are left out. */
export function urlOf(path: string, query: Query = {}): string {
  const words = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === '') continue
    if (Array.isArray(value)) for (const item of value) words.append(key, item)
    else words.append(key, String(value))
  }
  const text = words.toString()
  return `/v1${path}${text === '' ? '' : `?${text}`}`
}

/** Called for each answer that says that the sign-in has ended. */
let whenSignedOut: () => void = () => undefined

export function onSignedOut(listener: () => void): void {
  whenSignedOut = listener
}

/** Says that there is no sign-in any more. */
export function signedOut(): void {
  whenSignedOut()
}

/** @throws Problem */
export async function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  const { body } = await send('GET', urlOf(path, query), { signal: signal ?? null })
  return body as T
}

export interface Change {
  readonly method: 'POST' | 'PATCH' | 'DELETE'
  readonly path: string
  /** The path is not below `/v1`, and its refusal is no end of a sign-in. */
  readonly isOutside?: boolean
  /** The version that the change is based on. */
  readonly version?: number
  readonly body?: Readonly<Record<string, unknown>>
}

/** @throws Problem */
export async function change<T>({ method, path, isOutside = false, version, body }: Change): Promise<T> {
  const answer = await send(method, isOutside ? path : urlOf(path), {
    headers: {
      'Content-Type': 'application/json',
      ...(version !== undefined && { 'If-Match': `"${version}"` }),
    },
    body: JSON.stringify(body ?? {}),
  })
  return answer.body as T
}

async function send(method: string, url: string, options: RequestInit): Promise<{ body: unknown }> {
  const response = await fetch(url, {
    method,
    credentials: 'same-origin',
    ...options,
    headers: { Accept: 'application/json', ...options.headers },
  }).catch((error: unknown) => {
    if (options.signal?.aborted) throw error
    throw new Problem(0, { title: 'The server does not answer' })
  })
  const text = await response.text()
  const body = parse(text)
  if (response.ok) return { body }
  if (response.status === 401 && url.startsWith('/v1/')) whenSignedOut()
  throw new Problem(response.status, (body ?? {}) as ProblemDocument)
}

function parse(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text)
  } catch {
    return null
  }
}
