// The entry point of the command line: parses, runs one command, prints its result for people or as
// JSON, sets the exit code. Results are printed only here.

import { CommanderError } from 'commander'
import picocolors from 'picocolors'
import { complete, nameWanted } from '../commands/completion.ts'
import { flagName } from '../flags/flags.ts'
import { confirm } from '../screen/confirm.ts'
import { pagerFor, showInPager } from '../screen/pager.ts'
import { createScreen, hasColours } from '../screen/screen.ts'
import { maskPasswords } from '../screen/text.ts'
import type { Call, GlobalFlags, Note } from './command.ts'
import { type Envelope, envelope, type Start, toJson } from './envelope.ts'
import { describeFailure, type FlagNames, UsageError } from './failure.ts'
import { isInterrupted, listenForSignals, waitWhenInterrupted } from './interrupt.ts'
import { allMistakes, type Mistake, type Mistakes } from './mistakes.ts'
import { nearCommands } from './near-commands.ts'
import { namedAreas, settle } from './normalize-argv.ts'
import { createProgram, type Invocation } from './program.ts'
import { areas, commandPath } from './registry.ts'
import { useStore } from './session.ts'
import { reportUnreadable } from './unreadable.ts'

/** One run of the program. */
interface Run {
  readonly argv: readonly string[]
  readonly start: Start
  readonly notes: Note[]
  readonly mistakes: Mistake[]
  /** The parsed part of the command line. */
  invocation?: Invocation
}

/** Runs the command line (the words after `purser`); never throws. */
export function main(argv: readonly string[]): Promise<void> {
  const done = start(namedAreas(argv, areas))
  waitWhenInterrupted(done)
  return done
}

async function start(argv: readonly string[]): Promise<void> {
  const run: Run = { argv, start: { at: new Date(), clock: performance.now() }, notes: [], mistakes: [] }
  watchOutput()
  if (argv[0] === 'complete' && argv[1] === '--') {
    await printCompletions(argv.slice(2))
    return
  }
  listenForSignals()
  let unasked = ''
  const keep = (text: string) => {
    unasked += text
  }
  try {
    const program = createProgram(argv, run.mistakes, (invocation) => execute(run, invocation), keep)
    await program.parseAsync(settle(argv, areas), { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return
    if (error instanceof CommanderError && error.code === 'commander.help' && !wantsJson(argv)) {
      showUnaskedHelp(unasked, argv)
    } else if (isInterrupted()) printNotes(run)
    else fail(run, toUsageError(error, argv, run.mistakes))
  }
}

async function printCompletions(words: readonly string[]): Promise<void> {
  const offered = complete(words, areas)
  const kind = offered.length === 0 ? nameWanted(words, areas) : undefined
  const names =
    kind === undefined
      ? []
      : await import('../commands/complete-names.ts').then(({ completeNames }) =>
          completeNames(kind, words.at(-1) ?? '', words),
        )
  for (const word of [...offered, ...names]) process.stdout.write(`${word}\n`)
}

async function execute(run: Run, invocation: Invocation): Promise<void> {
  run.invocation = invocation
  const { command, global, args, flags } = invocation
  const screen = createScreen(global, process.stdout, process.env)
  const note: Call['note'] = (level, text, code) => {
    run.notes.push({ level, text: maskPasswords(text), ...(code === undefined ? {} : { code }) })
  }
  const call: Call = {
    args,
    flags,
    global,
    screen,
    argv: run.argv,
    note,
    confirm: (what, yes, shown) => (yes ? Promise.resolve() : confirm(what, !global.json, shown)),
    withStore: (access, work, url = global.url) =>
      useStore({ ...global, ...(url === undefined ? {} : { url }) }, access, (store) => {
        reportUnreadable(store, note)
        return work(store)
      }),
  }
  if (run.mistakes.length > 0) {
    const others = () => command.validate?.(call)
    throw new UsageError(await allMistakes(run.mistakes, others, flagNames(invocation)))
  }
  const { data, show, exitCode = 0, reason, isPrinted = false } = await command.run(call)
  process.exitCode = exitCode
  if (isPrinted) {
    printNotes(run)
    return
  }
  if (global.json) {
    const isExplained = run.notes.some(({ level }) => level !== 'info')
    if (reason && !isExplained) note('warn', reason.text, reason.code)
    const document = envelope(invocation.path, run.start, { exitCode, data, messages: run.notes })
    printJson(document)
    return
  }
  const text = await show(screen)
  if (text !== '') await print(text, global)
  printNotes(run)
}

/** A text that is longer than the terminal goes through the user's pager. */
async function print(text: string, { pager }: GlobalFlags): Promise<void> {
  const command = pager ? pagerFor(text, process.stdout, process.env) : undefined
  if (command !== undefined && (await showInPager(command, text, process.env))) return
  process.stdout.write(`${text}\n`)
}

function fail(run: Run, error: unknown): void {
  const { invocation, argv } = run
  const failure = describeFailure(error, flagNames(invocation))
  process.exitCode = failure.exitCode
  if (wantsJson(argv)) {
    const messages = [...run.notes, { level: 'error' as const, text: failure.text, code: failure.code }]
    const path = invocation?.path ?? commandPath(argv)
    const document = envelope(path, run.start, { exitCode: failure.exitCode, data: null, messages })
    printJson(document)
    return
  }
  printNotes(run)
  process.stderr.write(`${paintError(argv).red('purser:')} ${failure.text}\n`)
  const isVerbose = invocation?.global.verbose ?? argv.some((word) => word === '-v' || word === '--verbose')
  if (isVerbose && failure.stack !== undefined) process.stderr.write(`${failure.stack}\n`)
}

function printJson(document: Envelope): void {
  for (const piece of toJson(document)) process.stdout.write(piece)
}

function printNotes({ notes, invocation, argv }: Run): void {
  const paint = paintError(argv)
  for (const { level, text } of notes) {
    if (level === 'info' && invocation?.global.quiet) continue
    process.stderr.write(level === 'info' ? `${paint.dim(text)}\n` : `${paint.yellow(`${level}:`)} ${text}\n`)
  }
}

function paintError(argv: readonly string[]) {
  return picocolors.createColors(!argv.includes('--no-color') && hasColours(process.stderr, process.env))
}

/** `purser` alone asks for help; an area without a verb is an incomplete command. */
function showUnaskedHelp(text: string, argv: readonly string[]): void {
  const isBare = commandPath(argv) === ''
  if (isBare) process.stdout.write(text)
  else process.stderr.write(text)
  process.exitCode = isBare ? 0 : 2
}

/**
 * Commander's errors in this program's words, with the nearest command, or the help of the command
 * that was typed.
 */
function toUsageError(error: unknown, argv: readonly string[], mistakes: Mistakes): unknown {
  if (!(error instanceof CommanderError)) return error
  const usageError = (text: string) => new UsageError([...mistakes.map(({ text }) => text), text].join('; '))
  const path = commandPath(argv)
  const help = `see ${['purser', ...path.split(' ').filter(Boolean), '--help'].join(' ')}`
  if (error.code === 'commander.help') return usageError(`a command is missing; ${help}`)
  const [, what = error.message, similar] =
    /^error: (.*?)\.?(?:\n\(Did you mean (.*)\?\))?$/s.exec(error.message) ?? []
  const [, unknown] = /^unknown command '(.*)'$/s.exec(what) ?? []
  const near = unknown === undefined ? [] : nearCommands(unknown, path)
  const meant = near.length > 0 ? listed(near) : similar
  return usageError(meant === undefined ? `${what}; ${help}` : `${what}; did you mean ${meant}?`)
}

function listed(words: readonly string[]): string {
  return new Intl.ListFormat('en', { type: 'disjunction' }).format(words)
}

/** The flag for each field of the command's record. */
function flagNames(invocation: Invocation | undefined): FlagNames {
  const names = new Map(Object.keys(invocation?.command.args ?? {}).map((name) => [name, `<${name}>`]))
  for (const [name, { field }] of Object.entries(invocation?.command.flags ?? {})) {
    names.set(field ?? name, flagName(name))
  }
  return names
}

function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json')
}

/** A reader that closes the pipe early (`purser … | head`) is not an error; a full disk is. */
function watchOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0)
      if (stream === process.stdout) {
        process.stderr.write(
          `purser: the output cannot be written (${error.code}); the command itself has ended\n`,
        )
      }
      process.exit(1)
    })
  }
}
