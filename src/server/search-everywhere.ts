// One search over everything: ids that begin with a text, names that contain it, and the records
// whose words can be searched.

import { InvalidRecordError } from '../errors.ts'
import type { RecordEntry } from '../records/entry.ts'
import { checkLimit, type Page } from '../records/repository/page.ts'
import type { Store } from '../store/store.ts'
import { roleFor } from './access/roles.ts'
import { exposed, resourceOf } from './routes/record-routes.ts'

/** A record that was found. */
export interface Hit {
  /** The name of its kind in paths: `tasks`. */
  readonly resource: string
  readonly id: string
  readonly record: object
}

/** Hits of each kind and of each way to find them, unless the request says otherwise. */
const DEFAULT_LIMIT = 10

/** What every reader may read. */
const searched = exposed.filter(
  (entry) => roleFor({ resource: resourceOf(entry), verb: 'get', isRead: true }) === 'reader',
)

interface Searchable {
  getMany?(ids: readonly string[]): Promise<ReadonlyMap<string, object>>
  idsFrom?(beginning: string, limit: number): Promise<readonly string[]>
  search?(text: string, ...more: readonly object[]): Promise<Page<object>>
  list?(filter: object, page: object): Promise<Page<object>>
}

/**
 * Records by id first, then by name, then by their words, newest first; each once.
 * @throws InvalidRecordError for a limit that is none
 */
export async function searchEverywhere(
  store: Store,
  text: string,
  limit: unknown,
): Promise<{ readonly items: readonly Hit[] }> {
  const most = checkLimit(limit ?? DEFAULT_LIMIT)
  const found = await Promise.all(searched.map((entry) => searchOne(store, entry, text, most)))
  const [byId, byName, byWords] = [0, 1, 2].map((way) => found.flatMap((ways) => ways[way] ?? []))
  const hits = new Map(
    [...(byId ?? []), ...(byName ?? []), ...(byWords ?? [])].map((hit) => [keyOf(hit), hit]),
  )
  return { items: [...hits.values()] }
}

function keyOf({ resource, id }: Hit): string {
  return `${resource}/${id}`
}

async function searchOne(
  store: Store,
  entry: RecordEntry,
  text: string,
  limit: number,
): Promise<readonly (readonly Hit[])[]> {
  const repository = (store as unknown as Readonly<Record<string, Searchable>>)[entry.property] as Searchable
  const key = entry.definition.key.field
  const resource = resourceOf(entry)
  const hitsOf = (records: Iterable<object>): readonly Hit[] =>
    [...records].map((record) => ({
      resource,
      id: String((record as Readonly<Record<string, unknown>>)[key]),
      record,
    }))
  return Promise.all([
    byIds(repository, text, limit).then(hitsOf),
    // A name with wildcards is a pattern as it is.
    Object.hasOwn(entry.filters, 'name') ? namedLike(repository, text, limit).then(hitsOf) : [],
    repository.search === undefined ? [] : byWords(repository, text, limit).then(hitsOf),
  ])
}

async function byIds(repository: Searchable, text: string, limit: number): Promise<Iterable<object>> {
  if (repository.idsFrom === undefined || repository.getMany === undefined || text === '') return []
  const ids = await repository.idsFrom(text, limit)
  return ids.length === 0 ? [] : (await repository.getMany(ids)).values()
}

function namedLike(repository: Searchable, text: string, limit: number): Promise<Iterable<object>> {
  return orNothing(
    async () => (await repository.list?.({ name: `*${text}*` }, { limit, order: 'desc' }))?.items ?? [],
  )
}

function byWords(repository: Searchable, text: string, limit: number): Promise<Iterable<object>> {
  // What the second argument is differs by record; all of them take an empty one.
  return orNothing(async () => (await repository.search?.(text, {}))?.items.slice(0, limit) ?? [])
}

/** A text without words, or one that is no name, finds nothing there. */
async function orNothing(look: () => Promise<readonly object[]>): Promise<readonly object[]> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof InvalidRecordError) return []
    throw error
  }
}
