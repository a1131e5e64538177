// JSON Schema (2020-12, as OpenAPI 3.1 has it) of records, their inputs and the rules of arguments.
// What a record's definition says is written down; what only code can check is left open.

import { z } from 'zod'
import type { RecordDefinition } from '../../records/model/define-record.ts'
import type { AnyField } from '../../records/model/fields.ts'
import { instantRule, jsonObjectRule, moneyRule } from '../../records/model/rules.ts'

/** A JSON Schema, as data. */
export type Schema = Readonly<Record<string, unknown>>

export const string: Schema = { type: 'string' }
export const integer: Schema = { type: 'integer' }
export const number: Schema = { type: 'number' }
export const boolean: Schema = { type: 'boolean' }
export const instant: Schema = { type: 'string', format: 'date-time' }
export const money: Schema = { type: 'string', description: 'A decimal number, exact.' }

export function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` }
}

export function listOf(items: Schema): Schema {
  return { type: 'array', items }
}

/** An object that may have more; `?` after a name: it may lack. */
export function object(members: Readonly<Record<string, Schema>>): Schema {
  const names = Object.keys(members)
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name.replace(/\?$/, ''), members[name]])),
    required: names.filter((name) => !name.endsWith('?')),
  }
}

/** Also null. */
export function orNull(schema: Schema): Schema {
  const { type, enum: values } = schema
  if (typeof type !== 'string') return { anyOf: [schema, { type: 'null' }] }
  return { ...schema, type: [type, 'null'], ...(Array.isArray(values) ? { enum: [...values, null] } : {}) }
}

/** A rule as a schema of what it takes (`input`) or returns. */
export function schemaOfRule(rule: z.ZodType, io: 'input' | 'output'): Schema {
  const { $schema: _, ...schema } = z.toJSONSchema(rule, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const known = knownRule(zodSchema, io)
      if (known) Object.assign(jsonSchema, known)
      // An answer may have more than this version of the document knows.
      if (io === 'output') delete jsonSchema.additionalProperties
    },
  })
  return schema
}

/** Rules that turn what they take into something else are open to zod. */
function knownRule(rule: unknown, io: 'input' | 'output'): Schema | undefined {
  if (rule === instantRule) return instant
  if (rule === moneyRule) return io === 'output' ? money : { type: ['string', 'number'] }
  return rule === jsonObjectRule ? { type: 'object' } : undefined
}

type Shaped = Pick<RecordDefinition, 'name' | 'fields'>

/** A record as an answer has it. @param unsent names of fields that answers leave out */
export function recordSchema({ fields }: Shaped, unsent: readonly string[] = []): Schema {
  const sent = Object.entries(fields).filter(([name]) => !unsent.includes(name))
  const members = Object.fromEntries(sent.map(([name, field]) => [name, readSchema(field)]))
  return object({ ...members, unreadable: listOf(string) })
}

/** The input that makes a record. */
export function newSchema({ fields }: Shaped): Schema {
  const given = Object.entries(fields).filter(([, { spec }]) => spec.given !== 'managed')
  return {
    type: 'object',
    properties: Object.fromEntries(given.map(([name, field]) => [name, givenSchema(field)])),
    required: given.filter(([, { spec }]) => spec.given === 'required').map(([name]) => name),
    additionalProperties: false,
  }
}

/** What an update may change. */
export function patchSchema({ fields }: Shaped): Schema {
  const updatable = Object.entries(fields).filter(([, { spec }]) => spec.updatable)
  return {
    type: 'object',
    properties: Object.fromEntries(updatable.map(([name, field]) => [name, partialSchema(field)])),
    additionalProperties: false,
  }
}

function readSchema({ spec }: AnyField): Schema {
  // A value that cannot be read is replaced by its placeholder.
  const mayBeNull = spec.nullable || (spec.json && spec.placeholder === null)
  const schema = spec.members
    ? object(
        Object.fromEntries(Object.entries(spec.members).map(([name, field]) => [name, readSchema(field)])),
      )
    : plainSchema(spec, 'output')
  return mayBeNull ? orNull(schema) : schema
}

function givenSchema({ spec }: AnyField): Schema {
  const schema = spec.members
    ? {
        type: 'object',
        properties: membersOf(spec.members),
        required: Object.entries(spec.members)
          .filter(([, member]) => member.spec.given === 'required')
          .map(([name]) => name),
        additionalProperties: false,
      }
    : plainSchema(spec, 'input')
  return spec.nullable ? orNull(schema) : schema
}

/** Members of a group that are not named keep their values. */
function partialSchema(field: AnyField): Schema {
  const { members, nullable } = field.spec
  if (!members) return givenSchema(field)
  const schema = { type: 'object', properties: membersOf(members), additionalProperties: false }
  return nullable ? orNull(schema) : schema
}

function membersOf(members: Readonly<Record<string, AnyField>>): Schema {
  return Object.fromEntries(Object.entries(members).map(([name, field]) => [name, givenSchema(field)]))
}

function plainSchema(spec: AnyField['spec'], io: 'input' | 'output'): Schema {
  if (spec.values) return { type: 'string', enum: spec.values }
  if (spec.json) return withoutNull(schemaOfRule(spec.schema(), io))
  switch (spec.kind) {
    case 'integer':
      return integer
    case 'boolean':
      return boolean
    case 'money':
      return io === 'output' ? money : { type: ['string', 'number'] }
    case 'instant':
      return instant
    case 'bytes':
      return { type: 'string', contentEncoding: 'base64' }
    default:
      return string
  }
}

/** Whether null is allowed is added where the field is. */
function withoutNull(schema: Schema): Schema {
  const { anyOf } = schema
  if (!Array.isArray(anyOf)) return schema
  const others = (anyOf as readonly Schema[]).filter(({ type }) => type !== 'null')
  const [only] = others
  return others.length === 1 && only !== undefined ? only : { ...schema, anyOf: others }
}
