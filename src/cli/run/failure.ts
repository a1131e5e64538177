// What can end a command early, and how that is reported: one line that says what was wrong and
// what to do, a code for scripts, and the exit code. Errors of the library are described here too;
// their texts are kept.

import { maskPasswords } from '../screen/text.ts'

/** 0 done, 1 failed, 2 usage error, 3 checked and found problems. */
export type ExitCode = 0 | 1 | 2 | 3

/** The command line was not understood, or requests something impossible: nothing was done. */
export class UsageError extends Error {}

/** The command could not do its work, for a reason outside the library. */
export class CommandError extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

export interface Failure {
  readonly text: string
  readonly code: string
  readonly exitCode: ExitCode
  /** The stack, for --verbose. */
  readonly stack: string | undefined
}

/** The parts of an InvalidRecordError issue that are needed here. */
export interface Issue {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** Names of flags by the fields that they represent. */
export type FlagNames = ReadonlyMap<string, string>

/** Describes any thrown value. With `flags`, issues of a record name the flags that caused them. */
export function describeFailure(error: unknown, flags: FlagNames = new Map()): Failure {
  const stack = error instanceof Error ? maskPasswords(stackOf(error)) : undefined
  const failure = (code: string, text: string, exitCode: ExitCode): Failure => ({
    text: maskPasswords(oneLine(text)),
    code,
    exitCode,
    stack,
  })
  if (error instanceof UsageError) return failure('USAGE', error.message, 2)
  if (error instanceof CommandError) return failure(error.code, error.message, 1)
  if (!(error instanceof Error)) return failure('INTERNAL', String(error), 1)
  const code = 'code' in error ? String(error.code) : 'INTERNAL'
  if ('issues' in error) return failure(code, describeIssues(error.issues as readonly Issue[], flags), 2)
  if ('currencies' in error) return failure(code, mixedCurrencies(error.currencies as readonly string[]), 1)
  if (code === 'LEASE_LOST') return failure(code, error.message, 3)
  if ('retryable' in error) return failure(code, error.message, 1)
  return failure('INTERNAL', `internal error: ${error.message}; repeat with --verbose to see where`, 1)
}

function describeIssues(issues: readonly Issue[], flags: FlagNames): string {
  return issues.map((issue) => describeIssue(issue, flags)).join('; ')
}

/** An issue in the words of the command line: the flag instead of the field. */
export function describeIssue({ path, message }: Issue, flags: FlagNames): string {
  const [field, ...rest] = path
  const text = withFlags(message, flags)
  if (field === undefined) return text
  // A flag may fill a member of a field, such as one of a message's metadata.
  const [member = '', ...below] = rest
  if (!flags.has(String(field)) && flags.has(String(member)))
    return `${[flags.get(String(member)), ...below].join('.')} ${text}`
  const flag = flags.get(String(field))
  return `${[flag ?? field, ...rest].join('.')} ${text}`
}

/** Where the library's text refers to another field: `(asOf)`, `must not be before since`. */
function withFlags(message: string, flags: FlagNames): string {
  return message.replaceAll(
    /(?<=\()\w+(?=\))|(?<=^must not be before )\w+$/g,
    (field) => flags.get(field) ?? field,
  )
}

/** The library's text is for programmers; this one names the flags. */
function mixedCurrencies(currencies: readonly string[]): string {
  return `the costs are in ${currencies.join(' and ')}, which cannot be added; choose one with --currency, or group with --by currency,…`
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : ''
  return `${error.stack ?? error.message}${cause}`
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').trim()
}
