// What every error of Purser is, and the problems that one may list.

import { type ErrorCode, errorCodes } from './error-codes.ts'

/** One problem with an input: its path, a stable code, and a sentence. */
export interface Issue {
  /** Keys and indexes from the input's root, for example `['acceptanceCriteria', 0, 'met']`. */
  readonly path: readonly (string | number)[]
  readonly code: string
  readonly message: string
  /**
   * With the code `cycle`: the ids of the cycle, each depending on the next, the last on the first.
   */
  readonly ids?: readonly string[]
}

/** The base class of every error that Purser throws. */
export abstract class PersistenceError extends Error {
  readonly code: ErrorCode
  /** True if the same call may succeed later unchanged. */
  readonly retryable: boolean

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown; retryable?: boolean }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.retryable = options?.retryable ?? errorCodes[code].retryable
  }
}

/** An id in quotes, truncated if longer than an id may be, with control characters made visible. */
export function quoteId(id: string): string {
  const shown = id.length > 255 ? `${id.slice(0, 255)}…` : id
  return JSON.stringify(shown)
}
