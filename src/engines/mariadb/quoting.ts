// Names and texts as literals of a statement. Values never come this way: they are parameters.

/** Sessions of this engine have ANSI_QUOTES (connection.ts). */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Backslashes stand for themselves in every session of this engine. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
