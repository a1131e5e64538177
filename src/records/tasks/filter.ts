// Filters of task lists that columns alone cannot express: a title pattern, words, and values in
// the metadata. The last two test the rows that the other filters return, so that they find the
// same on every engine.

import { z } from 'zod'
import { InvalidRecordError } from '../../errors.ts'
import type { FilterOf, OwnFilter, OwnFilters } from '../repository/filters.ts'
import { patternOf } from '../repository/pattern.ts'
import { hasAll, parseSearch } from '../repository/search.ts'
import { type ChangeRange, changeRange } from '../repository/time-range.ts'
import type { TaskFields } from './definition.ts'

/** What a metadata key may be compared with; null matches null and an absent key. */
export type MetadataValue = string | number | boolean | null

/**
 * Filters of task lists; several mean AND, a list of values means any of them, null means "has
 * none".
 */
export type TaskFilter = FilterOf<
  TaskFields,
  | 'project'
  | 'status'
  | 'assignedTo'
  | 'planId'
  | 'parentTaskId'
  | 'createdBy'
  | 'type'
  | 'priority'
  | 'estimatedComplexity'
> &
  ChangeRange & {
    /** A pattern of the title: `*` matches any characters, `?` one. */
    readonly title?: string | undefined
    /**
     * Metadata keys and their values: the same type and value, a list for any of them, null for
     * none. Objects and lists in the metadata equal nothing. They are not indexed: every task that
     * the other filters return is read.
     */
    readonly metadata?: Readonly<Record<string, MetadataValue | readonly MetadataValue[]>> | undefined
    /**
     * Words that the title or the description contains, all of them, as in `search`. Reads every
     * task that the other filters return.
     */
    readonly search?: string | undefined
  }

export const taskFilters: OwnFilters = {
  ...changeRange(),
  title: patternOf('title'),
  metadata: valuesIn('metadata'),
  search: wordsIn(['title', 'description']),
}

/** The most values one list may hold, as in other filters. */
const MAX_CHOICES = 500

const value = z.union([z.string(), z.number(), z.boolean(), z.null()])
const wanted = z.union([value, z.array(value).min(1).max(MAX_CHOICES)])

/** Top-level keys of a JSON field. A field that cannot be read matches nothing. */
function valuesIn(field: string): OwnFilter {
  return (name, filter, { plural, column, decode }) => {
    const keys = Object.entries(objectOf(name, filter[name], plural)).map(([key, given]) => {
      const parsed = wanted.safeParse(given)
      if (parsed.success) return [key, new Set([parsed.data].flat())] as const
      const message = `must be a text, a number, true, false or null, or a list of 1 to ${MAX_CHOICES} of them`
      throw new InvalidRecordError(`filter of ${plural}`, [
        { path: [name, key.slice(0, 60)], code: 'type', message },
      ])
    })
    if (keys.length === 0) return { conditions: [] }
    const test = {
      key: `${name} ${JSON.stringify(keys.map(([key, values]) => [key, ...values]))}`,
      columns: [column(field)],
      passes: ([stored = null]: readonly Parameters<typeof decode>[1][]) => {
        const read = decode(field, stored)
        if (typeof read !== 'object' || read === null) return false
        return keys.every(([key, values]) =>
          values.has(Object.hasOwn(read, key) ? Reflect.get(read, key) : null),
        )
      },
    }
    return { conditions: [], test }
  }
}

function objectOf(name: string, given: unknown, plural: string): object {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given
  const message = 'must be an object of keys and values'
  throw new InvalidRecordError(`filter of ${plural}`, [{ path: [name], code: 'type', message }])
}

/** Words of several text fields. An unreadable field has none. */
function wordsIn(fields: readonly string[]): OwnFilter {
  return (name, filter, { plural, column, decode }) => {
    const query = parseSearch(filter[name], `filter of ${plural}`, name)
    const test = {
      key: `${name} ${JSON.stringify([query.tokens, query.runs])}`,
      columns: fields.map(column),
      passes: (stored: readonly Parameters<typeof decode>[1][]) => {
        const texts = fields.map((field, index) => decode(field, stored[index] ?? null))
        return hasAll(
          query,
          texts.filter((text) => typeof text === 'string'),
        )
      },
    }
    return { conditions: [], test }
  }
}
