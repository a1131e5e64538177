// What is wrong with one line of a file of records: the path in it, and a sentence. It never
// contains a value of the line.

/**
 * Why a line cannot become a row. `path` leads to the error from the line's own object; empty for
 * the whole line.
 */
export class LineError extends Error {
  readonly path: readonly (string | number)[]

  constructor(message: string, path: readonly (string | number)[] = []) {
    super(path.length === 0 ? message : `${shownPath(path)} ${message}`)
    this.path = path
  }
}

/** Names come from the file, so they may be of any length. */
function shownPath(path: readonly (string | number)[]): string {
  return path
    .map((part) => (typeof part === 'string' && part.length > 60 ? `${part.slice(0, 60)}…` : part))
    .join('.')
}
