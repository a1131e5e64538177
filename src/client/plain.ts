// What callers pass as plain JSON: times as ISO 8601, bytes as base64 where a record has bytes.
// What JSON cannot hold is refused here, as it would silently become something else.

import { InvalidRecordError, type Issue } from '../errors.ts'

/** Deeper than any valid input; the server refuses what is below. */
const MAX_DEPTH = 100

/** What is known of the fields of an input. */
export interface What {
  /** Where it is within what the caller gave. */
  readonly at?: Issue['path']
  /** The fields that hold bytes. */
  readonly bytes?: readonly string[]
  /** The fields that are times; any may be one if omitted. */
  readonly times?: readonly string[] | undefined
  /** The fields that hold any JSON. */
  readonly json?: readonly string[] | undefined
}

/**
 * @param subject what is converted, for the message
 * @throws InvalidRecordError with everything that JSON cannot hold; it names fields only, because
 * keys below them are content
 */
export function plain(
  input: unknown,
  subject: string,
  { at = [], bytes = [], times, json = [] }: What = {},
): unknown {
  const issues: Issue[] = []
  const around = new Set<object>()
  const refuse = (path: Issue['path'], code: string, message: string) => {
    issues.push({ path: [...at, ...path.slice(0, 1)], code, message })
    return null
  }
  const convert = (value: unknown, path: Issue['path']): unknown => {
    if (path.length === 1 && bytes.includes(String(path[0])) && value !== undefined) {
      if (value instanceof Uint8Array) return base64Of(value)
      return refuse(path, 'bytes', 'must be bytes: a Uint8Array')
    }
    switch (typeof value) {
      case 'undefined':
        return path.length > 1 && json.includes(String(path[0]))
          ? refuse(path, 'json', 'must be JSON, and holds undefined')
          : value
      case 'string':
      case 'boolean':
        return value
      case 'number':
        return Number.isFinite(value) ? value : refuse(path, 'type', `must be a number, is ${value}`)
      case 'object':
        return value === null ? null : convertObject(value, path)
      default:
        return refuse(path, 'type', `must be a value of JSON, is a ${typeof value}`)
    }
  }
  const convertObject = (value: object, path: Issue['path']): unknown => {
    if (value instanceof Date) {
      // Below a field there is JSON, which has no times: they would come back as texts.
      const isTime = path.length === 0 || (path.length === 1 && (times?.includes(String(path[0])) ?? true))
      if (!isTime) return refuse(path, 'type', 'must be a value of JSON, is a time')
      const time = Date.prototype.getTime.call(value)
      return Number.isNaN(time)
        ? refuse(path, 'instant', 'must be a valid time')
        : new Date(time).toISOString()
    }
    if (value instanceof Uint8Array) return refuse(path, 'type', 'must be a value of JSON, is bytes')
    const prototype: unknown = Object.getPrototypeOf(value)
    if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) {
      return refuse(path, 'type', 'must be plain data')
    }
    if (around.has(value)) return refuse(path, 'cyclic', 'must not refer to itself')
    if (path.length > MAX_DEPTH) return refuse(path, 'json_depth', `must be at most ${MAX_DEPTH} levels deep`)
    around.add(value)
    const converted = Array.isArray(value)
      ? Array.from({ length: value.length }, (_, index) => {
          const item = convert(value[index], [...path, index])
          return item === undefined ? refuse([...path, index], 'required', 'is required') : item
        })
      : Object.fromEntries(Object.entries(value).map(([key, item]) => [key, convert(item, [...path, key])]))
    around.delete(value)
    return converted
  }
  let result: unknown
  try {
    result = convert(input, [])
  } catch {
    // A getter or a proxy may throw whatever it likes.
    refuse([], 'unreadable_input', 'cannot be read: reading it throws')
  }
  if (issues.length > 0) throw new InvalidRecordError(subject, issues)
  return result
}

/** Bytes of one call of `fromCharCode`: it takes them as arguments. */
const PIECE = 32_768

export function base64Of(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += PIECE) {
    text += String.fromCharCode(...bytes.subarray(at, at + PIECE))
  }
  return btoa(text)
}

export function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}
