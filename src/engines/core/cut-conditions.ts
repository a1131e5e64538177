// Conditions for guards on a chain that may be cut (`CutsSpec`), in SQL that every engine
// understands. Each engine builds triggers from them in its dialect.

import type { CutsSpec, GuardSpec } from '../contract/schema.ts'

type Quote = (name: string) => string

/** The number of the last row that may be deleted; 0 if the chain was never cut. */
export function newestCut({ table, number }: CutsSpec, quote: Quote): string {
  return `(SELECT coalesce(max(${quote(number)}), 0) FROM ${quote(table)})`
}

/**
 * Returns the number that a new row must have, as an expression over the chain's table, and the
 * candidates for its link that precede its own link, ending with a comma. In an empty table the
 * first row follows the newest cut, or is one of the rows up to that cut that are still to be
 * deleted.
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
