// `--clear WORD,…` of commands that change a record: fields that are to be empty again.

import { UsageError } from '../run/failure.ts'
import { words } from './flags.ts'

/** Words for fields that can be emptied, each with the field and what it holds then. */
type Clearable = Readonly<Record<string, readonly [field: string, empty: unknown]>>

export function clearFlag<C extends Clearable>(clearable: C) {
  return words(Object.keys(clearable) as (keyof C & string)[], 'what to empty')
}

/**
 * The patch with what is to be emptied.
 * @throws UsageError when there is nothing to change, or a field is to be emptied and to get a value
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
