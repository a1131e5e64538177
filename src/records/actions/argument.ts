// The arguments that an action defines, and how those of a plan are checked and completed by them.
// Pure functions of values; every issue of a plan is reported at once.

import { z } from 'zod'
import type { Issue } from '../../errors.ts'
import { type JsonValue, jsonRule, nameRule, textRule } from '../model/rules.ts'
import { argumentTypes } from './enums.ts'

type ArgumentType = (typeof argumentTypes)[number]

const form = {
  name: nameRule,
  description: textRule.optional(),
  type: z.enum(argumentTypes),
  /** A plan must give it. */
  required: z.boolean().default(false),
  /** The value of a plan that does not give it; null for none. */
  default: jsonRule.default(null),
  /** The least and the greatest number, or length of a text or a list. */
  min: z.number().nullable().default(null),
  max: z.number().nullable().default(null),
  /** A regular expression of JavaScript that matches the whole text. */
  pattern: nameRule.nullable().default(null),
  /** Its place among the arguments of a plan; those without one come last, in the order given. */
  position: z.int().min(0).nullable().default(null),
}

/** One argument that an action defines. */
export const argumentRule = z.strictObject(form).check((ctx) => {
  for (const { path, code, message } of definitionFaults(ctx.value)) {
    ctx.issues.push({ code: 'custom', input: ctx.value, path: [...path], params: { code }, message })
  }
})

export type ActionArgument = z.output<typeof argumentRule>
interface PlanArgument {
  readonly name: string
  readonly value: JsonValue
}

/**
 * The arguments of a plan in the order of their positions, with defaults for those that it leaves
 * out; and everything that is wrong.
 */
export function argumentsFor(
  definitions: readonly ActionArgument[],
  given: readonly PlanArgument[],
): { readonly completed: readonly PlanArgument[]; readonly issues: readonly Issue[] } {
  if (definitions.length === 0) return { completed: given, issues: [] }
  const ordered = definitions.toSorted((a, b) => place(a) - place(b))
  const issues: Issue[] = given.flatMap(({ name }, index) =>
    definitions.some((one) => one.name === name)
      ? []
      : [
          fault(
            index,
            'unknown_argument',
            `is none of the action; it has ${ordered.map(label).join(', ')}`,
            'name',
          ),
        ],
  )
  const completed = ordered.flatMap((definition): PlanArgument[] => {
    const index = given.findIndex(({ name }) => name === definition.name)
    const found = given[index]
    if (found === undefined) {
      if (definition.required) {
        issues.push(
          fault(undefined, 'missing_argument', `must have ${label(definition)}, ${kind(definition)}`),
        )
      }
      return definition.default === null ? [] : [{ name: definition.name, value: definition.default }]
    }
    const message = valueFault(definition, found.value)
    if (message !== undefined)
      issues.push(fault(index, 'argument', `${label(definition)} ${message}`, 'value'))
    return [found]
  })
  return { completed, issues }
}

/** Nothing in the message is content of the plan. */
function fault(index: number | undefined, code: string, message: string, member?: string): Issue {
  const path = [
    'arguments',
    ...(index === undefined ? [] : [index]),
    ...(member === undefined ? [] : [member]),
  ]
  return { path, code, message }
}

function definitionFaults(definition: ActionArgument): readonly Issue[] {
  const { type, min, max, pattern, required, default: initial } = definition
  const issues: Issue[] = []
  const add = (field: string, message: string) =>
    issues.push({ path: [field], code: 'argument_definition', message })
  for (const [field, bound] of [
    ['min', min],
    ['max', max],
  ] as const) {
    if (bound === null) continue
    if (type === 'boolean') add(field, 'must be left out for a boolean')
    else if ((type === 'string' || type === 'list') && !(Number.isInteger(bound) && bound >= 0))
      add(field, `must be a length, a whole number of at least 0, for a ${type}`)
  }
  if (min !== null && max !== null && min > max) add('max', 'must not be less than min')
  if (pattern !== null) {
    if (type !== 'string') add('pattern', 'must be left out unless the type is string')
    else if (expressionOf(pattern) === undefined) add('pattern', 'must be a regular expression of JavaScript')
  }
  if (initial !== null && issues.length === 0) {
    if (required) add('default', 'must be left out for a required argument')
    const message = valueFault(definition, initial)
    if (message !== undefined) add('default', message)
  }
  return issues
}

/** What is wrong with a value, in words that do not show it. */
function valueFault({ type, min, max, pattern }: ActionArgument, value: JsonValue): string | undefined {
  if (!hasType(type, value)) return `must be ${a(type)}`
  const size = typeof value === 'number' ? value : lengthOf(value)
  const what = typeof value === 'number' ? '' : `${type === 'list' ? 'items' : 'characters'}, has ${size}`
  if (min !== null && size < min)
    return what === '' ? `must be at least ${min}` : `must have at least ${min} ${what}`
  if (max !== null && size > max)
    return what === '' ? `must be at most ${max}` : `must have at most ${max} ${what}`
  if (pattern !== null && typeof value === 'string' && expressionOf(pattern)?.test(value) !== true)
    return `must match ${pattern}`
  return undefined
}

function hasType(type: ArgumentType, value: JsonValue): boolean {
  switch (type) {
    case 'integer':
      return Number.isSafeInteger(value)
    case 'list':
      return Array.isArray(value)
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === type
    default:
      return type satisfies never
  }
}

/** Characters of a text as people count them, by code points. */
function lengthOf(value: JsonValue): number {
  if (typeof value === 'string') return [...value].length
  return Array.isArray(value) ? value.length : 0
}

function expressionOf(pattern: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u')
  } catch {
    return undefined
  }
}

const place = ({ position }: ActionArgument) => position ?? Number.MAX_SAFE_INTEGER
const label = ({ name }: ActionArgument) => JSON.stringify(name)
const kind = ({ type }: ActionArgument) => a(type)
const a = (type: ArgumentType) =>
  type === 'integer' ? 'a whole number' : type === 'string' ? 'a text' : `a ${type}`
