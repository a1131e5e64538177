// What all list commands share: paging flags, the JSON form { items, nextCursor, summary }, the
// lines below a list, and the output for an empty list.

import type { ListOrder, Page } from '../../index.ts'
import type { Call, Outcome } from '../run/command.ts'
import { UsageError } from '../run/failure.ts'
import { reportCorrupt } from '../run/unreadable.ts'
import { commandLine, withFlag } from '../screen/command-line.ts'
import type { Screen } from '../screen/screen.ts'
import { counted, grouped } from '../screen/text.ts'
import { text, texts, time, toggle, under, whole, word, words } from './flags.ts'

const DEFAULT_LIMIT = 25

/** The most records of a page. */
const MAX_LIMIT = 1000

export const pagingFlags = under('Paging:', {
  limit: whole('n', `at most this many, 1 to 1000 (default ${DEFAULT_LIMIT})`, { min: 1, short: 'n' }),
  all: toggle('everything that there is, in one list'),
  cursor: text('cursor', 'go on after a page, with its nextCursor and the same filters'),
})

/** Paging of a list that can be read in either direction. */
export function orderedPaging(usual: 'oldest' | 'newest') {
  const order = word(
    ['asc', 'desc'],
    `asc has the oldest first, desc the newest (default: the ${usual} first)`,
  )
  return { ...pagingFlags, ...under('Paging:', { order }) }
}

/** Filters of mutable records, by the times of their creation and last change. */
export function changeFilters(noun: string) {
  return {
    since: time(
      `only ${noun} made from then on: a time with offset, a date (UTC), or an age such as 7d or 24h`,
      { field: 'since' },
    ),
    until: time(`only ${noun} made before then`, { field: 'until' }),
    updatedAfter: time(`only ${noun} last changed after then`, { field: 'updatedAfter' }),
    updatedBefore: time(`only ${noun} last changed before then`, { field: 'updatedBefore' }),
  }
}

interface PagingValues {
  readonly limit: number | undefined
  readonly all: boolean
  readonly cursor: string | undefined
  readonly order?: ListOrder | undefined
}

interface Asked {
  readonly limit: number
  readonly cursor: string | undefined
  readonly order?: ListOrder | undefined
}

/**
 * The page that the flags request; with --all everything from there on, as one page.
 * @throws UsageError if both a limit and everything are requested
 */
export async function readPage<T, P extends Page<T>>(
  { limit, all, cursor, order }: PagingValues,
  read: (page: Asked) => Promise<P>,
): Promise<P> {
  const inOrder = order === undefined ? {} : { order }
  if (!all) return read({ limit: limit ?? DEFAULT_LIMIT, cursor, ...inOrder })
  if (limit !== undefined) throw new UsageError('--all and --limit exclude each other')
  const first = await read({ limit: MAX_LIMIT, cursor, ...inOrder })
  const [items, corrupt] = [[...first.items], [...first.corrupt]]
  for (let next = first.nextCursor; next !== null; ) {
    const page = await read({ limit: MAX_LIMIT, cursor: next, ...inOrder })
    for (const item of page.items) items.push(item)
    corrupt.push(...page.corrupt)
    next = page.nextCursor
  }
  return { ...first, items, corrupt, nextCursor: null }
}

/**
 * `--without assignee`: only records that have no value there. `fields` names the field behind each
 * word.
 */
export function withoutFlag<const W extends string>(fields: Readonly<Record<W, string>>, noun: string) {
  return words(Object.keys(fields) as W[], `only ${noun} that have none`)
}

/** A filter flag that takes several values: any of them. */
export function anyOf(metavar: string, description: string, field: string) {
  return texts(metavar, description, { field })
}

/**
 * Adds "has none" conditions to a filter.
 * @throws UsageError if the filter requests a value of the same field
 */
export function addAbsent<W extends string>(
  filter: Record<string, unknown>,
  without: readonly W[],
  fields: Readonly<Record<W, string>>,
): Record<string, unknown> {
  const asked = without.find((name) => fields[name] in filter)
  if (asked !== undefined) throw new UsageError(`--without ${asked} and a filter by it exclude each other`)
  return { ...filter, ...Object.fromEntries(without.map((name) => [fields[name], null])) }
}

export interface Listing<T> {
  readonly page: Page<T>
  /** How many records match the filter in total; null if counting would cost more than the page. */
  readonly total: number | null
  readonly noun: string
  /** If it is not the noun with an s. */
  readonly plural?: string
  /** The text for an empty list, including the next step. */
  readonly empty: string
  readonly toJson: (item: T) => unknown
  readonly show: (items: readonly T[], screen: Screen) => readonly string[]
  /** More keys for `data`. */
  readonly more?: Readonly<Record<string, unknown>>
  /** A line above the list. */
  readonly heading?: string | undefined
  /** Lines below everything else. */
  readonly hints?: readonly string[]
}

/** What a list prints: its rows, and the command that shows the next page. */
export function listOutcome<T>(call: Pick<Call, 'note' | 'argv'>, listing: Listing<T>): Outcome {
  const { page, total } = listing
  reportCorrupt(page.corrupt, call.note)
  return {
    data: {
      items: page.items.map(listing.toJson),
      nextCursor: page.nextCursor,
      summary: { shown: page.items.length, total },
      ...listing.more,
    },
    show: (screen) => {
      if (page.items.length === 0 && page.corrupt.length === 0) return screen.quiet ? '' : listing.empty
      const lines = [...listing.show(page.items, screen)]
      if (screen.quiet) return lines.join('\n')
      if (listing.heading !== undefined) lines.unshift(screen.paint.bold(listing.heading), '')
      return [...lines, '', ...footer(call.argv, screen, listing), ...(listing.hints ?? [])].join('\n')
    },
  }
}

function footer<T>(
  argv: readonly string[],
  screen: Screen,
  { page, total, noun, plural }: Listing<T>,
): readonly string[] {
  const shown = page.items.length
  const amount =
    total === null || total <= shown
      ? counted(shown, noun, plural)
      : `${grouped(shown)} of ${counted(total, noun, plural)}`
  if (page.nextCursor === null) return [screen.paint.dim(amount)]
  const next = commandLine(screen, withFlag(argv, '--cursor', page.nextCursor))
  return [screen.paint.dim(`${amount}; the next page:`), `  ${next}`]
}
