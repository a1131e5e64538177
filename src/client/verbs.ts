// The verbs of repositories over HTTP.

import { RecordNotFoundError, TimeoutError } from '../errors.ts'
import type { Page } from '../records/repository/page.ts'
import type { Settings } from './options.ts'
import { callOf } from './request.ts'
import { revive } from './revive.ts'
import { type Route, readRoute } from './route.ts'
import { routes } from './routes.ts'
import { type Answered, send } from './send.ts'
import { decisionTreeOf, planTreeOf } from './trees.ts'

export type Verb = (...given: unknown[]) => unknown
type Data = Record<string, unknown>

/** Records of a page when everything is read. */
const EACH = 500

/** Milliseconds that one request waits for a decision; the server's own limit is 30,000. */
const LONGEST_WAIT = 25_000

/** The verbs of every record, by the name of its repository. */
export function repositoriesBy(settings: Settings): Readonly<Record<string, Readonly<Record<string, Verb>>>> {
  return Object.fromEntries(
    Object.entries(routes).map(([property, lines]) => [property, Object.freeze(verbsOf(settings, lines))]),
  )
}

function verbsOf(settings: Settings, lines: Readonly<Record<string, string>>): Record<string, Verb> {
  const verbs: Record<string, Verb> = {}
  for (const [verb, line] of Object.entries(lines)) {
    if (line === 'each') {
      const list = (verbs.list ?? verbs.query) as Lister
      verbs.each = (filter, options) =>
        each(list, filter as object | undefined, options as object | undefined)
      continue
    }
    const route = readRoute(verb, line)
    const call = async (...given: unknown[]) => ask(settings, route, given)
    verbs[verb] = verb === 'wait' ? (id, options) => waitFor(settings, route, id, options) : call
  }
  return verbs
}

async function ask(settings: Settings, route: Route, given: readonly unknown[]): Promise<unknown> {
  const { signals, ...asked } = callOf(route, given)
  const within = { ...settings, signals: [...settings.signals, ...signals] }
  try {
    return resultOf(route, await send(within, asked))
  } catch (error) {
    if (!(error instanceof RecordNotFoundError) || !isAnswer(route)) throw error
    return route.result === 'deleted' ? false : null
  }
}

/** Verbs for which there being nothing is an answer. */
function isAnswer({ verb, result }: Route): boolean {
  return verb === 'get' || result === 'deleted' || result === 'planTree' || result === 'decisionTree'
}

function resultOf({ result, places }: Route, { status, text }: Answered): unknown {
  if (result === 'deleted') return true
  if (result === 'nothing') return undefined
  if (status === 204) return null
  const body = revive(JSON.parse(text) as Data, places)
  switch (result) {
    case 'items':
    case 'count':
    case 'value':
      return body[result]
    case 'planTree':
      return planTreeOf(body as never)
    case 'decisionTree':
      return decisionTreeOf(body as never)
    default:
      return body
  }
}

type Lister = (filter: object | undefined, page: object) => Promise<Page<object>>

/** Every record of a list, in pages that are asked for as the loop advances. */
async function* each(
  list: Lister,
  filter?: object,
  options?: object,
): AsyncGenerator<object, void, undefined> {
  let cursor: string | null | undefined
  do {
    const isObject = typeof options === 'object' && options !== null && !Array.isArray(options)
    const own = options === undefined || isObject ? { ...options, limit: EACH } : options
    const page: Page<object> = await list(filter, cursor ? { ...own, cursor } : own)
    yield* page.items
    cursor = page.nextCursor
  } while (cursor !== null)
}

/** A decision may take days: each request waits for some seconds of them. */
async function waitFor(settings: Settings, route: Route, id: unknown, options: unknown): Promise<unknown> {
  const { timeout = Number.POSITIVE_INFINITY, ...rest } = (options ?? {}) as { readonly timeout?: unknown }
  const isTime = timeout === Number.POSITIVE_INFINITY || (Number.isInteger(timeout) && Number(timeout) >= 0)
  if (typeof timeout !== 'number' || !isTime) return ask(settings, route, [id, options])
  const deadline = performance.now() + timeout
  for (;;) {
    const left = Math.max(deadline - performance.now(), 1)
    const most = Math.ceil(Math.min(left, LONGEST_WAIT))
    const patient = { ...settings, timeout: settings.timeout + most }
    const approval = (await ask(patient, route, [id, { ...rest, timeout: most }])) as {
      readonly status: string
    }
    if (approval.status !== 'pending') return approval
    if (performance.now() >= deadline) {
      throw new TimeoutError(`the approval was not decided within ${timeout} ms; wait for it again`)
    }
  }
}
