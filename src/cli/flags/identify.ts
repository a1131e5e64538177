// Finds the one record that a command is about, by its id or a prefix of it. If several ids have
// the prefix, they are listed; none is guessed.

import { CommandError, UsageError } from '../run/failure.ts'
import { printableLine } from '../screen/text.ts'

/** The most ids listed for an ambiguous prefix. */
const LISTED = 8

/** What finding a record needs of its repository. */
interface Findable<T> {
  get(id: string): Promise<T | null>
  idsFrom(beginning: string, limit: number): Promise<readonly string[]>
}

interface Searched {
  /** `task`. */
  readonly noun: string
  /** The command that lists them. */
  readonly list: string
  /** `id`, or `id or name`. */
  readonly by?: string
}

/**
 * The record with this id, or the only one whose id has this prefix.
 * @throws UsageError if several have it; CommandError if none has
 */
export async function identify<T>(
  records: Findable<T>,
  given: string,
  { noun, list, by = 'id' }: Searched,
): Promise<T> {
  const exact = await records.get(given)
  if (exact !== null) return exact
  const found = given === '' ? [] : await records.idsFrom(given, LISTED + 1)
  const [only] = found
  if (only !== undefined && found.length === 1) {
    const record = await records.get(only)
    if (record !== null) return record
  }
  const shown = JSON.stringify(printableLine(given))
  if (found.length > 1) {
    const ids = found.slice(0, LISTED).map(printableLine).join(', ')
    const more = found.length > LISTED ? ' and more' : ''
    throw new UsageError(
      `${shown} is the beginning of several ids: ${ids}${more}; give one of them, or more of it`,
    )
  }
  throw new CommandError(
    'RECORD_NOT_FOUND',
    `there is no ${noun} with the ${by} ${shown}; ${list} shows those there are`,
  )
}
