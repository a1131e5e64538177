// Sends requests that a document describes, and some that it does not, to a server, and holds each
// answer against the document: no fault of the server, and no answer that its schema refuses.

import { Agent, request } from 'node:http'
import fc from 'fast-check'
import { z } from 'zod'
import { anyRequest, type Document, type Operation, type Recipe } from './any-request.ts'
import type { Schema } from './any-value.ts'

export interface Tally {
  readonly requests: number
  /** Requests for each status. */
  readonly statuses: Readonly<Record<string, number>>
  /** Operations that answered at least once with what they are for. */
  readonly succeeded: number
  readonly operations: number
  /** The first of each kind. */
  readonly faults: readonly string[]
}

interface Received {
  readonly status: number
  readonly type: string
  readonly text: string
}

/** Recipes that are made at once. */
const BATCH = 250
/** Characters of a request and an answer in a fault. */
const SHOWN = 600
/** What no answer has: stacks, statements, paths of the machine. */
const leaks = /\n\s+at |\bSELECT \w|\bINSERT INTO\b|\/src\/|node_modules|\/tmp\//

export async function fuzzServer(
  url: string,
  document: Document,
  seed: number,
  runs: number,
): Promise<Tally> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const checks = new Checks(document)
  const statuses: Record<string, number> = {}
  const succeeded = new Set<string>()
  const faults = new Map<string, string>()
  const ids = new Map<string, string[]>()
  for (const [path, { get }] of Object.entries(document.paths)) {
    if (!/_(list|query)$/.test(get?.operationId ?? '')) continue
    const headers = { 'x-role': 'admin' }
    const answer = await send(url, agent, { operation: get, method: 'GET', path, headers, body: undefined })
    if (typeof answer !== 'string') note(ids, path, answer)
  }
  const recipes = anyRequest(document)
  for (let from = 0; from < runs; from += BATCH) {
    const numRuns = Math.min(BATCH, runs - from)
    for (const made of fc.sample(recipes, { seed: seed + from, numRuns })) {
      const recipe = withIds(made, ids)
      const answer = await send(url, agent, recipe)
      if (typeof answer !== 'string') {
        statuses[answer.status] = (statuses[answer.status] ?? 0) + 1
        if (answer.status < 300) {
          if (recipe.operation) succeeded.add(recipe.operation.operationId)
          note(ids, recipe.path, answer)
        }
      }
      const found = typeof answer === 'string' ? answer : checks.faultOf(recipe, answer)
      if (found === undefined) continue
      const kind = `${recipe.operation?.operationId ?? 'elsewhere'}: ${found.slice(0, 160)}`
      if (!faults.has(kind)) faults.set(kind, faultText(recipe, found, answer))
    }
  }
  agent.destroy()
  const operations = Object.values(document.paths).flatMap((methods) => Object.keys(methods)).length
  return { requests: runs, statuses, succeeded: succeeded.size, operations, faults: [...faults.values()] }
}

function faultText(
  { method, path, headers, body }: Recipe,
  found: string,
  answer: Received | string,
): string {
  const asked = `${method} ${path.slice(0, SHOWN)} ${JSON.stringify(headers)} ${body?.slice(0, SHOWN) ?? ''}`
  const got = typeof answer === 'string' ? '' : ` → ${answer.status} ${answer.text.slice(0, SHOWN)}`
  return `${found}: ${asked}${got}`
}

/** The ids of what an answer has, by the resource of its path. */
function note(ids: Map<string, string[]>, path: string, { type, text }: Received): void {
  if (type !== 'application/json' || text === '') return
  const resource = /^\/v1\/([\w-]+)/.exec(path)?.[1] ?? ''
  const body = JSON.parse(text) as { readonly items?: readonly unknown[] }
  for (const item of (body.items ?? [body]).slice(0, 20)) {
    const { id, planId, name } = (item ?? {}) as Record<string, unknown>
    const key = resource === 'plans' ? planId : (id ?? name)
    const known = ids.get(resource) ?? []
    if (typeof key !== 'string' || key === '' || known.includes(key)) continue
    // Newer ones take the places of the oldest.
    ids.set(resource, [...known, key].slice(-40))
  }
}

function withIds(recipe: Recipe, ids: ReadonlyMap<string, readonly string[]>): Recipe {
  const all = [...ids.values()].flat()
  const idAt = (resource: string, pick: number): string => {
    const known = resource === 'id' ? all : (ids.get(resource) ?? all)
    return known.length === 0 ? 'none' : (known[pick % known.length] as string)
  }
  const path = recipe.path.replaceAll(/(?:@|%40)([\w-]+)(?::|%3A)(\d{1,3})/g, (_, resource, pick) =>
    encodeURIComponent(idAt(resource, Number(pick))),
  )
  const body = recipe.body?.replaceAll(/@id:(\d{1,3})/g, (_, pick) =>
    JSON.stringify(idAt('id', Number(pick))).slice(1, -1),
  )
  return { ...recipe, path, body }
}

/** @returns what went wrong, as text, if there is no answer */
function send(
  url: string,
  agent: Agent,
  { method, path, headers, body }: Recipe,
): Promise<Received | string> {
  return new Promise((resolve) => {
    const outgoing = request(url + path, {
      agent,
      method,
      path,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) },
      timeout: 20_000,
    })
    outgoing.on('timeout', () => {
      outgoing.destroy()
      resolve('no answer in 20 s')
    })
    outgoing.on('error', (error) => resolve(`no answer: ${error.message}`))
    outgoing.on('response', (incoming) => {
      const status = incoming.statusCode ?? 0
      const [type = ''] = (incoming.headers['content-type'] ?? '').split(';')
      if (type === 'text/event-stream') {
        resolve({ status, type, text: '' })
        outgoing.destroy()
        return
      }
      const pieces: Buffer[] = []
      incoming.on('data', (piece: Buffer) => pieces.push(piece))
      incoming.on('error', (error) => resolve(`the answer broke off: ${error.message}`))
      incoming.on('end', () => resolve({ status, type, text: Buffer.concat(pieces).toString() }))
    })
    outgoing.end(body)
  })
}

/** The checks of answers, each made once. */
class Checks {
  readonly #document: Document
  readonly #made = new Map<Schema, z.ZodType>()

  constructor(document: Document) {
    this.#document = document
  }

  /** What is wrong with an answer; undefined if nothing is. */
  faultOf({ operation, method }: Recipe, { status, type, text }: Received): string | undefined {
    if (status >= 500) return `answers ${status}`
    if (status < 200 || status >= 400) {
      // What is no HTTP is refused before there is a request.
      if (text === '' && (status === 400 || status === 431 || method === 'HEAD')) return undefined
      if (leaks.test(text)) return 'says too much'
      return this.#unlike('application/problem+json', this.#document.components.schemas.Problem, type, text)
    }
    return operation ? this.#successOf(operation, status, type, text) : undefined
  }

  #successOf({ responses }: Operation, status: number, type: string, text: string): string | undefined {
    const known = responses[status]
    if (known === undefined) return `answers ${status}, which is not in the document`
    if (known.content === undefined) return text === '' ? undefined : 'answers more than nothing'
    const content = known.content[type]
    if (content === undefined) return `answers ${type}, which is not in the document`
    return type === 'application/json' ? this.#unlike(type, content.schema, type, text) : undefined
  }

  #unlike(wanted: string, schema: Schema | undefined, type: string, text: string): string | undefined {
    if (type !== wanted) return `answers ${type || 'no type'} instead of ${wanted}`
    let body: unknown
    try {
      body = JSON.parse(text)
    } catch {
      return 'answers what is no JSON'
    }
    const { error } = this.#checkOf(schema ?? {}).safeParse(body)
    const [issue] = error?.issues ?? []
    return (
      issue &&
      `is not as its schema says: ${issue.path.join('.').replaceAll(/\d+/g, '#')} ${JSON.stringify(issue).slice(0, 300)}`
    )
  }

  #checkOf(schema: Schema): z.ZodType {
    const made = this.#made.get(schema)
    if (made) return made
    const whole = JSON.stringify({ ...schema, $defs: this.#document.components.schemas })
    const check = z.fromJSONSchema(JSON.parse(whole.replaceAll('#/components/schemas/', '#/$defs/')))
    this.#made.set(schema, check)
    return check
  }
}
