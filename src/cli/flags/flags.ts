// The kinds of flags a command can have. A flag is declared once: its name is its key in the set,
// its type is what `read` returns, and `field` is the field of the record that it fills or filters.
// Inputs, filters and error texts are derived from that.

import { UsageError } from '../run/failure.ts'
import { bare } from './record-names.ts'
import { readTime, readTimeAhead, TIME_FORMS, TIME_FORMS_AHEAD } from './typed-times.ts'

export interface Flag<T> {
  /** The value's placeholder in help; absent for switches. */
  readonly metavar?: string | undefined
  readonly description: string
  readonly choices?: readonly string[] | undefined
  /** The record's field. */
  readonly field?: string | undefined
  /** The heading in help under which the flag is listed. */
  readonly group?: string | undefined
  /** `off` has the form `--no-NAME`; `either` has both forms. */
  readonly form?: 'off' | 'either' | undefined
  /** A one-letter alias: `-n`. */
  readonly short?: string | undefined
  readonly initial: T
  /** @throws UsageError that says what the value must be */
  read(text: string, earlier: T): T
}

export type FlagSet = Readonly<Record<string, Flag<unknown>>>
export type FlagValues<F extends FlagSet> = {
  readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never
}

interface More {
  readonly field?: string
}

/** Any text. */
export function text(metavar: string, description: string, more: More = {}): Flag<string | undefined> {
  return { metavar, description, ...more, initial: undefined, read: (value) => value }
}

/** Several texts: the flag may be repeated. */
export function texts(metavar: string, description: string, more: More = {}): Flag<readonly string[]> {
  return {
    metavar,
    description: `${description} (may be repeated)`,
    ...more,
    initial: [],
    read: (value, earlier) => [...earlier, value],
  }
}

/** One value of an enumeration. */
export function word<const W extends string>(
  choices: readonly W[],
  description: string,
  more: More & { readonly metavar?: string } = {},
): Flag<W | undefined> {
  return {
    metavar: 'word',
    description,
    choices,
    ...more,
    initial: undefined,
    read: (value) => readWord(choices, value),
  }
}

/** Values of an enumeration, separated by commas or repeated. */
export function words<const W extends string>(
  choices: readonly W[],
  description: string,
  more: More & {
    readonly metavar?: string
    readonly initial?: readonly W[]
    /** Accepts aliases of the words. */
    readonly named?: (value: string) => W | undefined
  } = {},
): Flag<readonly W[]> {
  const { initial = [], named, ...rest } = more
  return {
    metavar: 'word,…',
    description,
    choices,
    ...rest,
    initial,
    read: (value, earlier) => [
      ...(earlier === initial ? [] : earlier),
      ...value.split(',').map((part) => named?.(part.trim()) ?? readWord(choices, part.trim())),
    ],
  }
}

/**
 * The matching value of an enumeration, also in another case, or with spaces or hyphens:
 * `In progress`.
 * @throws UsageError that lists the words
 */
export function readWord<W extends string>(choices: readonly W[], value: string): W {
  const found =
    choices.find((choice) => choice === value) ?? choices.find((choice) => bare(choice) === bare(value))
  if (found !== undefined) return found
  throw new UsageError(`must be one of ${choices.join(', ')}; is ${shown(value)}`)
}

/** A whole number. */
export function whole(
  metavar: string,
  description: string,
  more: More & { readonly min?: number; readonly max?: number; readonly short?: string } = {},
): Flag<number | undefined> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER, ...rest } = more
  return {
    metavar,
    description,
    ...rest,
    initial: undefined,
    read: (value) => {
      const number = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN
      if (number >= min && number <= max) return number
      const isBounded = max !== Number.MAX_SAFE_INTEGER || Number(value) > max
      const bounds = isBounded ? `from ${min} to ${max}` : `of at least ${min}`
      throw new UsageError(`must be a whole number ${bounds}; is ${shown(value)}`)
    },
  }
}

/** An instant, in any of the forms that people type. */
export function time(description: string, more: More = {}): Flag<Date | undefined> {
  return {
    metavar: 'time',
    description,
    ...more,
    initial: undefined,
    read: (value) => {
      const instant = readTime(value, new Date())
      if (instant) return instant
      throw new UsageError(`must be ${TIME_FORMS}; is ${shown(value)}`)
    },
  }
}

/** An instant that lies ahead: `1h` is in an hour. A time that is past is refused. */
export function timeAhead(description: string, more: More = {}): Flag<Date | undefined> {
  return {
    ...time(description, more),
    read: (value) => {
      const now = new Date()
      const instant = readTimeAhead(value, now)
      if (instant && instant > now) return instant
      const past = instant ? ', which is past' : ''
      throw new UsageError(`must be ${TIME_FORMS_AHEAD}; is ${shown(value)}${past}`)
    },
  }
}

/** A JSON object. */
export function jsonObject(description: string, more: More = {}): Flag<object | undefined> {
  return {
    metavar: 'json',
    description,
    ...more,
    initial: undefined,
    read: (value) => {
      const parsed = parseJson(value)
      if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed
      throw new UsageError(`must be a JSON object such as '{"key": "value"}'`)
    },
  }
}

/** JSON objects: the flag may be repeated. */
export function jsonObjects(description: string, more: More = {}): Flag<readonly object[]> {
  const one = jsonObject(description)
  return {
    metavar: 'json',
    description: `${description} (may be repeated)`,
    ...more,
    initial: [],
    read: (value, earlier) => [...earlier, one.read(value, undefined) ?? {}],
  }
}

/** @throws UsageError */
export function parseJson(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch (error) {
    throw new UsageError(
      `is not valid JSON (${error instanceof Error ? error.message.replace(/, ?"?.*is not valid JSON$/s, '') : ''})`,
    )
  }
}

/** Pairs such as `code:src/main.ts`: a value of an enumeration, a colon, and a text. */
export function pairs<const W extends string>(
  choices: readonly W[],
  metavar: string,
  description: string,
  more: More = {},
): Flag<readonly { readonly type: W; readonly text: string }[]> {
  return {
    metavar,
    description: `${description} (may be repeated)`,
    ...more,
    initial: [],
    read: (value, earlier) => {
      const colon = value.indexOf(':')
      if (colon < 1 || colon === value.length - 1)
        throw new UsageError(`must be ${metavar}; is ${shown(value)}`)
      return [...earlier, { type: readWord(choices, value.slice(0, colon)), text: value.slice(colon + 1) }]
    },
  }
}

/** Assignments such as `limit=3`: a name, and a value that `read` parses. */
export function assignments<T>(
  metavar: string,
  description: string,
  read: (name: string, value: string) => T,
  more: More = {},
): Flag<readonly T[]> {
  return {
    metavar,
    description: `${description} (may be repeated)`,
    ...more,
    initial: [],
    read: (value, earlier) => {
      const sign = value.indexOf('=')
      if (sign < 1) throw new UsageError(`must be ${metavar}; is ${shown(value)}`)
      return [...earlier, read(value.slice(0, sign), value.slice(sign + 1))]
    },
  }
}

/** A switch; false if not given. */
export function toggle(description: string): Flag<boolean> {
  return { description, initial: false, read: () => true }
}

/** A switch that turns something off: `--no-NAME`; true if not given. */
export function unless(description: string): Flag<boolean> {
  return { description, form: 'off', initial: true, read: () => false }
}

/** `--NAME` and `--no-NAME`; undefined if neither is given. */
export function either(description: string, more: More = {}): Flag<boolean | undefined> {
  return { description, form: 'either', ...more, initial: undefined, read: () => true }
}

/** The same flags under a heading of help. */
export function under<F extends FlagSet>(group: string, flags: F): F {
  return Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, { ...flag, group }])) as F
}

/** `assignedTo` is `--assigned-to`. */
export function flagName(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** The given flags, by the fields that they represent: an input of a record, or a filter. */
export function fieldsOf<F extends FlagSet>(flags: F, values: FlagValues<F>): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const [name, { field }] of Object.entries(flags)) {
    const value = values[name]
    const given = value !== undefined && !(Array.isArray(value) && value.length === 0)
    if (field !== undefined && given) fields[field] = value
  }
  return fields
}

/** What was typed, for an error: in quotes, and not too long. */
export function shown(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
}
