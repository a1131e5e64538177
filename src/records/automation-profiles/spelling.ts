// The other spelling of profiles: files of other systems write their keys in snake_case, such as
// `decompose_task` and `max_cost_usd`. They mean the same fields.

import { InvalidRecordError, type Issue } from '../../errors.ts'
import { newProfileRule } from './profile.ts'

const shape = newProfileRule.unwrap().shape
const fields = Object.keys(shape)
const guards = ['maxCostUsd', 'maxTokens', 'maxToolCalls', 'deniedTools']

type Content = Readonly<Record<string, unknown>>

/**
 * The content of a file with every known key in the spelling of its field. Other keys stay as they
 * are.
 * @throws InvalidRecordError if one field is there in both spellings
 */
export function inOneSpelling(subject: string, content: Content): Content {
  const issues: Issue[] = []
  const profile = respelled(content, fields, [], issues)
  const inner = profile.guards
  const result =
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? { ...profile, guards: respelled(inner as Content, guards, ['guards'], issues) }
      : profile
  if (issues.length > 0) throw new InvalidRecordError(subject, issues)
  return result
}

function respelled(
  content: Content,
  known: readonly string[],
  path: Issue['path'],
  issues: Issue[],
): Content {
  const bySnake = new Map(known.map((field) => [snakeOf(field), field]))
  const entries = Object.entries(content).map(([key, value]) => {
    const field = bySnake.get(key) ?? key
    if (field !== key && Object.hasOwn(content, field)) {
      const message = `is there twice, as ${field} and as ${key}; keep one of them`
      issues.push({ path: [...path, field], code: 'repeated_key', message })
    }
    return [field, value] as const
  })
  return Object.fromEntries(entries)
}

function snakeOf(field: string): string {
  return field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
