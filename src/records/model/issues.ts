// Converts zod issues to Purser's: same path, a stable code, and a sentence that never repeats the
// value.

import type { z } from 'zod'
import { InvalidRecordError, type Issue } from '../../errors.ts'

/**
 * The parsed form, or an `InvalidRecordError` with every issue.
 * @param at the path of the input within what the caller gave
 */
export function parseOrThrow<T>(
  subject: string,
  schema: z.ZodType<T>,
  input: unknown,
  at: Issue['path'] = [],
): T {
  const issues: Issue[] = []
  try {
    const result = schema.safeParse(input)
    if (result.success) return result.data
    for (const issue of result.error.issues)
      for (const each of toIssues(issue, input)) issues.push({ ...each, path: [...at, ...each.path] })
  } catch {
    // Reading or describing an instance of a custom class, or a proxy, may run the caller's code.
    issues.splice(0, issues.length, {
      path: at,
      code: 'unreadable_input',
      message: 'cannot be read: reading it throws',
    })
  }
  throw new InvalidRecordError(subject, issues)
}

/** Converts one zod issue; an issue about unknown keys becomes one for each key. */
export function toIssues(issue: z.core.$ZodIssue, input: unknown): readonly Issue[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
  if (path.length > 0 && issue.code !== 'unrecognized_keys' && valueAt(input, issue.path) === undefined) {
    return [{ path, code: 'required', message: 'is required' }]
  }
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path,
        code: 'unknown_key',
        message: `unknown field ${shortKey(key)}`,
      }))
    case 'invalid_type':
      return [{ path, ...typeFault(issue, valueAt(input, issue.path)) }]
    case 'invalid_value':
      return [{ path, code: 'not_allowed', message: `must be one of ${issue.values.map(String).join(', ')}` }]
    case 'too_small':
      return [{ path, code: 'too_small', message: `must be at least ${issue.minimum}` }]
    case 'too_big':
      return [{ path, code: 'too_big', message: `must be at most ${issue.maximum}` }]
    case 'invalid_union':
      return [{ path, code: 'shape', message: 'has none of the allowed shapes' }]
    case 'custom': {
      const code = issue.params?.code
      return [{ path, code: typeof code === 'string' ? code : 'rule', message: issue.message }]
    }
    default:
      return [{ path, code: issue.code, message: 'is not valid' }]
  }
}

function typeFault(issue: z.core.$ZodIssueInvalidType, value: unknown): { code: string; message: string } {
  if (value === undefined) return { code: 'required', message: 'is required' }
  const expected = issue.expected === 'int' ? 'a whole number' : article(issue.expected)
  return { code: 'type', message: `must be ${expected}, is ${article(kindOf(value))}` }
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Record<PropertyKey, unknown>)[part]
  }
  return value
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'object') return Array.isArray(value) ? 'list' : 'object'
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return 'NaN'
    return Number.isSafeInteger(value) ? 'number' : 'number that is not a safe whole number'
  }
  return typeof value
}

const nouns: Record<string, string> = {
  array: 'a list',
  object: 'an object',
  null: 'null',
  undefined: 'undefined',
  NaN: 'NaN',
}

function article(noun: string): string {
  return nouns[noun] ?? `a ${noun}`
}

function shortKey(key: string): string {
  return JSON.stringify(key.length > 60 ? `${key.slice(0, 60)}…` : key)
}
