// The arguments of a verb as a request: the key in the path, the version in `If-Match`, the rest in
// the query of a read or the body of a change.

import { InvalidRecordError, type Issue } from '../errors.ts'
import { plain, type What } from './plain.ts'
import { fieldsOf } from './revive.ts'
import type { Route, Taken } from './route.ts'
import type { Asked } from './send.ts'

/** A request, and the signals that the caller gave to it. */
export interface Call extends Asked {
  readonly signals: readonly AbortSignal[]
}

type Data = Readonly<Record<string, unknown>>

/** @throws InvalidRecordError for what no request can say; everything else the server refuses */
export function callOf(route: Route, given: readonly unknown[]): Call {
  return new Building(route).build(given)
}

class Building {
  readonly #route: Route
  readonly #query = new URLSearchParams()
  readonly #body: Record<string, unknown> = {}
  /** Options that are no texts, for the query. */
  readonly #options: Record<string, unknown> = {}
  readonly #headers: Record<string, string> = {}
  readonly #signals: AbortSignal[] = []
  /** Everything beside the record or the records, which are the body. */
  readonly #byQuery: boolean
  #id: string | undefined
  #record: unknown
  /** The record has its key, by which the server knows a repeated call. */
  #isKeyed = false
  /** The same, if the option `idempotent` is given. */
  #keyByOption = false

  constructor(route: Route) {
    this.#route = route
    const { method, takes } = route
    const hasRecord = takes.some(({ kind }) => kind === 'record' || kind === 'records')
    this.#byQuery = method === 'GET' || method === 'DELETE' || hasRecord
  }

  build(given: readonly unknown[]): Call {
    const { method, takes, path, isRead, deletesAny } = this.#route
    for (const [index, taken] of takes.entries()) this.#take(taken, given[index])
    for (const rest of given.slice(takes.length)) {
      if (rest !== undefined) this.#optionsIn(rest, [])
    }
    if (deletesAny) this.#headers['if-match'] ??= '*'
    if (Object.keys(this.#options).length > 0) this.#query.set('options', JSON.stringify(this.#options))
    const query = String(this.#query)
    const body =
      this.#record ?? (this.#byQuery || Object.keys(this.#body).length === 0 ? undefined : this.#body)
    return {
      method,
      path: `${path.replace('{id}', this.#id ?? '')}${query === '' ? '' : `?${query}`}`,
      headers: this.#headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      isRepeatable: isRead || this.#isKeyed || this.#headers['if-match'] !== undefined,
      signals: this.#signals,
    }
  }

  #take(taken: Taken, value: unknown): void {
    switch (taken.kind) {
      case 'id':
        this.#id = segmentOf(textOf(taken.name, value, this.#subject), taken.name, this.#subject)
        return
      case 'text': {
        if (value === null && taken.nullable) return
        const text = textOf(taken.name, value, this.#subject)
        if (this.#byQuery) this.#query.set(taken.name, this.#wellFormed(taken.name, text))
        else this.#body[taken.name] = text
        return
      }
      case 'value':
        Object.assign(
          this.#body,
          plain({ [taken.name]: value }, this.#subject, { json: [taken.name], times: [] }),
        )
        return
      case 'record':
        if (this.#route.method === 'GET') this.#filter(value)
        else {
          const input = this.#objectIn(value === undefined && taken.isOmittable ? {} : value)
          this.#record = plain(input, this.#subject, { bytes: taken.bytes, ...this.#fields() })
        }
        if (taken.once !== undefined) {
          const { field, byOption } = taken.once
          const hasKey = typeof (value as Data | undefined)?.[field] === 'string'
          // With an option, its argument says whether it counts.
          this.#isKeyed = hasKey && !byOption
          this.#keyByOption = hasKey && byOption
        }
        return
      case 'records':
        if (!Array.isArray(value)) throw this.#fault([], 'type', 'must be a list')
        this.#record = value.map((each, index) =>
          plain(each, this.#subject, { at: [index], ...this.#fields() }),
        )
        return
      case 'filter':
        if (value === undefined) return
        if (this.#byQuery) this.#filter(value)
        else Object.assign(this.#body, plain(this.#objectIn(value), `filter of ${this.#subject}`))
        return
      case 'base':
        this.#base(value, taken.names)
        return
      case 'options':
        if (value !== undefined) this.#optionsIn(value, taken.names, taken.signals)
        return
      default:
        taken satisfies never
    }
  }

  /** What the fields of the record are; nothing if an input is about something else. */
  #fields(): Pick<What, 'times' | 'json'> {
    const [, shape] = /^(?:items)?=(\w+)$/.exec(this.#route.places[0] ?? '') ?? []
    return shape === undefined ? {} : fieldsOf(shape)
  }

  get #subject(): string {
    return this.#route.verb
  }

  /** A version, or the whole record that has it, and options beside it. */
  #base(value: unknown, names: readonly string[]): void {
    if (typeof value !== 'object' || value === null) {
      const message = 'is required: pass the record that the change is based on, or { version: 1 }'
      throw this.#fault(['version'], 'required', message)
    }
    const { version } = value as Data
    this.#version(version)
    for (const name of names) this.#option(name, (value as Data)[name])
  }

  #version(version: unknown): void {
    if (!Number.isSafeInteger(version) || (version as number) < 1) {
      const code = version === undefined ? 'required' : 'type'
      throw this.#fault(
        ['version'],
        code,
        version === undefined ? 'is required' : 'must be a whole number from 1',
      )
    }
    this.#headers['if-match'] = `"${version}"`
  }

  #optionsIn(value: unknown, names: readonly string[], signals: readonly string[] = []): void {
    const known = [...names, ...signals]
    for (const [name, option] of Object.entries(this.#objectIn(value))) {
      if (option === undefined) continue
      if (!known.includes(name)) {
        const there = known.length === 0 ? 'there are none' : `there are ${known.join(', ')}`
        throw this.#fault([name.slice(0, 60)], 'unknown_option', `is no option; ${there} by HTTP`)
      }
      if (signals.includes(name)) this.#signal(name, option)
      else this.#option(name, option)
    }
  }

  #signal(name: string, value: unknown): void {
    if (!(value instanceof AbortSignal)) throw this.#fault([name], 'rule', 'must be an AbortSignal')
    this.#signals.push(value)
  }

  #option(name: string, value: unknown): void {
    if (value === undefined) return
    if (name === 'version' && this.#route.deletesAny) {
      this.#version(value)
      return
    }
    if (name === 'idempotent' && value === true) this.#isKeyed = this.#keyByOption
    const option = plain(value, `options of ${this.#subject}`, { at: [name] })
    if (!this.#byQuery) this.#body[name] = option
    else if (this.#route.isTexts || isPlainOption(name, option)) this.#query.set(name, String(option))
    else this.#options[name] = option
  }

  /** Texts are keys of the query; what is none is in `filter`, as JSON. */
  #filter(value: unknown): void {
    const filter = plain(this.#objectIn(value), `filter of ${this.#subject}`) as Data
    const exact: Record<string, unknown> = {}
    for (const [name, wanted] of Object.entries(filter)) {
      if (wanted === undefined) continue
      const values = [wanted].flat(1)
      // A list of one would come back as what is in it.
      const isQuery =
        values.length > (Array.isArray(wanted) ? 1 : 0) && isName(name) && values.every(isQueryValue)
      if (!isQuery) exact[name] = wanted
      else for (const each of values) this.#query.append(...pairOf(name, each))
    }
    if (Object.keys(exact).length > 0) this.#query.set('filter', JSON.stringify(exact))
  }

  /** A URL would have another character in the place of half of one. */
  #wellFormed(name: string, text: string): string {
    if (text.isWellFormed()) return text
    throw this.#fault([name], 'text', 'must not hold half of a character')
  }

  #objectIn(value: unknown): Data {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Data
    const code = value === undefined ? 'required' : 'type'
    throw this.#fault([], code, 'must be an object of fields and values')
  }

  #fault(path: Issue['path'], code: string, message: string): InvalidRecordError {
    return new InvalidRecordError(this.#subject, [{ path, code, message }])
  }
}

/** Names that mean something else in a query. */
const reserved: ReadonlySet<string> = new Set(['filter', 'options', 'without', 'limit', 'cursor', 'order'])

function isName(name: string): boolean {
  return /^\w+$/.test(name) && !reserved.has(name)
}

/** A text that the query gives back as it is, or null. */
function isQueryValue(value: unknown): boolean {
  return value === null || (typeof value === 'string' && value.isWellFormed())
}

function pairOf(name: string, value: unknown): [string, string] {
  return value === null ? ['without', name] : [name, String(value)]
}

/** An option that the query gives back as it is. */
function isPlainOption(name: string, value: unknown): boolean {
  if (typeof value === 'number') return name === 'limit' && Number.isSafeInteger(value) && value >= 0
  // A text that begins otherwise could be read as a number or a truth value.
  return (
    name !== 'limit' &&
    isQueryValue(value) &&
    /^[A-Za-z]/.test(String(value)) &&
    !/^(true|false)$/.test(String(value))
  )
}

function textOf(name: string, value: unknown, subject: string): string {
  if (typeof value === 'string') return value
  const [code, message] = value === undefined ? ['required', 'is required'] : ['type', 'must be a string']
  throw new InvalidRecordError(subject, [{ path: [name], code, message }])
}

/** A key as a part of a path. `.` and `..` mean folders in every URL, however they are encoded. */
function segmentOf(id: string, name: string, subject: string): string {
  if (id !== '' && id !== '.' && id !== '..' && id.isWellFormed()) return encodeURIComponent(id)
  throw new InvalidRecordError(subject, [
    {
      path: [name],
      code: 'path',
      message: 'cannot be in a path: by HTTP it must not be empty, . or .. or ill-formed',
    },
  ])
}
