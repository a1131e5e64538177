// Filters by a text pattern: `*` matches any characters, `?` one, everything else itself, case
// included.

import { parseOrThrow } from '../model/issues.ts'
import { nameRule } from '../model/rules.ts'
import type { OwnFilter } from './filters.ts'

/** A filter by a pattern with `*` and `?`. */
export function patternOf(field: string): OwnFilter {
  return (name, filter, { plural, table, column, matching }) => {
    const pattern = parseOrThrow(`filter of ${plural}`, nameRule, filter[name], [name])
    const query = matching.like(`${table}.${column(field)}`, pattern)
    return { conditions: [], extra: { key: `like ${field}`, query } }
  }
}
