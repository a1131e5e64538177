// What went wrong with a request, as the page says it: RFC 9457 problems of the server, and a
// server that does not answer.

export interface ProblemDocument {
  readonly type?: string
  readonly title?: string
  readonly status?: number
  readonly detail?: string
  readonly code?: string
  readonly retryable?: boolean
  readonly issues?: readonly { readonly path: readonly (string | number)[]; readonly message: string }[]
}

export class Problem extends Error {
  override readonly name = 'Problem'
  /** 0 if there was no answer. */
  readonly status: number
  readonly code: string
  readonly issues: NonNullable<ProblemDocument['issues']>

  constructor(status: number, document: ProblemDocument) {
    super(document.detail ?? document.title ?? `The server answered ${status}`)
    this.status = status
    this.code = document.code ?? ''
    this.issues = document.issues ?? []
  }
}

/** What the reader can do about it. */
export function adviceFor({ status, code }: Problem): string {
  if (status === 0)
    return 'The page tries again by itself. If this stays, see whether `purser serve` still runs.'
  if (status === 401) return 'Sign in again: with a token, or by the address that `purser serve` printed.'
  if (status === 403)
    return 'Your role does not include this. A token with another role can do it: `purser tokens create`.'
  if (status === 404) return 'It may have been deleted, or the address was cut short.'
  if (status === 412 || code === 'VERSION_CONFLICT')
    return 'Someone else was faster. What you see is up to date again: decide anew.'
  if (status === 429) return 'There were too many requests. The page tries again by itself in a moment.'
  if (status === 503) return 'The database does not answer. The page tries again by itself.'
  if (status >= 500) return 'The log of `purser serve` says more. Trying again may help.'
  return ''
}
