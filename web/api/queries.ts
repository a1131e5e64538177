// Reads for pages: cached, shared, and read again when the feed says that records of their kind
// have changed.

import {
  keepPreviousData,
  QueryClient,
  type UseInfiniteQueryResult,
  type UseQueryResult,
  useInfiniteQuery,
  useQuery,
} from '@tanstack/preact-query'
import type { ChangedRecord } from '../../src/index.ts'
import { get, type Query, urlOf } from './client.ts'
import { Problem } from './problem.ts'
import type { Commit, Page } from './records.ts'

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      placeholderData: keepPreviousData,
      retry: (count, error) => error instanceof Problem && isPassing(error) && count < 4,
      retryDelay: (count) => Math.min(400 * 2 ** count, 8_000),
    },
  },
})

function isPassing({ status }: Problem): boolean {
  return status === 0 || status === 429 || status >= 500
}

interface ReadOptions {
  readonly query?: Query
  /** The kinds of records that the answer depends on. */
  readonly records: readonly ChangedRecord[]
  /** Milliseconds after which time alone may have changed the answer. */
  readonly every?: number
  readonly enabled?: boolean
}

export function useRead<T>(path: string, options: ReadOptions): UseQueryResult<T, Problem> {
  const { query, records, every, enabled = true } = options
  return useQuery<T, Problem>({
    queryKey: [urlOf(path, query)],
    queryFn: ({ signal }) => get<T>(path, query, signal),
    meta: { records },
    refetchInterval: every ?? false,
    enabled,
  })
}

/** A list, page after page: `fetchNextPage` reads on. */
export function usePages<Item>(
  path: string,
  { query, records, enabled = true }: ReadOptions,
): { readonly items: readonly Item[]; readonly list: UseInfiniteQueryResult<unknown, Problem> } {
  const list = useInfiniteQuery({
    queryKey: ['pages', urlOf(path, query)],
    queryFn: ({ pageParam, signal }) =>
      get<Page<Item>>(path, { ...query, cursor: pageParam ?? undefined }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    meta: { records },
    enabled,
  })
  const items = list.data?.pages.flatMap((page) => page.items) ?? []
  return { items, list: list as UseInfiniteQueryResult<unknown, Problem> }
}

/** Milliseconds from a change until what depends on it is read again. */
const SOON = 120
/** Milliseconds between two such times. */
const PACE = 1_000

let changed = new Set<string>()
let lastTime = 0

/** Reads again what depends on these records; a burst of changes is read once. */
export function readAgain({ changes }: Commit): void {
  const isFirst = changed.size === 0
  for (const { record } of changes) changed.add(record)
  if (isFirst) setTimeout(readChanged, Math.max(SOON, lastTime + PACE - Date.now()))
}

function readChanged(): void {
  const records = changed
  changed = new Set()
  lastTime = Date.now()
  const dependsOn = (meta: Record<string, unknown> | undefined) =>
    (meta?.records as readonly string[] | undefined)?.some((name) => records.has(name)) ?? false
  void queries.invalidateQueries({ predicate: ({ meta }) => dependsOn(meta) })
}

export function readEverythingAgain(): void {
  void queries.invalidateQueries()
}
