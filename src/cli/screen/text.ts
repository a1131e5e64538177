// Text on a terminal: its width, truncation, and sanitising. Records hold what agents wrote, so
// control characters are made visible before anything reaches a terminal.

import { stripVTControlCharacters } from 'node:util'

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const controlCharacter = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

/**
 * Printable text: escape sequences, bells and direction overrides become `�`; line ends are kept.
 */
export function printable(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll('\t', '    ').replaceAll(controlCharacter, '\u{fffd}')
}

/** The same on one line. */
export function printableLine(text: string): string {
  return printable(text.replaceAll(/\s+/g, ' ').trim())
}

const ascii = /^[\u0020-\u007e]*$/
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u
const invisible = /^[\p{Mark}\p{Cf}]+$/u
const segmenter = new Intl.Segmenter()

/** The width of a text in terminal cells; colours take none. */
export function displayWidth(text: string): number {
  const plain = stripVTControlCharacters(text)
  if (ascii.test(plain)) return plain.length
  let width = 0
  for (const { segment } of segmenter.segment(plain)) width += widthOf(segment)
  return width
}

function widthOf(grapheme: string): number {
  if (invisible.test(grapheme)) return 0
  return wide.test(grapheme) ? 2 : 1
}

/** At most `width` cells of a plain text; a truncated end is shown as `…`. */
export function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  let result = ''
  let used = 0
  for (const { segment } of segmenter.segment(text)) {
    used += widthOf(segment)
    if (used > width - 1) break
    result += segment
  }
  return `${result.trimEnd()}…`
}

/** Pads a text with spaces, on the right, or on the left with `end`. */
export function pad(text: string, width: number, align: 'start' | 'end' = 'start'): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)))
  return align === 'end' ? space + text : text + space
}

/** Wraps a plain text at spaces into lines of at most `width` cells; its own line ends are kept. */
export function wrap(text: string, width: number): readonly string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = []
    let line = ''
    // Counted incrementally: measuring the line again for every word takes minutes for a text of 1
    // MiB.
    let used = 0
    for (const word of paragraph.split(' ')) {
      const size = displayWidth(word)
      if (line !== '' && used + 1 + size > width) {
        lines.push(line)
        line = word
        used = size
      } else {
        used = line === '' ? size : used + 1 + size
        line = line === '' ? word : `${line} ${word}`
      }
    }
    return [...lines, line]
  })
}

/** Passwords in URLs become `***`. */
export function maskPasswords(text: string): string {
  return text
    .replaceAll(/([a-z][a-z0-9+.-]*:\/\/[^\s:/?#@'"]*:)[^\s'"]*@/gi, '$1***@')
    .replaceAll(/([?&](?:password|passwd|pwd|pw)=)[^&\s'"]*/gi, '$1***')
}

/** `1 task`, `2 tasks`, `1,294 cost records`. */
export function counted(count: number | string, noun: string, plural = `${noun}s`): string {
  return `${grouped(count)} ${count === 1 ? noun : plural}`
}

const thousands = new Intl.NumberFormat('en-US')

/** A whole number with thousands separators. */
export function grouped(count: number | string): string {
  return thousands.format(typeof count === 'string' ? BigInt(count) : count)
}

/** `in_progress` reads `in progress`. */
export function words(term: string): string {
  return term.replaceAll('_', ' ')
}
