// Answers a request for a verb of a record: reads its arguments, calls the repository in the name
// of who asks, and writes down what it returned.

import { RecordNotFoundError, TimeoutError } from '../errors.ts'
import type { RecordEntry } from '../records/entry.ts'
import type { ActingStore, Store } from '../store/store.ts'
import { inOwnName, type Principal } from './access/principal.ts'
import { columnsOf } from './answers/columns.ts'
import { envelopeOf, jsonOf } from './answers/json.ts'
import { csvOf, listTypes, ndjsonOf, preferred, streamed } from './answers/list-formats.ts'
import { eachWithoutUnsent, withoutUnsent } from './answers/unsent.ts'
import { deleteAt } from './delete-at.ts'
import { tagOf } from './requests/entity-tag.ts'
import { keyedInput } from './requests/idempotency.ts'
import { type Given, readArguments } from './requests/read-arguments.ts'
import type { RecordRoute } from './routes/record-routes.ts'
import { isList, makesRecord } from './routes/verbs.ts'

/** Milliseconds that a request waits for a decision, unless it says otherwise. */
const WAIT = 30_000

type Call = (...taken: readonly unknown[]) => Promise<unknown>
type Repository = Readonly<Record<string, unknown>>

/** @param base the path before the resource, for `Location` */
export async function serveRecord(
  store: Store,
  principal: Principal,
  route: RecordRoute,
  given: Given,
  base: string,
): Promise<Response> {
  const acting: ActingStore = principal.actor === null ? store : store.as(principal.actor)
  const { verb } = route
  const keyed = makesRecord(verb) ? keyedInput(route, given) : given
  const taken = inOwnName(principal, route, readArguments(route, keyed))
  if (isList(verb)) {
    const type = preferred(given.headers.get('accept'), listTypes)
    if (type !== 'application/json') return wholeList(acting, route, taken, type)
  }
  if (verb === 'aggregate') {
    const type = preferred(given.headers.get('accept'), ['application/json', 'text/csv'])
    if (type === 'text/csv') return report(acting, route, taken)
  }
  if (verb === 'delete') return deleted(acting, route, taken, given)
  const result =
    verb === 'wait' ? await waited(acting, route, taken) : await call(acting, route.entry, verb, taken)
  return answer(route, result, base, given.id)
}

function repositoryOf(store: ActingStore, { property }: RecordEntry): Repository {
  return (store as unknown as Readonly<Record<string, Repository>>)[property] as Repository
}

async function call(
  store: ActingStore,
  entry: RecordEntry,
  verb: string,
  taken: readonly unknown[],
): Promise<unknown> {
  const repository = repositoryOf(store, entry)
  return withoutUnsent(entry, await (repository[verb] as Call).apply(repository, [...taken]))
}

function answer(route: RecordRoute, result: unknown, base: string, id: string | undefined): Response {
  const { verb, entry, resource } = route
  if (result === null && (verb === 'get' || verb === 'tree')) throw notFound(route, id)
  const body = envelopeOf(verb, result)
  if (body === undefined) return new Response(null, { status: 204 })
  const headers = new Headers({ 'content-type': 'application/json' })
  const { version, [entry.definition.key.field]: key } = body as Readonly<Record<string, unknown>>
  if (typeof version === 'number') headers.set('etag', tagOf(version))
  const isNew = makesRecord(verb)
  if (isNew) headers.set('location', `${base}/${resource}/${encodeURIComponent(String(key))}`)
  return new Response(jsonOf(body), { status: isNew ? 201 : 200, headers })
}

function notFound({ entry }: RecordRoute, id = ''): RecordNotFoundError {
  return new RecordNotFoundError(entry.definition.shape.table, id)
}

async function deleted(
  store: ActingStore,
  route: RecordRoute,
  taken: readonly unknown[],
  { headers, id = '' }: Given,
): Promise<Response> {
  const gone = await deleteAt(store, route, taken, headers)
  if (!gone) throw notFound(route, id)
  return new Response(null, { status: 204 })
}

/** A decision that does not come in time is no error: the answer says that it is pending. */
async function waited(
  store: ActingStore,
  { entry }: RecordRoute,
  taken: readonly unknown[],
): Promise<unknown> {
  const [id, options] = taken
  try {
    return await call(store, entry, 'wait', [id, { timeout: WAIT, ...(options as object) }])
  } catch (error) {
    if (error instanceof TimeoutError) return call(store, entry, 'get', [id])
    throw error
  }
}

async function wholeList(
  store: ActingStore,
  { entry, resource, verb }: RecordRoute,
  taken: readonly unknown[],
  type: 'text/csv' | 'application/x-ndjson',
): Promise<Response> {
  const [filter, page] = taken as readonly [object?, { readonly order?: unknown }?]
  const repository = repositoryOf(store, entry)
  const order = page?.order === undefined ? {} : { order: page.order }
  const found =
    repository.each === undefined
      ? ((await call(store, entry, verb, taken)) as readonly object[])
      : (repository.each as (...each: readonly unknown[]) => AsyncIterable<object>).call(
          repository,
          filter,
          order,
        )
  const items = eachWithoutUnsent(entry, found)
  const pieces = type === 'text/csv' ? csvOf(items, columnsOf(entry)) : ndjsonOf(items)
  return file(await streamed(pieces), type, resource)
}

async function report(store: ActingStore, route: RecordRoute, taken: readonly unknown[]): Promise<Response> {
  const totals = (await call(store, route.entry, route.verb, taken)) as readonly object[]
  return file(await streamed(csvOf(totals, namesIn(totals))), 'text/csv', `${route.resource}-report`)
}

/** The names of the first item; members of an object under its own name and theirs. */
function namesIn([first]: readonly object[]): readonly string[] {
  return Object.entries(first ?? {}).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null && !(value instanceof Date)
      ? Object.keys(value).map((member) => `${name}.${member}`)
      : [name],
  )
}

function file(body: ReadableStream<Uint8Array>, type: string, name: string): Response {
  const isTable = type === 'text/csv'
  return new Response(body, {
    headers: {
      'content-type': isTable ? `${type}; charset=utf-8; header=present` : type,
      ...(isTable ? { 'content-disposition': `attachment; filename="${name}.csv"` } : {}),
    },
  })
}
