// The vocabulary of record definitions: one `Field` is a rule, a way to be stored and a column, in one value. Everything
// else (types, validation, columns, codecs, filters, CLI output) is derived from fields by define-record.ts.

import { z } from 'zod'
import type { StorageKind } from '../engines/engine.ts'
import {
  bodyRule,
  calendarTextRule,
  currencyRule,
  idRule,
  instantRule,
  integerRule,
  type JsonObject,
  jsonObjectRule,
  moneyRule,
  nameRule,
  textRule,
  ulidRule,
} from './rules.ts'

/** Who gives a field its value: the caller (`required`), the caller or a default (`optional`), or Purser (`managed`). */
export type Given = 'required' | 'optional' | 'managed'

interface FieldSpec {
  readonly kind: StorageKind
  readonly schema: z.ZodType
  readonly given: Given
  readonly nullable: boolean
  /** The value of a field the caller left out. */
  readonly initial: unknown
  /** Whether `update` may name the field. */
  readonly updatable: boolean
  /** Whether lists can be filtered by equality with it. */
  readonly filterable: boolean
  /** A broken value makes the whole row unreadable: ids, enums and times. */
  readonly identifying: boolean
  /** The column's name, when it is not the snake_case of the field's. */
  readonly column: string | undefined
  /** What stands in for a value that cannot be read. */
  readonly placeholder: unknown
  /** The values of an enumeration. */
  readonly values: readonly string[] | undefined
  /** For JSON: the stored form of a value and back; the identity when absent. */
  readonly toStored: ((value: never) => unknown) | undefined
  readonly fromStored: ((stored: unknown) => unknown) | undefined
}

/**
 * One field of a record. `Out` is its type in a read record, `In` what callers may pass, `G` who gives it, `U` whether
 * an update may change it. Fields are immutable: each modifier returns a new one.
 */
export class Field<Out, In = Out, G extends Given = 'required', U extends boolean = true> {
  declare readonly out: Out
  declare readonly in: In
  declare readonly given: G
  declare readonly updatable: U
  readonly spec: FieldSpec

  constructor(spec: FieldSpec) {
    this.spec = spec
  }

  /** Null is allowed, and is what a caller's silence means. */
  nullable(): Field<Out | null, In | null, 'optional', U> {
    return new Field({
      ...this.spec,
      nullable: true,
      schema: this.spec.schema.nullable(),
      given: 'optional',
      initial: null,
    })
  }

  /** What a caller's silence means. */
  default(value: Out): Field<Out, In, 'optional', U> {
    return new Field({ ...this.spec, given: 'optional', initial: value })
  }

  /** The caller may give it; otherwise Purser makes it (an id). */
  made(): Field<Out, In, 'optional', false> {
    return new Field({ ...this.spec, given: 'optional', initial: undefined, updatable: false })
  }

  /** Only Purser writes it. */
  managed(): Field<Out, In, 'managed', false> {
    return new Field({ ...this.spec, given: 'managed', updatable: false })
  }

  /** Set when the record is made; no update changes it. */
  fixed(): Field<Out, In, G, false> {
    return new Field({ ...this.spec, updatable: false })
  }

  filterable(): Field<Out, In, G, U> {
    return new Field({ ...this.spec, filterable: true })
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the widest field; its types are recovered from `out` and `in`
export type AnyField = Field<any, any, Given, boolean>

function make<Out, In = Out>(
  kind: StorageKind,
  schema: z.ZodType,
  more?: Partial<FieldSpec>,
): Field<Out, In> {
  return new Field({
    kind,
    schema,
    given: 'required',
    nullable: false,
    initial: undefined,
    updatable: true,
    filterable: false,
    identifying: false,
    column: undefined,
    placeholder: null,
    values: undefined,
    toStored: undefined,
    fromStored: undefined,
    ...more,
  })
}

/** 1 to 255 characters, not blank, no control characters: an id or a reference to one. */
export const id = () => make<string>('text', idRule, { identifying: true })
/** An id that Purser makes; callers pass one only to import. */
export const ulid = () => make<string>('text', ulidRule, { identifying: true })
/** 1 to 255 characters, not blank. */
export const name = () => make<string>('text', nameRule, { placeholder: '' })
/** Up to 1 MiB of text, not blank. */
export const body = () => make<string>('text', bodyRule, { placeholder: '' })
/** Up to 1 MiB of any text. */
export const text = () => make<string>('text', textRule, { placeholder: '' })
/** An ISO date or date-time, kept to the letter. */
export const calendarText = () => make<string>('text', calendarTextRule, { placeholder: '' })
/** A currency code. */
export const currency = () => make<string>('text', currencyRule, { placeholder: '' })
/** A whole number of at least `min`. */
export const integer = (min: number) => make<number>('integer', integerRule(min), { identifying: true })
export const boolean = () => make<boolean>('boolean', z.boolean(), { identifying: true })
/** Exact money as a decimal string; an unreadable one reads as the empty string. */
export const money = () => make<string, string | number>('money', moneyRule, { placeholder: '' })
/** An instant with millisecond precision. */
export const instant = () => make<Date, Date | string>('instant', instantRule, { identifying: true })

/** One of a closed list of words. */
export function oneOf<const V extends readonly [string, ...string[]]>(values: V): Field<V[number]> {
  return make('text', z.enum(values), { identifying: true, values })
}

/** A list kept in order as JSON; `[]` by default. `unique` refuses equal items. */
export function list<Item>(
  item: z.ZodType<Item>,
  options: { unique?: boolean } = {},
): Field<readonly Item[], readonly Item[], 'optional'> {
  const schema = options.unique ? z.array(item).check(refuseRepeats) : z.array(item)
  return make<readonly Item[]>('json', schema, { placeholder: [] }).default([])
}

/** Any JSON object; `{}` by default. */
export function jsonObject(): Field<JsonObject, JsonObject, 'optional'> {
  return make<JsonObject>('json', jsonObjectRule, { placeholder: {} }).default({})
}

/** A JSON value of a given shape, with its own stored form. */
export function json<Out, In = Out>(
  schema: z.ZodType<Out, In>,
  options: {
    placeholder: Out
    toStored?: (value: Out) => unknown
    fromStored?: (stored: unknown) => unknown
  },
): Field<Out, In> {
  return make<Out, In>('json', schema, options)
}

function refuseRepeats(ctx: z.core.ParsePayload<unknown[]>): void {
  if (ctx.value.length < 2) return
  const seen = new Set<unknown>()
  ctx.value.forEach((item, index) => {
    if (seen.has(item)) {
      ctx.issues.push({
        code: 'custom',
        input: item,
        path: [index],
        params: { code: 'repeated' },
        message: 'must not repeat an earlier item',
      })
    }
    seen.add(item)
  })
}
