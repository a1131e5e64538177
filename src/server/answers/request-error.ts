// What a server refuses by itself: a code of its list, a sentence, and what the answer says beside
// them.

import type { Issue } from '../../errors.ts'
import type { ServerCode } from './problem-codes.ts'

interface Beside {
  readonly issues?: readonly Issue[]
  readonly headers?: Readonly<Record<string, string>>
}

export class RequestError extends Error {
  readonly code: ServerCode
  readonly issues: readonly Issue[] | undefined
  readonly headers: Readonly<Record<string, string>>

  /** @param detail says what is wrong and what to do; it repeats no content */
  constructor(code: ServerCode, detail: string, { issues, headers = {} }: Beside = {}) {
    super(detail)
    this.code = code
    this.issues = issues
    this.headers = headers
  }
}

/** A part of the request is wrong: a header, a key of the query, the body as a whole. */
export function invalidRequest(path: Issue['path'], code: string, message: string): RequestError {
  const named = path.length === 0 ? message : `${path.join('.')} ${message}`
  return new RequestError('INVALID_REQUEST', named, { issues: [{ path, code, message }] })
}
