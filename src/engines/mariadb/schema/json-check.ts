// Checks whether text is JSON. MariaDB's own function rejects more than 31 levels (a limit of its
// parser, JSON_DEPTH_LIMIT), and records may have 64. Deeper text is accepted here, and the codec
// that reads it decides.

/** The deepest nesting that JSON_VALID can check. */
const DEPTH_LIMIT = 31

/** A condition that holds for valid JSON, and for text nested deeper than the server can parse. */
export function jsonValid(expression: string): string {
  return `(json_valid(${expression}) or ${opens(expression)} > ${DEPTH_LIMIT})`
}

/** Counts the opening brackets and braces in a text. */
function opens(expression: string): string {
  return `octet_length(${expression}) - octet_length(replace(replace(${expression},'[',''),'{',''))`
}
