// Compares a record that a caller gives again with the stored one: the names of the fields that
// differ, never their values.

import { isDeepStrictEqual } from 'node:util'

type Read = Readonly<Record<string, unknown>> & { readonly unreadable: readonly string[] }

/**
 * The fields in which two records differ, each as it would be read. An unreadable stored value
 * equals nothing.
 * @param ignored fields that are not compared
 */
export function differingFields(
  given: object & Pick<Read, 'unreadable'>,
  stored: object & Pick<Read, 'unreadable'>,
  ignored: readonly string[],
): readonly string[] {
  const [one, other] = [given as Read, stored as Read]
  return Object.keys(other).filter(
    (field) =>
      field !== 'unreadable' &&
      !ignored.includes(field) &&
      (other.unreadable.includes(field) || !isDeepStrictEqual(one[field], other[field])),
  )
}

/** The fields that a caller left to Purser: they are generated anew when the call is repeated. */
export function leftOut(input: object, fields: readonly string[]): readonly string[] {
  return fields.filter((field) => ((input as Readonly<Record<string, unknown>>)[field] ?? null) === null)
}
