// The query of a request as the values that repositories take: texts, numbers, truth values and
// lists, by what a field or an option is.

import type { z } from 'zod'
import type { RecordDefinition } from '../../records/model/define-record.ts'
import type { OptionRules } from '../../records/repository/arguments.ts'
import { invalidRequest } from '../answers/request-error.ts'

/** Keys with one value or several, in the order of the query. */
export type Query = ReadonlyMap<string, readonly string[]>

/** The most keys of a query, and the most values of all of them. */
const MAX_VALUES = 1000

/** @throws RequestError for too many values */
export function readQuery(url: URL): Query {
  const query = new Map<string, string[]>()
  let count = 0
  for (const [key, value] of url.searchParams) {
    count += 1
    if (count > MAX_VALUES) throw invalidRequest([], 'query', `the query has more than ${MAX_VALUES} values`)
    const values = query.get(key)
    if (values) values.push(value)
    else query.set(key, [value])
  }
  return query
}

/** Options whose rules are inside of the verbs that take them. */
const numbers: ReadonlySet<string> = new Set(['limit', 'from', 'to'])
const lists: ReadonlySet<string> = new Set(['by', 'records'])
const places: ReadonlySet<string> = new Set(['before', 'after'])
/** Filters that are no fields, and no texts. */
const truths: ReadonlySet<string> = new Set(['tree', 'resumed'])

/**
 * The value of an option. What cannot be read stays text, and the verb's own rule refuses it.
 * @throws RequestError for a key that is given twice
 */
export function optionValue(
  name: string,
  values: readonly string[],
  rule: OptionRules[string] | undefined,
): unknown {
  if (lists.has(name)) return values.flatMap((value) => value.split(','))
  const value = only(name, values)
  if (name === 'expectedHead') return headOf(value)
  if (places.has(name)) return placeOf(value)
  const type = typeOf(rule)
  if (type === 'boolean') return truthOf(value)
  return type === 'number' || type === 'int' || numbers.has(name) ? numberOf(value) : value
}

/**
 * The filters, or the options, in the key of that name, as JSON, for values that are no texts.
 * @throws RequestError for anything else
 */
export function exactly(key: 'filter' | 'options', values: readonly string[] | undefined): object {
  if (values === undefined) return {}
  const given = parsed(only(key, values))
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given
  throw invalidRequest([key], 'type', 'must be a JSON object of names and values')
}

/** A place in a channel: a cursor, or the id and the time of a message as JSON. */
function placeOf(value: string): unknown {
  return value.startsWith('{') ? (parsed(value) ?? value) : value
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The value of a filter: several mean any of them. */
export function filterValue(
  name: string,
  values: readonly string[],
  { columns }: Pick<RecordDefinition, 'columns'>,
): unknown {
  if (lists.has(name)) return values.flatMap((value) => value.split(','))
  if (truths.has(name)) return truthOf(only(name, values))
  const kind = columns.find(({ field, spec }) => field === name && spec.filterable)?.kind
  const read = kind === 'boolean' ? truthOf : kind === 'integer' ? numberOf : (value: string) => value
  const [first] = values
  return values.length === 1 && first !== undefined ? read(first) : values.map(read)
}

/** @throws RequestError for a key that is given twice */
export function only(name: string, values: readonly string[]): string {
  const [first] = values
  if (values.length === 1 && first !== undefined) return first
  throw invalidRequest([name.slice(0, 60)], 'repeated', 'is given more than once')
}

function truthOf(value: string): unknown {
  return value === 'true' ? true : value === 'false' ? false : value
}

function numberOf(value: string): unknown {
  return /^-?\d{1,15}(\.\d{1,15})?$/.test(value) ? Number(value) : value
}

/** A head of the audit trail in a query: its number, a colon, its hash; or its hash alone. */
function headOf(value: string): unknown {
  if (/^[0-9a-f]{64}$/.test(value)) return value
  const [, sequence, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(value) ?? []
  if (sequence === undefined) {
    const message = 'must be the number of the head, a colon and its hash: 12:9f86…'
    throw invalidRequest(['expectedHead'], 'head', message)
  }
  return { sequence: Number(sequence), hash }
}

/** The type behind what may be omitted or null. */
function typeOf(rule: z.ZodType | undefined): string | undefined {
  let inner = rule as unknown as { readonly def?: { readonly type?: string; readonly innerType?: unknown } }
  while (inner?.def?.innerType !== undefined) inner = inner.def.innerType as typeof inner
  return inner?.def?.type
}
