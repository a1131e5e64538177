// Quotes names and text for statements of this dialect.

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/**
 * Quotes text. A backslash is an ordinary character: every session has
 * `standard_conforming_strings` on.
 */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
