// Describes what a field's schema accepts: its type, and its rule. Rules of
// src/records/model/rules.ts are recognised by identity, or say it themselves; lists, objects and
// unions around them are read from the schema.
import type { z } from 'zod'
import { automationProfileRule } from '../../src/records/automation-profiles/profile.ts'
import {
  bodyRule,
  calendarTextRule,
  currencyRule,
  idRule,
  instantRule,
  jsonObjectRule,
  jsonRule,
  MAX_NAME_LENGTH,
  moneyRule,
  nameRule,
  qualifiedNameRule,
  textRule,
  ulidRule,
} from '../../src/records/model/rules.ts'

export interface Words {
  readonly type: string
  readonly rule: string
}

const known = new Map<unknown, Words>([
  [idRule, { type: 'text', rule: `1 to ${MAX_NAME_LENGTH} characters, not blank, no control characters` }],
  [ulidRule, { type: 'text', rule: 'a ULID' }],
  [nameRule, { type: 'text', rule: `1 to ${MAX_NAME_LENGTH} characters, not blank` }],
  [bodyRule, { type: 'text', rule: 'not blank, at most 1 MiB' }],
  [textRule, { type: 'text', rule: 'at most 1 MiB' }],
  [currencyRule, { type: 'text', rule: 'three capital letters' }],
  [calendarTextRule, { type: 'text', rule: 'ISO 8601 date or date-time, kept to the letter' }],
  [moneyRule, { type: 'money', rule: 'not negative, at most 9 fraction digits' }],
  [instantRule, { type: 'Date', rule: '' }],
  [automationProfileRule, { type: 'a whole automation profile', rule: '' }],
  [qualifiedNameRule, { type: 'text', rule: '`namespace/name`' }],
  [jsonRule, { type: 'JSON', rule: 'at most 64 levels deep' }],
  [jsonObjectRule, { type: 'JSON object', rule: 'at most 64 levels deep' }],
])

/** The parts of zod's definitions that are read here (https://zod.dev/packages/core). */
interface Definition {
  readonly type: string
  readonly innerType?: z.ZodType
  readonly element?: z.ZodType
  readonly shape?: Readonly<Record<string, z.ZodType>>
  readonly options?: readonly z.ZodType[]
  readonly items?: readonly z.ZodType[]
  readonly in?: z.ZodType
  readonly entries?: Readonly<Record<string, string>>
  readonly values?: readonly unknown[]
  /** Of a number: its integer format. */
  readonly format?: string
}

export function describe(schema: z.ZodType): Words {
  const found = known.get(schema)
  if (found) return found
  const definition = schema.def as unknown as Definition
  switch (definition.type) {
    case 'nullable': {
      const inner = describe(inside(definition.innerType))
      return { ...inner, type: `${inner.type} or null` }
    }
    case 'default':
    case 'optional':
    case 'readonly':
      return describe(inside(definition.innerType))
    // A value that is transformed after validation: the accepted input is the first part.
    case 'pipe':
      return describe(inside(definition.in))
    case 'array': {
      const item = describe(inside(definition.element))
      const unique = checksOf(schema).some((check) => check.check === 'custom')
      const rule = [unique && 'no repeats', item.rule && `each ${item.rule}`].filter(Boolean).join('; ')
      return { type: `list of ${item.type}`, rule }
    }
    case 'tuple':
      return { type: `[${(definition.items ?? []).map((item) => describe(item).type).join(', ')}]`, rule: '' }
    case 'object': {
      const members = Object.entries(definition.shape ?? {}).map(
        ([key, value]) => `${key}${isOptional(value) ? '?' : ''}: ${describe(value).type}`,
      )
      return { type: `{ ${members.join(', ')} }`, rule: '' }
    }
    case 'union':
      return {
        type: (definition.options ?? []).map((option) => describe(option).type).join(' or '),
        rule: '',
      }
    case 'enum':
      return { type: Object.values(definition.entries ?? {}).join(' / '), rule: '' }
    case 'literal':
      return { type: (definition.values ?? []).join(' / '), rule: '' }
    case 'number': {
      const bound = checksOf(schema).find((check) => check.check === 'greater_than')
      const type = definition.format === undefined ? 'number' : 'whole number'
      return { type, rule: bound ? `at least ${bound.value}` : '' }
    }
    // Text of a given format: the field's own comment describes it.
    case 'string':
      return { type: 'text', rule: '' }
    case 'boolean':
      return { type: 'true or false', rule: '' }
    default: {
      const { title, description } = schema.meta() ?? {}
      if (title !== undefined) return { type: title, rule: description ?? '' }
      throw new Error(`no words for the schema type ${definition.type}`)
    }
  }
}

function isOptional(schema: z.ZodType): boolean {
  const { type } = schema.def
  return type === 'optional' || type === 'default'
}

function checksOf(schema: z.ZodType): readonly { readonly check: string; readonly value?: unknown }[] {
  return (schema.def.checks ?? []).map((check) => check._zod.def)
}

function inside(schema: z.ZodType | undefined): z.ZodType {
  if (!schema) throw new Error('a schema has nothing inside')
  return schema
}
