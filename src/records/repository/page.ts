// Pages and their cursors. A cursor is the position of a row in an order (keyset), never an offset,
// so it survives inserts and deletes. It carries a fingerprint of its query, and is refused for any
// other query or if it was changed.

import { createHash } from 'node:crypto'
import type { WireValue } from '../../engines/contract/engine.ts'
import { InvalidRecordError } from '../../errors.ts'
import { checkedLater } from './arguments.ts'

export const DEFAULT_LIMIT = 100
export const MAX_LIMIT = 1000

/** The directions in which a list can be read. */
export const listOrders = ['asc', 'desc'] as const
/** `asc`: the oldest first; `desc`: the newest first. */
export type ListOrder = (typeof listOrders)[number]

/**
 * How a list is read: `asc` the oldest first, `desc` the newest first; the list's default order if
 * omitted.
 */
export interface OrderRequest {
  readonly order?: ListOrder | undefined
}

/**
 * Which part of a list: at most `limit` records (1 to 1000, 100 by default), after `cursor`, which
 * belongs to one filter and order.
 */
export interface PageRequest extends OrderRequest {
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

/** The keys of a request; the values are checked where they are used. */
export const orderOptions = { order: checkedLater } satisfies Record<keyof OrderRequest, unknown>
export const pageOptions = {
  limit: checkedLater,
  cursor: checkedLater,
  ...orderOptions,
} satisfies Record<keyof PageRequest, unknown>

/** A row that could not be read; it is left unchanged. */
export interface CorruptRow {
  readonly table: string
  readonly id: string
  readonly column: string
}

/** One page. `nextCursor` is null on the last one; `corrupt` names the rows that were skipped. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly nextCursor: string | null
  readonly corrupt: readonly CorruptRow[]
}

/** @throws InvalidRecordError unless the limit is a whole number from 1 to 1000 */
export function checkLimit(limit: unknown): number {
  if (limit === undefined) return DEFAULT_LIMIT
  if (typeof limit === 'number' && Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit
  throw new InvalidRecordError('page', [
    { path: ['limit'], code: 'limit', message: `must be a whole number from 1 to ${MAX_LIMIT}` },
  ])
}

/** @throws InvalidRecordError unless it is a valid order */
export function checkOrder(order: unknown): ListOrder | undefined {
  if (order === undefined) return undefined
  const known = listOrders.find((each) => each === order)
  if (known !== undefined) return known
  const message = `must be one of ${listOrders.join(', ')}`
  throw new InvalidRecordError('page', [{ path: ['order'], code: 'not_allowed', message }])
}

/** The position of a row: the values of the order's columns, the key last. */
export type CursorPosition = readonly WireValue[]

const CHECK_BYTES = 9

/** @param query identifies what is listed: the table, its filters, its order */
export function encodeCursor(query: string, position: CursorPosition): string {
  const payload = Buffer.from(JSON.stringify(position.map(toJson)))
  return Buffer.concat([fingerprint(query, payload), payload]).toString('base64url')
}

/** @throws InvalidRecordError if the cursor was changed, or belongs to another query */
export function decodeCursor(query: string, cursor: unknown, length: number): CursorPosition {
  if (typeof cursor === 'string' && cursor.length < 4096) {
    const bytes = Buffer.from(cursor, 'base64url')
    const payload = bytes.subarray(CHECK_BYTES)
    const intact = bytes.subarray(0, CHECK_BYTES).equals(fingerprint(query, payload))
    if (intact && bytes.toString('base64url') === cursor) {
      const position = JSON.parse(payload.toString()) as readonly JsonCursorValue[]
      if (position.length === length) return position.map(fromJson)
    }
  }
  const message = 'is no cursor of this list; take it from nextCursor of the same call with the same filter'
  throw new InvalidRecordError('page', [{ path: ['cursor'], code: 'cursor', message }])
}

/** Values that JSON cannot represent are encoded as objects. */
type JsonCursorValue =
  | string
  | number
  | boolean
  | null
  | { readonly bigint: string }
  | { readonly time: number }

function toJson(value: WireValue): JsonCursorValue {
  if (typeof value === 'bigint') return { bigint: String(value) }
  if (value instanceof Date) return { time: value.getTime() }
  if (value instanceof Uint8Array) throw new TypeError('no order is by bytes')
  return value
}

function fromJson(value: JsonCursorValue): WireValue {
  if (typeof value !== 'object' || value === null) return value
  return 'bigint' in value ? BigInt(value.bigint) : new Date(value.time)
}

function fingerprint(query: string, payload: Uint8Array): Buffer {
  return createHash('sha256').update(query).update('\0').update(payload).digest().subarray(0, CHECK_BYTES)
}
