// The arguments of public methods: one list of rules per method, checked and copied in one place
// before the method runs. A missing argument, a wrong type or an unknown option is therefore
// refused the same way everywhere, and a method that returns a promise rejects it. Further
// constraints on values are left to the rules of each record.

import { z } from 'zod'
import { InvalidRecordError, type Issue } from '../../errors.ts'
import { copyInput, copyInputs } from '../model/copy-input.ts'
import { parseOrThrow } from '../model/issues.ts'
import type { RecordSession } from './session.ts'

/** What a call is about: for messages, and for the kind of record. */
interface Callee {
  readonly method: string
  /** The singular noun for a record. */
  readonly subject: string
  readonly fields: readonly string[]
}

/** Rules of options by their names. */
export type OptionRules = Readonly<Record<string, z.ZodType>>

/** What an argument is, for code that builds calls from requests of other forms. */
export type ArgumentForm =
  | { readonly kind: 'text'; readonly name: string; readonly nullable: boolean }
  | { readonly kind: 'record'; readonly isOmittable?: boolean }
  | { readonly kind: 'records' | 'filter' }
  | { readonly kind: 'base' | 'options'; readonly rules: OptionRules }
  | { readonly kind: 'value'; readonly name: string }
  | { readonly kind: 'other' }

export interface Argument {
  /** @returns the argument as the method receives it @throws InvalidRecordError */
  (value: unknown, callee: Callee): unknown
  readonly form: ArgumentForm
}

function argument(form: ArgumentForm, check: (value: unknown, callee: Callee) => unknown): Argument {
  return Object.assign((value: unknown, callee: Callee) => check(value, callee), { form })
}

/** A rule for an argument that the method itself checks. */
export const checkedLater = z.unknown()
export const aFunction = z.custom((value) => typeof value === 'function', 'must be a function')
export const anAbortSignal = z.custom(isAbortSignal, 'must be an AbortSignal')

/** An argument that the method itself checks. */
export const checkedInside = argument({ kind: 'other' }, (value) => value)

/** A value of any kind, which the method itself checks. */
export function anyValue(name: string): Argument {
  return argument({ kind: 'value', name }, (value) => value)
}

/** A required text: an id, a name, a reason. */
export function text(name: string): Argument {
  return argument({ kind: 'text', name, nullable: false }, (value, { subject }) =>
    typeof value === 'string' ? value : parseOrThrow(subject, z.string(), value, [name]),
  )
}

/** A text, or null for none. */
export function textOrNull(name: string): Argument {
  return argument({ kind: 'text', name, nullable: true }, (value, { subject }) =>
    parseOrThrow(subject, z.string().nullable(), value, [name]),
  )
}

/** An argument that is a list of texts. */
export function texts(name: string): Argument {
  const accepts = { test: (item: unknown) => typeof item === 'string', message: 'must be a string' }
  return argument({ kind: 'other' }, (value, { subject }) =>
    copyInputs(value, `${name} of the ${subject}`, accepts),
  )
}

/** One object of fields. */
export const record = argument({ kind: 'record' }, (value, { subject }) => objectOf(value, subject))

/** The same, and an empty one if it is omitted. */
export const recordOrNothing = argument({ kind: 'record', isOmittable: true }, (value, { subject }) =>
  value === undefined ? {} : objectOf(value, subject),
)

/** Several. */
export const records = argument({ kind: 'records' }, (value, { subject }) =>
  copyInputs(value, subject, { test: isObject, message: 'must be an object of fields and values' }),
)

/** An optional object of filters; the filter itself checks the contents. */
export const filter = argument({ kind: 'filter' }, (value, { subject }) =>
  value === undefined ? undefined : objectOf(value, `filter of the ${subject}`),
)

/** The base of a change: a version, or the whole record that has it, and options beside it. */
export function base(rules: OptionRules = {}, alsoFields: readonly string[] = []): Argument {
  return argument({ kind: 'base', rules }, (value, { subject, fields, method }) => {
    if (typeof value !== 'object' || value === null) {
      const message = 'is required: pass the record that the change is based on, or { version: 1 }'
      throw invalid(subject, ['version'], 'required', message)
    }
    const names = Object.keys(rules)
    const known = new Set([...names, ...fields, ...alsoFields, 'version', 'unreadable'])
    const given = guarded(subject, () => {
      const unknown = Object.keys(value).find((key) => !known.has(key))
      const picked = ['version', ...names].flatMap((key) =>
        key in value ? [[key, Reflect.get(value, key)]] : [],
      )
      return { unknown, picked: Object.fromEntries(picked) as Record<string, unknown> }
    })
    if (given.unknown !== undefined) throw unknownOption(method, given.unknown, ['version', ...names])
    const { version, ...options } = given.picked
    return { version, ...readOptions(method, rules, options) }
  })
}

/** An optional object of options. */
export function options(rules: OptionRules): Argument {
  return argument({ kind: 'options', rules }, (value, { method }) => readOptions(method, rules, value))
}

export const callback = argument({ kind: 'other' }, (value, { subject }) =>
  parseOrThrow(subject, aFunction, value),
)

/**
 * @param method the method that takes the options, for messages
 * @throws InvalidRecordError for an unknown option or a wrong value
 */
export function readOptions<T>(method: string, rules: OptionRules, given: T): T {
  if (given === undefined) return given
  const subject = `options of ${method}`
  if (!isObject(given)) {
    throw invalid(subject, [], 'type', 'must be an object of options')
  }
  const entries = guarded(subject, () => Object.entries(given)).filter(([, value]) => value !== undefined)
  return Object.fromEntries(
    entries.map(([name, value]) => {
      const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
      if (!rule) throw unknownOption(method, name, Object.keys(rules))
      return [name, parseOrThrow(subject, rule, copyInput(value, subject), [name])]
    }),
  ) as T
}

const checkedMethods = new WeakMap<object, readonly Argument[]>()

/** Whether `checkArguments` covers a method. */
export function checksArguments(method: object): boolean {
  return checkedMethods.has(method)
}

/**
 * The checked methods of a class and the classes that it extends, by name, with what they take.
 * Methods of the class itself come first; one that a class overrides counts once.
 */
export function signaturesOf(target: {
  readonly prototype: object
}): ReadonlyMap<string, readonly ArgumentForm[]> {
  const found = new Map<string, readonly ArgumentForm[]>()
  for (let level: object | null = target.prototype; level !== null; level = Object.getPrototypeOf(level)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      const takes = typeof value === 'function' ? checkedMethods.get(value) : undefined
      if (takes && !found.has(name))
        found.set(
          name,
          takes.map(({ form }) => form),
        )
    }
  }
  return found
}

/**
 * Registers a call with its session if that watches calls: in a transaction, where each must be
 * awaited.
 */
function watched(callee: unknown, call: unknown): unknown {
  const session = (callee as { session?: Pick<RecordSession, 'watch'> } | undefined)?.session
  return session?.watch && call instanceof Promise ? session.watch(call) : call
}

/**
 * Applies argument rules to the methods of a class, and has the session watch their calls. Each
 * method is wrapped once, for all instances.
 * @param options `throwing`: the methods return no promise and throw synchronously; `subject`: the
 * subject of messages if there is no record name
 */
export function checkArguments(
  target: { readonly name: string; readonly prototype: object },
  signatures: Readonly<Record<string, readonly Argument[]>>,
  { throwing = false, subject }: { readonly throwing?: boolean; readonly subject?: string } = {},
): void {
  for (const [method, takes] of Object.entries(signatures)) {
    const original = Reflect.get(target.prototype, method) as (...given: unknown[]) => unknown
    const checked = function (this: unknown, ...given: unknown[]): unknown {
      try {
        const callee = calleeOf(this, subject ?? target.name, method)
        for (let index = takes.length; index < given.length; index += 1) {
          if (isObject(given[index])) readOptions(method, {}, given[index])
        }
        const checked = takes.map((take, index) => take(given[index], callee))
        return watched(this, original.apply(this, checked))
      } catch (error) {
        if (throwing) throw error
        return watched(this, Promise.reject(error))
      }
    }
    Object.defineProperty(checked, 'name', { value: method })
    checkedMethods.set(checked, takes)
    Object.defineProperty(target.prototype, method, { value: checked, writable: true, configurable: true })
  }
}

function calleeOf(instance: unknown, otherwise: string, method: string): Callee {
  const definition = (instance as { definition?: { name: string; fields: object } } | undefined)?.definition
  return {
    method,
    subject: definition?.name ?? otherwise,
    get fields() {
      return Object.keys(definition?.fields ?? {})
    },
  }
}

/**
 * An array is not accepted: `ids.map(get)` would pass one by accident. Input on which even this
 * test throws is left to the code that reads it.
 */
function isObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  try {
    return !Array.isArray(value)
  } catch {
    return true
  }
}

/**
 * A genuine instance, not an object that only has its prototype: the getter rejects anything else.
 */
function isAbortSignal(value: unknown): boolean {
  try {
    return typeof Reflect.get(AbortSignal.prototype, 'aborted', value) === 'boolean'
  } catch {
    return false
  }
}

function objectOf(value: unknown, subject: string): unknown {
  if (isObject(value)) return copyInput(value, subject)
  const code = value === undefined ? 'required' : 'type'
  throw invalid(subject, [], code, 'must be an object of fields and values')
}

function guarded<T>(subject: string, read: () => T): T {
  try {
    return read()
  } catch {
    throw invalid(subject, [], 'unreadable_input', 'cannot be read: reading it throws')
  }
}

function unknownOption(method: string, name: string, names: readonly string[]): InvalidRecordError {
  const known = names.length === 0 ? 'there are none' : `there are ${names.join(', ')}`
  return invalid(`options of ${method}`, [name.slice(0, 60)], 'unknown_option', `is no option; ${known}`)
}

function invalid(subject: string, path: Issue['path'], code: string, message: string): InvalidRecordError {
  return new InvalidRecordError(subject, [{ path, code, message }])
}
