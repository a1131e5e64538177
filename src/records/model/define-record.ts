// One definition per record. Its fields determine: the types of a read record, of an input and of a
// patch; validation; columns and the rest of the table (table-layout.ts); the codec between records
// and rows (record-codec.ts); filters; and what the command line prints.

import { z } from 'zod'
import type { TableShape } from '../../engines/contract/engine.ts'
import type { TableLayout } from '../../engines/contract/schema.ts'
import { InvalidRecordError, type Issue } from '../../errors.ts'
import { once } from '../../values/once.ts'
import { type Auditing, type AuditOption, auditingOf } from './auditing.ts'
import type { Column } from './column.ts'
import type { AnyField, Field, Given } from './fields.ts'
import { parseOrThrow } from './issues.ts'
import type { Life } from './life.ts'
import { layOutTable, type StorageOptions, snakeCase } from './table-layout.ts'

export type { Column } from './column.ts'

export type Fields = Readonly<Record<string, AnyField>>

type OutOf<F> = F extends Field<infer Out, infer _In, Given, boolean> ? Out : never
type InOf<F> = F extends Field<infer _Out, infer In, Given, boolean> ? In : never
type KeysGiven<F extends Fields, G extends Given> = {
  [K in keyof F]: F[K]['given'] extends G ? K : never
}[keyof F]
type UpdatableKeys<F extends Fields> = { [K in keyof F]: F[K]['updatable'] extends true ? K : never }[keyof F]

/**
 * A record as read from the store. `unreadable` names the fields whose stored values could not be
 * read.
 */
export type RecordOf<F extends Fields> = { readonly [K in keyof F]: OutOf<F[K]> } & {
  readonly unreadable: readonly string[]
}
/** A caller's input to create a record. */
export type NewOf<F extends Fields> = { readonly [K in KeysGiven<F, 'required'>]: InOf<F[K]> } & {
  readonly [K in KeysGiven<F, 'optional'>]?: InOf<F[K]> | undefined
}
/** A caller's input to take over a record as of an instant: also includes the historic fields. */
export type TakenOverOf<F extends Fields> = NewOf<F> & {
  readonly [K in KeysGiven<F, 'historic'>]?: InOf<F[K]> | undefined
}
/** The historic fields: only the record's verbs write them. */
export type HistoryOf<F extends Fields> = Pick<RecordOf<F>, KeysGiven<F, 'historic'> & keyof RecordOf<F>>
/** What an update may change. Members of a group that are not named keep their values. */
export type PatchOf<F extends Fields> = { readonly [K in UpdatableKeys<F>]?: InOf<F[K]> | undefined }

/** A rule over several fields; returns what is wrong. */
export type Rule<F extends Fields> = (record: RecordOf<F>) => readonly Issue[]

export interface RecordDefinition<F extends Fields = Fields> {
  /** The singular noun in messages. */
  readonly name: string
  /** The plural noun: the name with an s, unless the definition says otherwise. */
  readonly plural: string
  readonly fields: F
  readonly columns: readonly Column[]
  readonly shape: TableShape
  /**
   * The record's table and everything that belongs to it, then the table of its totals, if any, and
   * further tables.
   */
  readonly layouts: readonly [TableLayout, ...TableLayout[]]
  /** The field that identifies a record, and its column. */
  readonly key: { readonly field: string; readonly column: string }
  /** The fields that lists are ordered by; the last is the key, which makes the order total. */
  readonly order: { readonly fields: readonly string[]; readonly direction: 'asc' | 'desc' }
  /** The life cycle of its records; undefined if they only have values that callers give. */
  readonly life: Life | undefined
  /** What the audit entries of its changes have in common; null if they have none. */
  readonly auditing: Auditing | null
  /** The historic fields. */
  readonly historic: readonly (readonly [name: string, field: AnyField])[]
  /**
   * Checks, copies and completes an input: every field but those that Purser manages, with defaults
   * filled in.
   */
  parseNew(input: unknown): Record<string, unknown>
  /** Checks a patch: only the fields it names. */
  parsePatch(input: unknown): Record<string, unknown>
  /** @throws InvalidRecordError if a rule over several fields is violated */
  assertRules(record: RecordOf<F>): void
  /** The column of a field that is not a group. */
  columnOf(field: string): Column
}

/**
 * Defines a record.
 *
 * @example
 * const notes = defineRecord({
 *   name: 'note', table: 'notes', key: 'id', order: { fields: ['id'], direction: 'asc' },
 *   fields: { id: id().made(), title: name(), metadata: jsonObject() },
 * })
 */
export function defineRecord<F extends Fields, G extends string = never>(options: {
  readonly name: string
  /** If it is not the name with an s. */
  readonly plural?: string
  readonly table: string
  readonly key: keyof F & string
  readonly uniqueKey?: keyof F & string
  readonly order: { readonly fields: readonly (keyof F & string)[]; readonly direction: 'asc' | 'desc' }
  readonly fields: F
  readonly storage?: StorageOptions<keyof F & string, G>
  readonly life?: Life<keyof F & string>
  /** How its changes are audited; each is, unless it says otherwise. */
  readonly audit?: AuditOption
  readonly rules?: readonly Rule<F>[]
}): RecordDefinition<F> {
  const fields = Object.entries(options.fields)
  const columns = fields.flatMap(([name, field]) => columnsOf(name, field))
  const byField = new Map(columns.filter(({ member }) => !member).map((column) => [column.field, column]))
  const columnOf = (field: string): Column => {
    const column = byField.get(field)
    if (!column) throw new TypeError(`${options.name} has no field ${field} with a column of its own`)
    return column
  }
  const createSchema = once(() =>
    z.strictObject(
      Object.fromEntries(
        fields
          .filter(([, { spec }]) => spec.given !== 'managed')
          .map(([name, field]) => [name, field.inputSchema]),
      ),
    ),
  )
  const patchSchema = once(() =>
    z.strictObject(
      Object.fromEntries(
        fields.filter(([, { spec }]) => spec.updatable).map(([name, field]) => [name, patchSchemaOf(field)]),
      ),
    ),
  )
  const layouts = layOutTable(
    { table: options.table, columns, key: columnOf(options.key).name },
    options.storage,
  )
  const { totals } = layouts[0]
  return {
    name: options.name,
    plural: options.plural ?? `${options.name}s`,
    fields: options.fields,
    columns,
    shape: {
      table: options.table,
      columns: columns.map((column) => column.name),
      kinds: columns.map((column) => column.kind),
      key: columnOf(options.key).name,
      uniqueKey: options.uniqueKey === undefined ? undefined : columnOf(options.uniqueKey).name,
      references: columns.flatMap(({ name, field, spec: { references } }) =>
        references ? [{ column: name, field, table: references.table }] : [],
      ),
      totals: totals && { table: totals.target, sums: totals.sums },
    },
    layouts,
    key: { field: options.key, column: columnOf(options.key).name },
    order: options.order,
    life: options.life,
    auditing: auditingOf(options.name, options.audit),
    historic: fields.filter(([, { spec }]) => spec.given === 'historic'),
    parseNew: (input) => parseOrThrow(options.name, createSchema(), input),
    parsePatch: (input) => {
      refuseFixedFields(options.name, options.fields, input)
      const patch = parseOrThrow(options.name, patchSchema(), input)
      return Object.fromEntries(
        Object.entries(patch)
          .filter(([, value]) => value !== undefined)
          .map(([field, value]) => [field, options.fields[field]?.spec.members ? definedOf(value) : value]),
      )
    },
    assertRules: (record) => {
      const issues = (options.rules ?? []).flatMap((rule) => rule(record))
      if (issues.length > 0) throw new InvalidRecordError(options.name, issues)
    },
    columnOf,
  }
}

/** A group without its undefined members: those keep their values. */
function definedOf(group: unknown): unknown {
  if (typeof group !== 'object' || group === null) return group
  return Object.fromEntries(Object.entries(group).filter(([, member]) => member !== undefined))
}

/** An existing field that updates cannot change deserves a better message than "unknown field". */
function refuseFixedFields(subject: string, fields: Fields, input: unknown): void {
  if (typeof input !== 'object' || input === null) return
  const fixed = Object.keys(input).filter(
    (field) => Object.hasOwn(fields, field) && fields[field]?.spec.updatable === false,
  )
  if (fixed.length === 0) return
  const message = 'is not changed by an update; the record has verbs of its own for that'
  throw new InvalidRecordError(
    subject,
    fixed.map((field) => ({ path: [field], code: 'fixed_field', message })),
  )
}

function columnsOf(name: string, { spec }: AnyField): readonly Column[] {
  if (!spec.members) {
    return [{ field: name, member: undefined, name: spec.column ?? snakeCase(name), kind: spec.kind, spec }]
  }
  return Object.entries(spec.members).map(([member, field]) => ({
    field: name,
    member,
    name: field.spec.column ?? snakeCase(`${name}_${member}`),
    kind: field.spec.kind,
    // The group determines who gives a member and whether it may change. The members of a null
    // group are NULL.
    spec: {
      ...field.spec,
      given: spec.given,
      updatable: spec.updatable,
      nullable: spec.nullable || field.spec.nullable,
    },
  }))
}

function patchSchemaOf({ spec }: AnyField): z.ZodType {
  if (!spec.members) return spec.schema().optional()
  const members = Object.entries(spec.members).map(([key, field]) => [key, field.spec.schema().optional()])
  const schema = z.strictObject(Object.fromEntries(members))
  return (spec.nullable ? schema.nullable() : schema).optional()
}
