// Invariants on the screen.

import type { Invariant } from '../../index.ts'

/** `The grammar stays LL(1) (always)`. */
export function invariantText({ text, nonOverridable }: Invariant): string {
  return nonOverridable === true ? `${text} (always)` : text
}
