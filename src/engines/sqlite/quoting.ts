// Quotes names and text for statements of this dialect.

/** A name as an identifier of SQL, whatever characters it has. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A text as a literal of SQL. It must not contain NUL. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
