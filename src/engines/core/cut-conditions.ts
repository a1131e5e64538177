// Conditions of guards on a chain that may be cut (`CutsSpec`), in SQL that every engine understands. Each engine makes triggers of
// them in its own dialect.

import type { CutsSpec, GuardSpec } from '../contract/schema.ts'

type Quote = (name: string) => string

/** The number of the last row that may go; 0 where the chain was never cut. */
export function newestCut({ table, number }: CutsSpec, quote: Quote): string {
  return `(SELECT coalesce(max(${quote(number)}), 0) FROM ${quote(table)})`
}

/**
 * The number that a new row must have, as an expression over the chain's table, and the candidates for its link before its own, ended by
 * a comma. In an empty table the first row follows the newest cut, or is one that was to go with it and has not gone yet.
 */
export function afterCut(
  { number, cuts }: GuardSpec & { readonly refuses: 'gap' },
  quote: Quote,
): { readonly next: string; readonly link: string } {
  if (!cuts) return { next: `coalesce(max(${quote(number)}), 0) + 1`, link: '' }
  const given = `NEW.${quote(number)}`
  const newest = newestCut(cuts, quote)
  const first = `CASE WHEN ${given} BETWEEN 1 AND ${newest} THEN ${given} ELSE ${newest} + 1 END`
  return {
    next: `coalesce(max(${quote(number)}) + 1, ${first})`,
    link: `(SELECT ${quote(cuts.hash)} FROM ${quote(cuts.table)} WHERE ${quote(cuts.number)} = ${given} - 1), `,
  }
}
