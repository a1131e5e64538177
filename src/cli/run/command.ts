// A command: its name, arguments and flags, examples for its help, and the work. The work returns
// data and a function that renders it for people. main.ts prints both, so no command prints by
// itself.

import type { Store } from '../../index.ts'
import type { RecordType } from '../../transfer/enums.ts'
import { type FlagSet, type FlagValues, readWord } from '../flags/flags.ts'
import type { Screen } from '../screen/screen.ts'

export interface Argument<T extends string | undefined = string | undefined> {
  readonly description: string
  readonly required: boolean
  readonly choices?: readonly string[] | undefined
  /** Returns what the typed text means. @throws UsageError that says what it must be */
  readonly read?: ((text: string) => string) | undefined
  declare?: T
}

export type ArgumentSet = Readonly<Record<string, Argument>>
type ArgumentValues<A extends ArgumentSet> = {
  readonly [K in keyof A]: A[K] extends Argument<infer T> ? T : never
}

/** A required argument; any text, unless `read` refuses it. */
export function required(description: string, read?: Argument['read']): Argument<string> {
  return { description, required: true, read }
}

/** An optional argument. */
export function optional(description: string): Argument<string | undefined> {
  return { description, required: false }
}

/** A value of an enumeration. */
export function oneWord<const W extends string>(choices: readonly W[], description: string): Argument<W> {
  return { description, required: true, choices, read: (text) => readWord(choices, text) }
}

/** Flags that every command has. */
export interface GlobalFlags {
  readonly url?: string
  readonly tenant?: string
  readonly config?: string
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  readonly color: boolean
  readonly pager: boolean
}

export interface Note {
  readonly level: 'info' | 'warn' | 'error'
  readonly text: string
  readonly code?: string
}

/**
 * Whether the database must exist at this build's version, is created if missing, or must exist at
 * any version and is left as it is.
 */
export type Access = 'existing' | 'create' | 'any-version'

/** One call of a command. */
export interface Call<A extends ArgumentSet = ArgumentSet, F extends FlagSet = FlagSet> {
  readonly args: ArgumentValues<A>
  readonly flags: FlagValues<F>
  readonly global: GlobalFlags
  readonly screen: Screen
  /** The words after `purser`, as typed. */
  readonly argv: readonly string[]
  /** Opens the configured database, or the one of `url`, for `work`, and closes it again. */
  withStore<T>(access: Access, work: (store: Store) => Promise<T>, url?: string): Promise<T>
  /** Adds a line beside the data: on stderr for people, in `messages` with --json. */
  note(level: Note['level'], text: string, code?: string): void
  /**
   * Says what would be done, with `shown` before it, and asks on a terminal; without one, and
   * without --yes, the command ends with a usage error.
   */
  confirm(what: string, yes: boolean, shown?: string): Promise<void>
}

/** What an exit code of 3 means, as a message of --json; people see it in what is shown. */
export interface Reason {
  readonly code: string
  readonly text: string
}

/** The exit code of a call that has done its work: 0 if omitted, 3 only with its reason. */
type Ending =
  | { readonly exitCode?: 0 | 1; readonly reason?: undefined }
  | { readonly exitCode: 3; readonly reason: Reason }

/** The end with 3 for this reason; with 0 if there is none. */
export function endingWith(reason: Reason | false | null | undefined): Ending {
  return reason ? { exitCode: 3, reason } : { exitCode: 0 }
}

/** The result of a call. */
export type Outcome = Result & Ending

interface Result {
  /** For --json. */
  readonly data: unknown
  /** For people; the empty string shows nothing. */
  readonly show: (screen: Screen) => string | Promise<string>
  /** The command has printed its output itself, line by line; only its notes follow. */
  readonly isPrinted?: boolean
}

/** A line of a command's help: words, and the arguments that follow `purser`. */
export type Example = readonly [purpose: string, line: string]

export interface Command<A extends ArgumentSet = ArgumentSet, F extends FlagSet = FlagSet> {
  readonly name: string
  /** One line, for the list of commands. */
  readonly summary: string
  /** More, for the command's own help. */
  readonly description?: string
  readonly args?: A
  readonly flags?: F
  readonly examples: readonly Example[]
  /**
   * Checks what the flags would store, without a database. Called if some flags cannot be read, so
   * that one error names every mistake of a call; the fields of those flags are left out.
   * @throws InvalidRecordError, UsageError as `run` would
   */
  validate?(call: Pick<Call<A, F>, 'flags'>): Promise<void>
  run(call: Call<A, F>): Promise<Outcome>
}

/** Commands of one subject: `purser tasks …`. */
export interface Area {
  readonly name: string
  /** The kind of record that it is about, if any; every name of that also names the area. */
  readonly record?: RecordType
  readonly summary: string
  readonly commands: readonly Command[]
}

type Nothing = Readonly<Record<never, never>>

/** Infers a command's types; they are erased outside. */
export function defineCommand<A extends ArgumentSet = Nothing, F extends FlagSet = Nothing>(
  command: Command<A, F>,
): Command {
  return command as unknown as Command
}
