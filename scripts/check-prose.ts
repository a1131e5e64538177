// Keeps comments and pages plain: refuses vague words, and comments wider than 100 columns. Does
// not look at what programs print, nor at the changelog, which is history.
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'

const MAX_COLUMNS = 100

/** A word or phrase, and what to write instead. */
const tics: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\b(?:stands|standing|stood)\b(?! for\b)/i, 'is, holds, applies'],
  [/\b(?:somebody|anybody|nobody)\b/i, 'the subject: a caller, another writer, a reader, no other process'],
  [/\b(?:goes|gone|went) on\b/i, 'continues, resumes'],
  [/\btold\b/i, 'reported, says, recognised by'],
  [/\bof (?:its|their|one's) own\b/i, 'separate, dedicated, private'],
  [/\bof ours\b/i, "Purser's, this package's"],
  [/\bin truth\b/i, 'actually'],
  [/\b(?:comes?|came) about\b/i, 'happens, arises'],
]

interface Prose {
  readonly path: string
  readonly line: number
  readonly text: string
}

const root = fileURLToPath(new URL('..', import.meta.url))

function* commentsOf(path: string): Generator<Prose> {
  const source = readFileSync(path, 'utf8')
  for (const { start, value } of parseSync(path, source).comments) {
    const first = source.slice(0, start).split('\n').length
    for (const [index, text] of value.split('\n').entries()) yield { path, line: first + index, text }
  }
}

/** The lines of a page outside of code. */
function* paragraphsOf(path: string): Generator<Prose> {
  let inCode = false
  for (const [index, text] of readFileSync(path, 'utf8').split('\n').entries()) {
    if (text.startsWith('```')) inCode = !inCode
    else if (!inCode) yield { path, line: index + 1, text: text.replaceAll(/`[^`]*`/g, '') }
  }
}

function* ticsIn(prose: Iterable<Prose>): Generator<string> {
  for (const { path, line, text } of prose) {
    for (const [pattern, instead] of tics) {
      const found = pattern.exec(text)
      if (found) yield `${path}:${line}: "${found[0]}": write ${instead}`
    }
  }
}

/**
 * Comments that begin their line; those beside code are short. Code and addresses are not wrapped.
 */
function* longComments(path: string): Generator<string> {
  const source = readFileSync(path, 'utf8')
  const lines = source.split('\n')
  for (const { start, end } of parseSync(path, source).comments) {
    if (source.slice(source.lastIndexOf('\n', start) + 1, start).trim() !== '') continue
    const first = source.slice(0, start).split('\n').length
    const last = source.slice(0, end).split('\n').length
    let inExample = false
    for (const [index, text] of lines.slice(first - 1, last).entries()) {
      if (/^\s*\* @/.test(text)) inExample = text.includes('@example')
      if (inExample) continue
      if (text.length > MAX_COLUMNS && !/https?:\S+$|biome-ignore/.test(text)) {
        yield `${path}:${first + index}: the comment is ${text.length} columns wide (at most ${MAX_COLUMNS})`
      }
    }
  }
}

process.chdir(root)
const sources = globSync('{src,web,bench,scripts,examples}/**/*.{ts,tsx,js}', {
  exclude: ['**/node_modules/**'],
}).sort()
const pages = globSync(['*.md', 'docs/**/*.md'], { exclude: ['CHANGELOG.md'] }).sort()
const violations = [
  ...sources.flatMap((path) => [...ticsIn(commentsOf(path)), ...longComments(path)]),
  ...pages.flatMap((path) => [...ticsIn(paragraphsOf(path))]),
]
for (const violation of violations) console.error(violation)
console.log(`${sources.length} sources, ${pages.length} pages, ${violations.length} violations`)
process.exitCode = violations.length > 0 ? 1 : 0
