// Quotes names and text as literals of a statement. Values are never quoted: they are parameters.

/** Sessions of this engine have ANSI_QUOTES (connection.ts). */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Quotes text. A backslash is an ordinary character in every session of this engine. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
