// The settings that Purser itself reads, each with the rule for its value. A setting of the
// namespace `purser` that is not here is refused: a mistyped one would have no effect.

import { z } from 'zod'
import { InvalidRecordError } from '../../errors.ts'
import { enforcements } from '../../values/enforcement.ts'
import { parseOrThrow } from '../model/issues.ts'

export const OWN_NAMESPACE = 'purser'
export const ENFORCE_SETTING = 'purser/enforce'

const rules: Readonly<Record<string, z.ZodType>> = {
  [ENFORCE_SETTING]: z.enum(enforcements),
}

/** @throws InvalidRecordError for a value that Purser cannot use */
export function checkOwnSetting(name: string, value: unknown): void {
  if (!name.startsWith(`${OWN_NAMESPACE}/`)) return
  const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
  if (rule !== undefined) {
    parseOrThrow('setting', rule, value, ['value'])
    return
  }
  const message = `is no setting of Purser; there are ${Object.keys(rules).join(', ')}. Take another namespace for your own`
  throw new InvalidRecordError('setting', [{ path: ['name'], code: 'unknown_setting', message }])
}
