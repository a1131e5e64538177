// The screen on which a command shows its result: width, colours, the time that relative times
// refer to.

import picocolors from 'picocolors'
import { absolute, ahead, relative } from './times.ts'

export type Paint = ReturnType<typeof picocolors.createColors>

export interface Screen {
  /**
   * Cells of a line; infinite if the output is not a terminal, so that nothing is truncated there.
   */
  readonly width: number
  readonly paint: Paint
  readonly quiet: boolean
  readonly verbose: boolean
  readonly now: Date
  /** How a time is shown: relative, or with --verbose absolute. */
  time(time: Date): string
  /** The same for a time that lies ahead, to the second in its last minute. */
  ahead(time: Date): string
  /** The command as the user runs it, for lines to copy. */
  readonly program: string
}

/** For terminals that do not report their width; some report 0. */
export const DEFAULT_WIDTH = 80

type Environment = Readonly<Record<string, string | undefined>>

/** How output is drawn: width, colour, symbols, time zone. */
export function createScreen(
  flags: { readonly quiet: boolean; readonly verbose: boolean; readonly color: boolean },
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  environment: Environment,
): Screen {
  const now = new Date()
  return {
    width: widthOf(stream, environment),
    paint: picocolors.createColors(flags.color && hasColours(stream, environment)),
    quiet: flags.quiet,
    verbose: flags.verbose,
    now,
    time: (time) => (flags.verbose ? absolute(time) : relative(time, now)),
    ahead: (time) => (flags.verbose ? absolute(time) : ahead(time, now)),
    // npm sets this for `npx purser` and `npm run`, where `purser` alone is not on the path.
    program: environment.npm_command === undefined ? 'purser' : 'npx purser',
  }
}

/** https://no-color.org, https://force-color.org */
export function hasColours(stream: { readonly isTTY?: boolean }, environment: Environment): boolean {
  if (environment.NO_COLOR) return false
  if (environment.FORCE_COLOR) return environment.FORCE_COLOR !== '0'
  return stream.isTTY === true && environment.TERM !== 'dumb'
}

function widthOf(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  environment: Environment,
): number {
  const asked = Number(environment.COLUMNS)
  if (Number.isInteger(asked) && asked >= 20) return asked
  return stream.isTTY ? Math.max(20, stream.columns || DEFAULT_WIDTH) : Number.POSITIVE_INFINITY
}
