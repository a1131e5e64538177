// The text of an error as a task keeps it: whatever a handler throws, or a script's program prints,
// becomes a text that is stored. A worker that cannot say why it failed cannot fail its task.

/** Characters of an error that are kept: a message, not a log. */
const LONGEST = 10_000

/**
 * The text without what cannot be stored, cut if it is longer than 10,000 characters.
 * @param otherwise the text if nothing visible is left
 */
export function errorText(text: string, otherwise: string): string {
  const kept = text.replaceAll('\0', '').toWellFormed().slice(0, LONGEST).toWellFormed()
  return kept.trim() === '' ? otherwise : kept
}
