// Command lines to copy from the output: quoted for a POSIX shell, without passwords.

import type { GlobalFlags } from '../run/command.ts'
import type { Screen } from './screen.ts'
import { maskPasswords } from './text.ts'

const plain = /^[\w@%+=:,./-]+$/

function quote(word: string): string {
  if (plain.test(word)) return word
  return `'${word.replaceAll("'", `'\\''`)}'`
}

/** `purser` and words, as one line for a shell. */
export function commandLine(screen: Pick<Screen, 'program'>, words: readonly string[]): string {
  return [screen.program, ...words.map((word) => quote(maskPasswords(word)))].join(' ')
}

/** The flags that address the same database in another command. */
export function sameDatabase(global: GlobalFlags): readonly string[] {
  const { url, tenant, config } = global
  return [
    ...(url === undefined ? [] : ['--url', url]),
    ...(tenant === undefined ? [] : ['--tenant', tenant]),
    ...(config === undefined ? [] : ['--config', config]),
  ]
}

/**
 * The typed words, with another value for one flag; joined to it, as a value may begin with a dash.
 */
export function withFlag(argv: readonly string[], flag: string, value: string): readonly string[] {
  const words: string[] = []
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? ''
    if (word === flag) index += 1
    else if (!word.startsWith(`${flag}=`)) words.push(word)
  }
  return [...words, `${flag}=${value}`]
}

/** The typed words, with a switch in place of paging flags. */
export function withSwitch(argv: readonly string[], flag: string): readonly string[] {
  return [...withoutPaging(argv), flag]
}

function withoutPaging(argv: readonly string[]): readonly string[] {
  const words: string[] = []
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? ''
    if (word === '--limit' || word === '-n' || word === '--cursor') index += 1
    else if (!/^(--limit=|--cursor=|-n\d)/.test(word)) words.push(word)
  }
  return words
}
