// What to prune: ages or instants by kind, from a call or the configuration, checked and converted
// to instants.

import { isDate } from 'node:util/types'
import { InvalidRecordError, type Issue } from '../errors.ts'
import { DAY, MIN_INSTANT, parseAge, parseInstant } from '../values/instant.ts'

/** The kinds that can be pruned, in execution order. */
export const retentionKinds = ['messages', 'costs', 'audit'] as const
export type RetentionKind = (typeof retentionKinds)[number]

/**
 * How far back each kind is kept: an age (`90d`, `24h`, `2w`, `2y`: 365 days each), or the instant
 * before which records are deleted, as a Date or an ISO 8601 string with an offset. A kind that is
 * omitted, or null, is not pruned.
 */
export type RetentionRequest = { readonly [K in RetentionKind]?: string | Date | null | undefined }

/**
 * The minimum age. A repeated append (by its key, by its id) relies on the existing record: if that
 * was pruned, the record is stored, and counted, again.
 */
const LEAST_AGE = DAY

const AGE_WORDS = 'an age such as 90d, 24h, 2w or 1y'

/** @throws InvalidRecordError that names every invalid kind, or says that there is none */
export function cutoffsOf(request: RetentionRequest, now: Date): ReadonlyMap<RetentionKind, Date> {
  if (typeof request !== 'object' || request === null) {
    throw invalid([{ path: [], code: 'type', message: 'must be an object of kinds and ages' }])
  }
  const issues: Issue[] = []
  const cutoffs = new Map<RetentionKind, Date>()
  for (const kind of retentionKinds) {
    const given: unknown = request[kind]
    if (given === undefined || given === null) continue
    const before = instantOf(given, now)
    const message =
      before === undefined
        ? `must be ${AGE_WORDS}, or an instant (a Date, or an ISO 8601 string with an offset)`
        : now.getTime() - before.getTime() < LEAST_AGE
          ? 'must be at least a day ago: what is younger may still be repeated by its key or id'
          : undefined
    if (message !== undefined) issues.push({ path: [kind], code: 'retention', message })
    else cutoffs.set(kind, before as Date)
  }
  if (issues.length > 0) throw invalid(issues)
  if (cutoffs.size > 0) return cutoffs
  const message = `nothing says what to remove: give an age for ${retentionKinds.join(', ')}, or configure \`retention\``
  throw invalid([{ path: [], code: 'retention', message }])
}

function instantOf(given: unknown, now: Date): Date | undefined {
  const time = timeOf(given, now)
  return time >= MIN_INSTANT ? new Date(time) : undefined
}

function timeOf(given: unknown, now: Date): number {
  // Not by `instanceof`, which asks what was given.
  if (isDate(given)) return Date.prototype.getTime.call(given)
  if (typeof given !== 'string') return Number.NaN
  const age = parseAge(given)
  return Number.isNaN(age) ? parseInstant(given) : now.getTime() - age
}

/** @throws InvalidRecordError */
export function checkMaxRows(maxRows: unknown, usual: number): number {
  if (maxRows === undefined) return usual
  if (typeof maxRows === 'number' && Number.isSafeInteger(maxRows) && maxRows >= 1) return maxRows
  throw invalid([{ path: ['maxRows'], code: 'retention', message: 'must be a whole number of at least 1' }])
}

function invalid(issues: readonly Issue[]): InvalidRecordError {
  return new InvalidRecordError('retention', issues)
}
