// How a record begins: in a state that no move leads to, and without any value that only its verbs
// write. A record with a history elsewhere is taken over as of an instant: the input gives its
// state and the times that belong to it. The definitions say which fields are historic.

import { InvalidRecordError, type Issue } from '../../errors.ts'
import type { RecordDefinition } from './define-record.ts'
import { instantRule } from './rules.ts'

/** For importers. */
export interface AsOf {
  /**
   * The input describes the record at this instant (a Date, or an ISO 8601 string with an offset;
   * not in the future): any state that a record of its kind can have is allowed. `createdAt` is the
   * earliest time that the input names, else this instant; `updatedAt` is this instant. The audit
   * entry says that the record was taken over.
   */
  readonly asOf: Date | string
}

/** A record that begins now has no "as of" instant. */
export interface BeginsNow {
  readonly asOf?: undefined
}

/** Either. */
export interface PerhapsAsOf {
  readonly asOf?: AsOf['asOf'] | undefined
}

export const asOfOption = { asOf: instantRule }

type Values = Record<string, unknown>

/**
 * Makes a checked input a new record, created now.
 * @throws InvalidRecordError if it claims a history
 */
export function beginNow(definition: RecordDefinition, record: Values, now: Date): void {
  const issues = definition.historic.flatMap(([path, { spec }]): Issue[] => {
    const first = spec.initial ?? null
    if (record[path] === first) return []
    // Enumeration values and counts are shown; texts and times are content.
    const given = spec.values !== undefined || spec.kind === 'integer' ? `, not ${String(record[path])}` : ''
    const message = `must be ${first ?? 'left out'} in a new ${definition.name}${given}`
    return [{ path: [path], code: 'beginning', message }]
  })
  record.createdAt = now
  record.updatedAt = now
  const last = issues.pop()
  if (last === undefined) return
  const verbs = definition.life?.verbs.join(', ')
  const advice = `make it so and move it on (${verbs}), or take it over as of an instant (asOf)`
  throw new InvalidRecordError(definition.name, [
    ...issues,
    { ...last, message: `${last.message}; ${advice}` },
  ])
}

/**
 * Turns a checked input into the record as it was at an instant.
 * @throws InvalidRecordError if a time of the record is after the instant, or before its creation
 */
export function takeOver(definition: RecordDefinition, record: Values, asOf: Date): void {
  const belonging = new Set(definition.life?.timesOf?.(record))
  const named: (readonly [string, Date])[] = []
  for (const [field] of definition.historic) {
    const value = record[field]
    if (value instanceof Date) named.push([field, value])
    else if (belonging.has(field)) record[field] = asOf
  }
  const issues = named
    .filter(([, time]) => time > asOf)
    .map(([field]): Issue => ({ path: [field], code: 'after_as_of', message: 'must not be after asOf' }))
  const earliest = new Date(Math.min(Number(asOf), ...named.map(([, time]) => Number(time))))
  record.createdAt ??= earliest
  record.updatedAt = asOf
  if (issues.length === 0 && (record.createdAt as Date) > earliest) {
    const message = 'must not be after another time of the record'
    issues.push({ path: ['createdAt'], code: 'after_other', message })
  }
  if (issues.length > 0) throw new InvalidRecordError(definition.name, issues)
}

/** @throws InvalidRecordError */
export function refuseFuture({ name }: RecordDefinition, asOf: Date, now: Date): void {
  if (asOf <= now) return
  const message = 'must not be in the future: it is when the record was as it is given'
  throw new InvalidRecordError(name, [{ path: ['asOf'], code: 'future', message }])
}
