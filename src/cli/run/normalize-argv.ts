// Which words of a command line are flags, which of them take a value, and how to rewrite lines so
// that commander reads them as intended. Derived from the declared commands.

import { type Flag, flagName } from '../flags/flags.ts'
import { recordNamed } from '../flags/record-names.ts'
import type { Area, Command } from './command.ts'

/** Flags of the program itself that take a value; those that take none are below. */
export const globalValueFlags = ['--url', '--tenant', '--config'] as const
export const globalSwitches = [
  '--json',
  '--quiet',
  '--verbose',
  '--no-color',
  '--no-pager',
  '--help',
  '--version',
] as const
const shortSwitches = ['-q', '-v', '-h', '-V'] as const

/** The forms in which a flag can be typed. */
export function formsOf(name: string, flag: Flag<unknown>): readonly string[] {
  const long = flagName(name)
  const negated = long.replace('--', '--no-')
  if (flag.form === 'off') return [negated]
  return flag.form === 'either' ? [long, negated] : [long]
}

/** The same, with its one-letter alias. */
export function spellingsOf(name: string, flag: Flag<unknown>): readonly string[] {
  return flag.short === undefined ? formsOf(name, flag) : [`-${flag.short}`, ...formsOf(name, flag)]
}

interface Vocabulary {
  readonly takingValues: ReadonlySet<string>
  readonly all: ReadonlySet<string>
}

function vocabularyOf(entries: readonly (Area | Command)[]): Vocabulary {
  const commands = entries.flatMap((entry) => ('run' in entry ? [entry] : entry.commands))
  const flags = commands.flatMap((command) => Object.entries(command.flags ?? {}))
  const takingValues = flags.flatMap(([name, flag]) =>
    flag.metavar === undefined ? [] : spellingsOf(name, flag),
  )
  const others = flags.flatMap(([name, flag]) => spellingsOf(name, flag))
  return {
    takingValues: new Set([...globalValueFlags, ...takingValues]),
    all: new Set([...globalValueFlags, ...globalSwitches, ...shortSwitches, ...others]),
  }
}

/**
 * The words with the area's own name in place of another name of its record: `cost-records list`.
 */
export function namedAreas(
  words: readonly string[],
  entries: readonly (Area | Command)[],
): readonly string[] {
  const first = words.findIndex(
    (word, index) => !word.startsWith('-') && !globalValueFlags.some((flag) => flag === words[index - 1]),
  )
  const word = words[first]
  if (word === undefined || entries.some(({ name }) => name === word)) return words
  const record = recordNamed(word)
  const area = entries.find((entry) => 'record' in entry && entry.record === record)
  return area === undefined || record === undefined ? words : words.with(first, area.name)
}

/**
 * The words in the form that commander parses as intended: a value that begins with a dash
 * (`--budget -1`, a cursor) is joined to its flag, and `help tasks show` is `tasks show --help`.
 */
export function settle(words: readonly string[], entries: readonly (Area | Command)[]): readonly string[] {
  if (words[0] === 'help') return [...words.slice(1), '--help']
  const { takingValues, all } = vocabularyOf(entries)
  const settled: string[] = []
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? ''
    if (word === '--') return [...settled, ...words.slice(index)]
    const value = words[index + 1]
    if (takingValues.has(word) && value !== undefined && /^-./.test(value) && !all.has(value)) {
      settled.push(word.startsWith('--') ? `${word}=${value}` : `${word}${value}`)
      index += 1
    } else settled.push(word)
  }
  return settled
}
