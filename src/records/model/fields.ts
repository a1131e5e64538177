// The vocabulary of record definitions: one `Field` combines a rule, a stored form and a column.
// define-record.ts derives everything else from fields: types, validation, columns, codecs,
// filters, CLI output.

import { z } from 'zod'
import type { StorageKind } from '../../engines/contract/engine.ts'
import type { ColumnType } from '../../engines/contract/schema.ts'
import { once } from '../../values/once.ts'
import {
  bodyRule,
  bytesRule,
  calendarTextRule,
  currencyRule,
  formRule,
  idRule,
  instantRule,
  integerRule,
  type JsonObject,
  type JsonValue,
  jsonObjectRule,
  jsonRule,
  moneyRule,
  nameRule,
  qualifiedNameRule,
  textRule,
  ulidRule,
} from './rules.ts'

/**
 * Who gives a field its value: the caller (`required`), the caller or a default (`optional`),
 * Purser (`managed`), or the record's history (`historic`): Purser as it happens, and a caller only
 * for a record taken over as of an instant (beginning.ts).
 */
export type Given = 'required' | 'optional' | 'managed' | 'historic'

interface FieldSpec {
  readonly kind: StorageKind
  /** The rule for its values, built when it is first needed: starting a program needs few. */
  readonly schema: () => z.ZodType
  readonly given: Given
  readonly nullable: boolean
  /** The value if the caller omits the field. */
  readonly initial: unknown
  /** Whether `update` may name the field. */
  readonly updatable: boolean
  /** Whether lists can be filtered by equality with it. */
  readonly filterable: boolean
  /** A broken value makes the whole row unreadable: ids, enums and times. */
  readonly identifying: boolean
  /** The column's name, if it is not the snake_case of the field's. */
  readonly column: string | undefined
  /** The column's type: a text may be a key, short or long. */
  readonly columnType: ColumnType
  /** The database's default: `initial` if absent, none if null. */
  readonly columnDefault: string | null | undefined
  /** The rows of another table that the column refers to. */
  readonly references: { readonly table: string; readonly column: string } | undefined
  /** The substitute for a value that cannot be read. */
  readonly placeholder: unknown
  /** The values of an enumeration. */
  readonly values: readonly string[] | undefined
  /** The database itself refuses any other value. */
  readonly enforced: boolean
  /** The value is stored as JSON, whatever the type of its column. */
  readonly json: boolean
  /** For JSON: converts to the stored form and back; the identity if absent. */
  readonly toStored: ((value: never) => unknown) | undefined
  readonly fromStored: ((stored: unknown) => unknown) | undefined
  /** For JSON: stored as its canonical text, so that each value has one text only. */
  readonly canonical: boolean
  /** The stored text that means null, in a column that is never NULL. */
  readonly storedNull: string | undefined
  /** Many rows share the value, so decoding it once pays off. */
  readonly repeats: boolean
  /** The fields of a group, each with its own column. */
  readonly members: Readonly<Record<string, AnyField>> | undefined
}

/**
 * One field of a record. `Out` is its type in a read record, `In` what callers may pass, `G` who
 * gives it, `U` whether an update may change it. Fields are immutable: each modifier returns a new
 * one.
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

  /** Allows null, which is also the default. */
  nullable(): Field<Out | null, In | null, 'optional', U> {
    const { schema } = this.spec
    return new Field({
      ...this.spec,
      nullable: true,
      schema: once(() => schema().nullable()),
      given: 'optional',
      initial: null,
    })
  }

  /** The default if the caller omits the field. */
  default(value: Out): Field<Out, In, 'optional', U> {
    return new Field({ ...this.spec, given: 'optional', initial: value })
  }

  /** The caller may give it; otherwise Purser generates it (an id). */
  generated(): Field<Out, In, 'optional', false> {
    return new Field({ ...this.spec, given: 'optional', initial: undefined, updatable: false })
  }

  /** Only Purser writes it. */
  managed(): Field<Out, In, 'managed', false> {
    return new Field({ ...this.spec, given: 'managed', updatable: false })
  }

  /**
   * Part of the record's history: a new record has the initial value, and only the record's verbs
   * change it.
   */
  historic(): Field<Out, In, 'historic', false> {
    return new Field({ ...this.spec, given: 'historic', updatable: false })
  }

  /** Given by the caller; identifies the record. */
  key(): Field<Out, In, G, false> {
    return new Field({ ...this.spec, columnType: 'id', updatable: false, identifying: true })
  }

  /** Set at creation; no update changes it. */
  immutable(): Field<Out, In, G, false> {
    return new Field({ ...this.spec, updatable: false })
  }

  filterable(): Field<Out, In, G, U> {
    return new Field({ ...this.spec, filterable: true })
  }

  /** The database itself refuses values outside the list. */
  enforced(): Field<Out, In, G, U> {
    return new Field({ ...this.spec, enforced: true })
  }

  /** Sets the column's name. */
  column(name: string): Field<Out, In, G, U> {
    return new Field({ ...this.spec, column: name })
  }

  /**
   * The database itself fills in this stored text, or nothing (null), for a row inserted without a
   * value.
   */
  columnDefault(stored: string | null): Field<Out, In, G, U> {
    return new Field({ ...this.spec, columnDefault: stored })
  }

  /** The value is the key of a row of another table, enforced by the database. */
  references(table: string, column: string): Field<Out, In, G, U> {
    return new Field({ ...this.spec, references: { table, column } })
  }

  /** For JSON: a text column, which keeps every byte. `storedNull` in it means null. */
  asText(storedNull?: string): Field<Out, In, G, U> {
    return new Field({ ...this.spec, kind: 'text', columnType: 'text', storedNull })
  }

  /** For JSON whose text is compared: keys in one order, so that each value has one text only. */
  canonical(): Field<Out, In, G, U> {
    return new Field({ ...this.spec, canonical: true })
  }

  /** For JSON that many rows share: equal texts are decoded once, into one frozen value. */
  interned(): Field<Out, In, G, U> {
    return new Field({ ...this.spec, repeats: true })
  }

  /** What a caller may give for the field: its schema, including the default. */
  get inputSchema(): z.ZodType {
    const { schema, given, initial } = this.spec
    if (given === 'required') return schema()
    return initial === undefined ? schema().optional() : schema().default(initial)
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the widest field; its types are recovered from `out` and `in`
export type AnyField = Field<any, any, Given, boolean>

/** @param schema the rule, or what builds it when it is first needed */
function make<Out, In = Out>(
  kind: StorageKind,
  schema: z.ZodType | (() => z.ZodType),
  more?: Partial<FieldSpec>,
): Field<Out, In> {
  return new Field({
    kind,
    schema: typeof schema === 'function' ? once(schema) : () => schema,
    given: 'required',
    nullable: false,
    initial: undefined,
    updatable: true,
    filterable: false,
    identifying: false,
    column: undefined,
    columnType: kind,
    columnDefault: undefined,
    references: undefined,
    placeholder: null,
    values: undefined,
    enforced: false,
    json: kind === 'json',
    toStored: undefined,
    fromStored: undefined,
    canonical: false,
    storedNull: undefined,
    repeats: false,
    members: undefined,
    ...more,
  })
}

const short = { columnType: 'name', placeholder: '' } as const

/** 1 to 255 characters, not blank, no control characters: an id or a reference to one. */
export const id = () => make<string>('text', idRule, { columnType: 'id', identifying: true })
/** An id that Purser generates; callers pass one only to import. */
export const ulid = () => make<string>('text', ulidRule, { columnType: 'id', identifying: true })
/** 64 hexadecimal digits: a SHA-256. */
export const hash = () => word(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits in small letters')
/** `namespace/name`. */
export const qualifiedName = () => make<string>('text', qualifiedNameRule, short)

/** Short text of a given format. */
export function word(form: RegExp, message: string): Field<string> {
  return make<string>('text', () => formRule(form, message), short)
}

/** 1 to 255 characters, not blank. */
export const name = () => make<string>('text', nameRule, short)
/** Up to 1 MiB of text, not blank. */
export const body = () => make<string>('text', bodyRule, { placeholder: '' })
/** Up to 1 MiB of any text. */
export const text = () => make<string>('text', textRule, { placeholder: '' })
/** An ISO date or date-time, kept verbatim. */
export const calendarText = () => make<string>('text', calendarTextRule, { placeholder: '' })
/** A currency code. */
export const currency = () => make<string>('text', currencyRule, short)
/** A whole number of at least `min`. */
export const integer = (min: number) => make<number>('integer', () => integerRule(min), { identifying: true })
export const boolean = () => make<boolean>('boolean', () => z.boolean(), { identifying: true })
/** Exact money as a decimal string; an unreadable value is read as the empty string. */
export const money = () => make<string, string | number>('money', moneyRule, { placeholder: '' })
/** An instant with millisecond precision. */
export const instant = () => make<Date, Date | string>('instant', instantRule, { identifying: true })

/** 1 to `max` bytes, at most 16 MiB; an unreadable value is read as none. */
export const bytes = (max: number) =>
  make<Uint8Array>('bytes', bytesRule(max), { placeholder: new Uint8Array() })

/** A value of an enumeration. */
export function oneOf<const V extends readonly [string, ...string[]]>(values: V): Field<V[number]> {
  return make('text', () => z.enum(values), { columnType: 'name', identifying: true, values })
}

/**
 * A list kept in order as JSON; `[]` by default. `unique` refuses equal items, or items that are
 * equal in one of the given keys.
 */
export function list<Item, In = Item>(
  item: z.ZodType<Item, In>,
  options: { unique?: boolean | readonly (keyof Item & string)[] } = {},
): Field<readonly Item[], readonly In[], 'optional'> {
  const { unique = false } = options
  const schema = () => (unique === false ? z.array(item) : z.array(item).check(refuseRepeats(unique)))
  return make<readonly Item[], readonly In[]>('json', schema, { placeholder: [] }).default([])
}

/** Several fields under one name: an object in a record, a column for each member in its table. */
export function group<const M extends Members>(members: M): Field<GroupOf<M>, NewGroupOf<M>> {
  const schema = () =>
    z.strictObject(
      Object.fromEntries(Object.entries(members).map(([member, field]) => [member, field.inputSchema])),
    )
  return make<GroupOf<M>, NewGroupOf<M>>('text', schema, { members })
}

type Members = Readonly<Record<string, AnyField>>
type MembersGiven<M extends Members, G extends Given> = {
  [K in keyof M]: M[K]['given'] extends G ? K : never
}[keyof M]
type GroupOf<M extends Members> = { readonly [K in keyof M]: M[K]['out'] }
type NewGroupOf<M extends Members> = { readonly [K in MembersGiven<M, 'required'>]: M[K]['in'] } & {
  readonly [K in MembersGiven<M, 'optional'>]?: M[K]['in'] | undefined
}

/** Any JSON value; null if omitted. */
export function jsonValue(): Field<JsonValue, JsonValue, 'optional'> {
  return make<JsonValue>('json', jsonRule, { placeholder: null, storedNull: 'null' }).default(null)
}

/** Any JSON object; `{}` by default. */
export function jsonObject(): Field<JsonObject, JsonObject, 'optional'> {
  return make<JsonObject>('json', jsonObjectRule, { placeholder: {} }).default({})
}

/** A JSON value of a given shape, with a custom stored form. */
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

/** Compares the items themselves, or the values of each of the keys, where null is no value. */
function refuseRepeats(unique: true | readonly string[]) {
  const keys = unique === true ? [undefined] : unique
  return (ctx: z.core.ParsePayload<unknown[]>): void => {
    if (ctx.value.length < 2) return
    for (const key of keys) {
      const seen = new Set<unknown>()
      ctx.value.forEach((item, index) => {
        const value = key === undefined ? item : (item as Readonly<Record<string, unknown>>)[key]
        if (value === null || value === undefined) return
        if (seen.has(value)) {
          ctx.issues.push({
            code: 'custom',
            input: item,
            path: key === undefined ? [index] : [index, key],
            params: { code: 'repeated' },
            message:
              key === undefined
                ? 'must not repeat an earlier item'
                : 'must not repeat that of an earlier item',
          })
        }
        seen.add(value)
      })
    }
  }
}
