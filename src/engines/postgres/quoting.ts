// Quotes names and text for statements of this dialect.

/** A name as an identifier of SQL, whatever characters it has. */
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
