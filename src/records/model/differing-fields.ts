// Whether a record that a caller gives again is the stored one: the names of the fields in which they differ, never their values.

import { isDeepStrictEqual } from 'node:util'

type Read = Readonly<Record<string, unknown>> & { readonly unreadable: readonly string[] }

/**
 * The fields in which two records differ, each as it would be read. A stored value that cannot be read is equal to none.
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

/** Which of the fields a caller left to Purser: they are made anew when the call is repeated. */
export function leftOut(input: object, fields: readonly string[]): readonly string[] {
  return fields.filter((field) => ((input as Readonly<Record<string, unknown>>)[field] ?? null) === null)
}
