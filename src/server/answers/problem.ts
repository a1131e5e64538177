// Errors as `application/problem+json` (RFC 9457). An answer has the error's code, whether to
// repeat, and what is wrong with the input; never content of records, a stack, SQL or a path.

import { type Issue, PersistenceError } from '../../errors.ts'
import { factsOf, type ProblemCode } from './problem-codes.ts'
import { RequestError } from './request-error.ts'

/** The body of an answer that says what went wrong. */
export interface Problem {
  /** The place of the code in the server's own page of errors. */
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: ProblemCode
  readonly retryable: boolean
  readonly issues?: readonly Issue[]
  readonly [member: string]: unknown
}

/** Where the page of errors is. */
export const ERRORS_PAGE = '/docs/errors'

/** Seconds after which a database that was away may be asked again. */
const RETRY_AFTER = 2

/** Properties that every error has, or that are content of records or of the database. */
const notTold: ReadonlySet<string> = new Set([
  ...['name', 'code', 'retryable', 'message', 'stack', 'cause', 'details', 'transferred'],
])

/** @param onFault is given errors that no request should cause */
export function problemResponse(error: unknown, onFault: (error: unknown) => void): Response {
  const { problem, headers } = problemOf(error)
  if (problem.status >= 500 && problem.status !== 503) onFault(error)
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  })
}

function problemOf(error: unknown): {
  readonly problem: Problem
  readonly headers: Readonly<Record<string, string>>
} {
  if (error instanceof RequestError) {
    const { code, message, issues, headers } = error
    const beside = issues === undefined ? {} : { issues }
    return { problem: { ...start(code), detail: message, ...beside }, headers }
  }
  if (!(error instanceof PersistenceError)) {
    const problem = start('INTERNAL')
    return { problem: { ...problem, detail: problem.title }, headers: {} }
  }
  const known = { ...start(error.code), retryable: error.retryable }
  // What the database or the driver said may hold paths and statements. Which row cannot be read is
  // said by the library itself.
  if (known.status >= 500 && known.code !== 'CORRUPT_RECORD') {
    const headers: Record<string, string> = known.status === 503 ? { 'retry-after': String(RETRY_AFTER) } : {}
    return { problem: { ...known, detail: known.title }, headers }
  }
  return { problem: { ...known, ...membersOf(error), detail: error.message }, headers: {} }
}

function start(code: ProblemCode) {
  const { status, summary, retryable } = factsOf(code)
  return { type: `${ERRORS_PAGE}#${code}`, title: summary, status, code, retryable }
}

/** What the error's class has beside its message: versions, states, issues, names of fields. */
function membersOf(error: PersistenceError): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(error).filter(([name]) => !notTold.has(name)))
}
