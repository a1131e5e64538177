// What a request gives to a verb of a repository: the key from the path, the version from
// `If-Match`, and everything else from the query of a read or the body of a change.

import {
  type ArgumentForm,
  aFunction,
  anAbortSignal,
  type OptionRules,
} from '../../records/repository/arguments.ts'
import { invalidRequest } from '../answers/request-error.ts'
import type { RecordRoute } from '../routes/record-routes.ts'
import { decodeBytes } from './decode-bytes.ts'
import { versionIn } from './entity-tag.ts'
import { exactly, filterValue, only, optionValue, type Query } from './query.ts'

export interface Given {
  readonly id: string | undefined
  readonly query: Query
  readonly body: unknown
  readonly headers: Headers
  readonly signal: AbortSignal
}

/**
 * The arguments of the verb.
 * @throws RequestError for what the verb does not take; the values themselves are checked by the
 * verb
 */
export function readArguments(route: RecordRoute, given: Given): readonly unknown[] {
  const left: Query = new Map(given.query)
  const query = left as Map<string, readonly string[]>
  const hasRecord = route.takes.some(({ kind }) => kind === 'record' || kind === 'records')
  const inQuery = route.method === 'GET' || route.method === 'DELETE'
  const body =
    inQuery || hasRecord ? new Map<string, unknown>() : new Map(Object.entries(objectIn(given.body)))
  if (inQuery && given.body !== undefined) {
    throw invalidRequest([], 'body', 'the request must have no body: what it asks is in the query')
  }
  const fromQuery = inQuery || hasRecord
  const exactOptions = new Map<string, unknown>(
    fromQuery ? Object.entries(exactly('options', takenFrom(query, 'options'))) : [],
  )
  const take = (name: string, rule: OptionRules[string]): unknown => {
    if (!fromQuery) return takenFrom(body, name)
    if (exactOptions.has(name)) return takenFrom(exactOptions, name)
    const values = takenFrom(query, name)
    return values === undefined ? undefined : optionValue(name, values, rule)
  }
  const optionsOf = (rules: OptionRules): Record<string, unknown> => {
    const options: Record<string, unknown> = {}
    for (const [name, rule] of Object.entries(rules)) {
      if (rule === aFunction) continue
      const value = rule === anAbortSignal ? given.signal : take(name, rule)
      if (value !== undefined) options[name] = value
    }
    return options
  }
  // Options are taken before a filter, which has everything else.
  const order = [...route.takes.keys()].sort(
    (a, b) => rank(route.takes[a] as ArgumentForm) - rank(route.takes[b] as ArgumentForm),
  )
  const read: unknown[] = []
  for (const index of order) read[index] = argumentOf(route.takes[index] as ArgumentForm, index)
  refuseRest([...query.keys(), ...exactOptions.keys(), ...body.keys()], !fromQuery)
  return read

  function argumentOf(form: ArgumentForm, index: number): unknown {
    switch (form.kind) {
      case 'text': {
        if (index === 0 && route.hasId) return given.id
        const value = fromQuery ? takenFrom(query, form.name) : takenFrom(body, form.name)
        if (value === undefined) return form.nullable ? null : undefined
        return fromQuery ? only(form.name, value as readonly string[]) : value
      }
      case 'record':
        return inQuery ? restOfQuery() : decodeBytes(route.entry.definition, given.body)
      case 'records':
        return given.body
      case 'filter':
        return fromQuery ? restOfQuery() : restOfBody()
      case 'base':
        return { ...optionsOf(form.rules), version: versionIn(given.headers) }
      case 'options':
        return optionsOf(form.rules)
      case 'value':
        return takenFrom(body, form.name)
      case 'other':
        return undefined
      default:
        return form satisfies never
    }
  }

  function restOfBody(): Record<string, unknown> {
    const rest = Object.fromEntries(body)
    body.clear()
    return rest
  }

  /**
   * `without=assignedTo`: those that have none; `metadata.team=web`: by a key of JSON;
   * `filter={"metadata":{"size":3}}`: what a text cannot say.
   */
  function restOfQuery(): Record<string, unknown> {
    const { definition } = route.entry
    // A map, so that a key such as __proto__ is a key like any other.
    const exact = exactly('filter', takenFrom(query, 'filter'))
    const rest = new Map<string, unknown>(Object.entries(exact))
    const absent = takenFrom(query, 'without') ?? []
    for (const [name, values] of query) {
      const [field = '', ...key] = name.split('.')
      if (Object.hasOwn(exact, field))
        throw invalidRequest([field.slice(0, 60)], 'repeated', 'is given more than once')
      if (key.length === 0) rest.set(name, filterValue(name, values, definition))
      else rest.set(field, { ...(rest.get(field) as object), [key.join('.')]: oneOrAll(values) })
    }
    for (const name of absent) {
      const wanted = rest.get(name)
      rest.set(name, wanted === undefined ? null : [wanted, null].flat())
    }
    query.clear()
    return Object.fromEntries(rest)
  }
}

function oneOrAll(values: readonly string[]): unknown {
  return values.length === 1 ? values[0] : values
}

function rank({ kind }: ArgumentForm): number {
  return kind === 'filter' || kind === 'record' ? 1 : 0
}

function takenFrom<T>(bag: Map<string, T>, name: string): T | undefined {
  const value = bag.get(name)
  bag.delete(name)
  return value
}

function objectIn(body: unknown): object {
  if (body === undefined) return {}
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body
  throw invalidRequest([], 'type', 'the body must be an object')
}

function refuseRest(names: readonly string[], isBody: boolean): void {
  const [name] = names
  if (name === undefined) return
  const where = isBody ? 'the body' : 'the query'
  throw invalidRequest([name.slice(0, 60)], 'unknown_key', `is no key of ${where} of this request`)
}
