// Positions as callers see them: opaque text with the number of a row of the feed and its time,
// bound to the database. A position of another database, or one that was changed, is refused; the
// time tells a database that was put back to an earlier state, where the number means another row.

import { hash } from 'node:crypto'
import { InvalidRecordError } from '../errors.ts'

/**
 * A row of the feed by its number, with its time in milliseconds if that is known. 0 is before the
 * first row.
 */
export interface FeedPosition {
  readonly number: bigint
  readonly time: number | undefined
}

export const BEGINNING: FeedPosition = { number: 0n, time: 0 }

const CHECK_LENGTH = 12
const form = /^([0-9a-z]{1,13})\.([0-9a-z]{1,11}|-)\.([\w-]{12})$/

/** @param database identifies the database; see `Engine.uniqueKey` */
export function encodePosition(database: string, { number, time }: FeedPosition): string {
  const payload = `${number.toString(36)}.${time === undefined ? '-' : time.toString(36)}`
  return `${payload}.${checkOf(database, payload)}`
}

/** @throws InvalidRecordError for what is no position of this database */
export function decodePosition(database: string, position: unknown): FeedPosition {
  const [, number, time, check] = (typeof position === 'string' && form.exec(position)) || []
  if (number !== undefined && time !== undefined && check === checkOf(database, `${number}.${time}`))
    return { number: fromBase36(number), time: time === '-' ? undefined : Number.parseInt(time, 36) }
  throw new InvalidRecordError('changes', [
    {
      path: ['after'],
      code: 'position',
      message:
        'is no position of this database; take one from a change, from read or from head of the same database',
    },
  ])
}

function checkOf(database: string, payload: string): string {
  return hash('sha256', `purser changes\0${database}\0${payload}`, 'base64url').slice(0, CHECK_LENGTH)
}

function fromBase36(text: string): bigint {
  let value = 0n
  for (const digit of text) value = value * 36n + BigInt(Number.parseInt(digit, 36))
  return value
}
