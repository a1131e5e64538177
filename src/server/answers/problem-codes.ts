// The status of every error that a request can end with: those of the library, and those that only
// a server has. The documentation's table and the OpenAPI document are made from both lists.

import { type ErrorCode, errorCodes } from '../../values/error-codes.ts'

/** The status of an error of the library. */
export const statusOfError = {
  CONNECTION_FAILED: 503,
  MIGRATION_FAILED: 503,
  INVALID_RECORD: 400,
  INVALID_TRANSITION: 409,
  RECORD_NOT_FOUND: 404,
  DUPLICATE_RECORD: 409,
  VERSION_CONFLICT: 412,
  CONSTRAINT_VIOLATION: 422,
  CORRUPT_RECORD: 500,
  REVERSION_LIMIT: 409,
  PLAN_ENDED: 409,
  PLAN_HAS_CHILDREN: 409,
  DECISION_SUPERSEDED: 409,
  SELF_APPROVAL: 403,
  NOT_REQUESTER: 403,
  GATE_CLOSED: 409,
  PREFLIGHT_FAILED: 409,
  TOOL_DENIED: 409,
  MIXED_CURRENCY: 422,
  BUDGET_EXCEEDED: 409,
  LEASE_LOST: 409,
  TRANSACTION_CONFLICT: 503,
  CHANGES_GONE: 410,
  TRANSFER_FAILED: 422,
  TIMEOUT: 503,
  QUERY_FAILED: 500,
} as const satisfies Record<ErrorCode, number>

/** What a server refuses by itself, before a store is asked. */
export const serverCodes = {
  INVALID_REQUEST: { status: 400, summary: 'The request itself cannot be understood.' },
  UNAUTHENTICATED: { status: 401, summary: 'The request has no valid token, and no sign-in.' },
  FORBIDDEN: { status: 403, summary: 'The role of the token does not allow this.' },
  ORIGIN_REFUSED: {
    status: 403,
    summary: 'The request names another host, or comes from the page of another one.',
  },
  ROUTE_NOT_FOUND: { status: 404, summary: 'There is nothing at this path.' },
  METHOD_NOT_ALLOWED: { status: 405, summary: 'The path has other methods; `Allow` lists them.' },
  NOT_ACCEPTABLE: { status: 406, summary: 'The answer does not exist in a form that was asked for.' },
  BODY_TIMEOUT: { status: 408, summary: 'The body did not arrive in time.' },
  WEAK_ETAG: {
    status: 412,
    summary: 'A weak tag names no version; send the tag as `ETag` had it.',
  },
  BODY_TOO_LARGE: { status: 413, summary: 'The body is larger than the server takes.' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, summary: 'A body has to be `application/json`.' },
  VERSION_REQUIRED: {
    status: 428,
    summary: 'A change needs `If-Match` with the `ETag` of the record that it is based on.',
  },
  RATE_LIMITED: { status: 429, summary: 'The token has made too many requests; see `Retry-After`.' },
  INTERNAL: { status: 500, summary: 'The server has a fault of its own.' },
  OVERLOADED: { status: 503, summary: 'The server takes no more of these now; see `Retry-After`.' },
  STOPPING: { status: 503, summary: 'The server is stopping; ask again, or another one.' },
} as const satisfies Record<string, { readonly status: number; readonly summary: string }>

export type ServerCode = keyof typeof serverCodes
export type ProblemCode = ErrorCode | ServerCode

/** Codes of refusals after which the same request may succeed. */
const worthRepeating: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'BODY_TIMEOUT',
  'RATE_LIMITED',
  'OVERLOADED',
  'STOPPING',
])

export interface CodeFacts {
  readonly status: number
  readonly summary: string
  readonly retryable: boolean
}

export function factsOf(code: ProblemCode): CodeFacts {
  if (isServerCode(code)) return { ...serverCodes[code], retryable: worthRepeating.has(code) }
  const { summary, retryable } = errorCodes[code]
  return { status: statusOfError[code], summary, retryable }
}

/** Every code, those of the library first. */
export const problemCodes: readonly ProblemCode[] = [
  ...(Object.keys(errorCodes) as ErrorCode[]),
  ...(Object.keys(serverCodes) as ServerCode[]),
]

function isServerCode(code: ProblemCode): code is ServerCode {
  return Object.hasOwn(serverCodes, code)
}
