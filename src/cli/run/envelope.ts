// The JSON form of every result: one document with the same six keys, whatever the command and its
// outcome.

import type { Note } from './command.ts'
import type { ExitCode } from './failure.ts'
import { jsonText } from './json-text.ts'

export interface Envelope {
  /** The command's path: `tasks list`; empty if none was recognised. */
  readonly command: string
  /**
   * Of the gravest message: `error` if the command failed, also with exit code 3 (a lost lease),
   * `warn` if it was done and something has to be looked at.
   */
  readonly status: 'ok' | 'warn' | 'error'
  readonly exitCode: ExitCode
  /** The command's own data; null if it failed. */
  readonly data: unknown
  readonly timing: { readonly startedAt: Date; readonly durationMs: number }
  readonly messages: readonly Note[]
}

/** When a run began, by wall clock and by monotonic clock. */
export interface Start {
  readonly at: Date
  readonly clock: number
}

/** The one JSON document that `--json` prints. */
export function envelope(
  command: string,
  start: Start,
  result: Pick<Envelope, 'exitCode' | 'data' | 'messages'>,
): Envelope {
  const { exitCode, data, messages } = result
  const has = (level: Note['level']) => messages.some((message) => message.level === level)
  return {
    command,
    status: has('error') ? 'error' : exitCode === 3 || has('warn') ? 'warn' : 'ok',
    exitCode,
    data,
    timing: { startedAt: start.at, durationMs: Math.round((performance.now() - start.clock) * 10) / 10 },
    messages,
  }
}

/** One document, indented, in chunks. */
export function* toJson(document: Envelope): Generator<string> {
  yield* jsonText(document)
  yield '\n'
}
