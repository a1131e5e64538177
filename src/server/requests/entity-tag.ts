// Versions as entity tags: `ETag: "7"` is version 7, and a change names it in `If-Match`.

import { invalidRequest, RequestError } from '../answers/request-error.ts'

export function tagOf(version: number): string {
  return `"${version}"`
}

/** `If-Match: *`, whatever version there is. */
export function isAnyVersion(headers: Headers): boolean {
  return headers.get('if-match')?.trim() === '*'
}

/**
 * The version that a change is based on.
 * @throws RequestError without one (428), with a weak one (412), and with what is no tag of a
 * version (400)
 */
export function versionIn(headers: Headers): number {
  const given = headers.get('if-match')
  if (given === null) {
    throw new RequestError(
      'VERSION_REQUIRED',
      'a change needs the header If-Match with the ETag of the record that it is based on; get the record first',
    )
  }
  if (/^W\//i.test(given.trim())) {
    throw new RequestError(
      'WEAK_ETAG',
      'If-Match has a weak tag; send the tag as the ETag of the record had it',
    )
  }
  const [, digits] = /^"([1-9]\d{0,15})"$/.exec(given.trim()) ?? []
  const version = Number(digits)
  if (digits === undefined || !Number.isSafeInteger(version)) {
    const message = 'must be one tag of a version, as the ETag of the record has it: "7"'
    throw invalidRequest(['If-Match'], 'etag', message)
  }
  return version
}
