// Quotes words for a POSIX shell; a word of plain characters is not quoted.

/** Quotes a word for a POSIX shell, where it needs quotes. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** A command line that a POSIX shell splits into these words. */
export function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(' ')
}
