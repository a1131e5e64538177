// `--clear WORD,…` of commands that change a record: fields to reset to empty.

import { UsageError } from '../run/failure.ts'
import { words } from './flags.ts'

/** Words for clearable fields, each with the field and its empty value. */
type Clearable = Readonly<Record<string, readonly [field: string, empty: unknown]>>

/** The flag `--clear`, for the fields of a record that may be empty. */
export function clearFlag<C extends Clearable>(clearable: C) {
  return words(Object.keys(clearable) as (keyof C & string)[], 'what to empty')
}

/**
 * The patch, including the cleared fields.
 * @throws UsageError if there is nothing to change, or a field is both cleared and set
 */
export function patchOf(
  given: Readonly<Record<string, unknown>>,
  names: readonly string[],
  clearable: Clearable,
): Record<string, unknown> {
  const contradiction = names.find((name) => (clearable[name]?.[0] ?? '') in given)
  if (contradiction !== undefined) {
    throw new UsageError(`--clear ${contradiction} and a value for it exclude each other`)
  }
  const patch = { ...given, ...Object.fromEntries(names.map((name) => clearable[name] ?? [])) }
  if (Object.keys(patch).length > 0) return patch
  throw new UsageError('nothing to change: name a field, for example --description; --help lists them')
}
