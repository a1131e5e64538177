// What callers pass as plain JSON: times as ISO 8601, bytes as base64 where a record has bytes.
// What JSON cannot hold is refused here, as it would silently become something else.

import { InvalidRecordError, type Issue } from '../errors.ts'

/** Deeper than any valid input; the server refuses what is below. */
const MAX_DEPTH = 100

/**
 * @param subject what is converted, for the message
 * @param bytes the names of the fields, at the top, that hold bytes
 * @throws InvalidRecordError with everything that JSON cannot hold
 */
export function plain(input: unknown, subject: string, bytes: readonly string[] = []): unknown {
  const issues: Issue[] = []
  const around = new Set<object>()
  const refuse = (path: Issue['path'], code: string, message: string) => {
    issues.push({ path, code, message })
    return null
  }
  const convert = (value: unknown, path: Issue['path']): unknown => {
    switch (typeof value) {
      case 'string':
      case 'boolean':
      case 'undefined':
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
      const time = Date.prototype.getTime.call(value)
      return Number.isNaN(time)
        ? refuse(path, 'instant', 'must be a valid time')
        : new Date(time).toISOString()
    }
    if (value instanceof Uint8Array) {
      const [field] = path
      if (path.length === 1 && bytes.includes(String(field))) return base64Of(value)
      return refuse(path, 'type', 'must be a value of JSON, is bytes')
    }
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
