// Whether text is JSON. MariaDB's own function refuses more than 31 levels (a limit of its parser, JSON_DEPTH_LIMIT), and records may
// have 64; deeper text is let through, and the codec that reads it has the last word.

/** Levels that JSON_VALID can judge. */
const DEPTH_LIMIT = 31

export function jsonValid(expression: string): string {
  return `(json_valid(${expression}) or ${opens(expression)} > ${DEPTH_LIMIT})`
}

/** How many brackets and braces open in a text. */
function opens(expression: string): string {
  return `octet_length(${expression}) - octet_length(replace(replace(${expression},'[',''),'{',''))`
}
