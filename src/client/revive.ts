// Answers as the library gives them: times are dates, bytes are bytes. Where they are is in
// routes.ts; everything else is as JSON has it.

import { bytesOf } from './plain.ts'
import { jsonFields, shapeOfResource, shapes } from './routes.ts'

type Data = Record<string, unknown>

/** @param places as in routes.ts; lists are passed through. Changes `value` itself */
export function revive<T>(value: T, places: readonly string[]): T {
  for (const place of places) {
    const [, path = '', end = ''] = /^([^=:]*)(.*)$/.exec(place) ?? []
    if (path === '') reviveRecords(value, end.slice(1))
    else at(value, path.split('.'), end)
  }
  return value
}

/** A record by the name of its kind in paths: `tasks`. */
export function reviveOf<T>(record: T, resource: string): T {
  const shape = (shapeOfResource as Readonly<Record<string, string>>)[resource]
  if (shape !== undefined) reviveRecords(record, shape)
  return record
}

const placesOf = new Map(Object.entries(shapes).map(([name, places]) => [name, places.split(' ')]))

/** The fields of a record that are times, and those of any JSON. */
export function fieldsOf(shape: string): {
  readonly times: readonly string[]
  readonly json: readonly string[]
} {
  const json = (jsonFields as Readonly<Record<string, string>>)[shape]
  const times = (placesOf.get(shape) ?? []).filter((place) => /^\w+$/.test(place))
  return { times, json: json?.split(' ') ?? [] }
}

function reviveRecords(value: unknown, shape: string): void {
  if (Array.isArray(value)) for (const each of value) reviveRecords(each, shape)
  else if (typeof value === 'object' && value !== null) revive(value, placesOf.get(shape) ?? [])
}

function at(value: unknown, [name = '', ...rest]: readonly string[], end: string): void {
  if (Array.isArray(value)) {
    for (const each of value) at(each, [name, ...rest], end)
    return
  }
  if (typeof value !== 'object' || value === null) return
  const member = (value as Data)[name]
  if (rest.length > 0) at(member, rest, end)
  else if (end.startsWith('=')) reviveRecords(member, end.slice(1))
  else if (typeof member === 'string')
    (value as Data)[name] = end === ':bytes' ? bytesOf(member) : new Date(member)
}
