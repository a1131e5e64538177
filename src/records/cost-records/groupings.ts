// What totals can be grouped by: fields, periods of a calendar, and keys of the metadata.

import { InvalidRecordError } from '../../errors.ts'
import { type CalendarUnit, calendarUnits } from '../../values/time-zone.ts'
import { type CostGrouping, costGroupings } from './enums.ts'

const METADATA = 'metadata.'
/** Characters that SQL would need another notation for, on one engine or another. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const unfit = /["'\\\u0000-\u001f]/

/** @throws InvalidRecordError for an unknown grouping, or one given twice */
export function checkGroupings(by: unknown): readonly CostGrouping[] {
  const groupings: readonly unknown[] = Array.isArray(by) ? by : [by]
  if (!groupings.every(isGrouping) || new Set(groupings).size !== groupings.length) {
    const message = `must be a list of ${costGroupings.join(', ')} or metadata.KEY, each at most once`
    throw new InvalidRecordError('totals', [{ path: ['by'], code: 'grouping', message }])
  }
  return groupings
}

function isGrouping(value: unknown): value is CostGrouping {
  if (costGroupings.includes(value as (typeof costGroupings)[number])) return true
  if (typeof value !== 'string' || !value.startsWith(METADATA)) return false
  const key = value.slice(METADATA.length)
  return key !== '' && key.length <= 255 && key.isWellFormed() && !unfit.test(key)
}

/** The key of the metadata that a grouping names; undefined for any other grouping. */
export function metadataKeyOf(grouping: CostGrouping): string | undefined {
  return grouping.startsWith(METADATA) ? grouping.slice(METADATA.length) : undefined
}

/** Whether a grouping is by a period of the calendar. */
export function isPeriod(grouping: CostGrouping): grouping is CalendarUnit {
  return calendarUnits.includes(grouping as CalendarUnit)
}

/**
 * The value of a key of the metadata, from its JSON text: a text as it is, anything else as its
 * JSON. Null if there is none.
 */
export function metadataValue(json: string | null): string | null {
  if (json === null || json === 'null') return null
  const [first] = json.trimStart()
  if (first !== '"' && first !== '{' && first !== '[') return json
  const value: unknown = JSON.parse(json)
  return typeof value === 'string' ? value : JSON.stringify(value)
}
