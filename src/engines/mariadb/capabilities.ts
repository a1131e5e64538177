// What MariaDB can do, and the settings that follow from measurements (docs/decisions/0009-mariadb-driver.md).

import type { EngineCapabilities } from '../contract/engine.ts'

export const capabilities: EngineCapabilities = {
  // Every change of the schema commits by itself; docs/decisions/0010-resumable-migrations.md says what follows from that.
  transactionalDdl: false,
  // The optimizer reads `(a, b) > (x, y)` as a filter and scans the whole index.
  rowValueSeek: false,
  keepsJsonText: true,
  batchesReads: true,
  fileBacked: false,
  // References are checked with each row, so a parent cannot go in the same statement before its child.
  referencesPerRow: true,
  passesOverChecks: true,
  maxSetSize: 512,
}

/** The most prepared statements one connection keeps; the server allows 16,382 for all connections together. */
export const STATEMENT_CACHE_SIZE = 256

/** Rows of one INSERT are a multiple of this, and the rest: few statements then serve sets of any size. */
export const ROW_STEP = 16

/** The most bytes of values that one statement takes, whatever the server's `max_allowed_packet` would allow. */
export const MAX_STATEMENT_BYTES = 4_194_304

/** Running totals are kept in so many slots at the most. Each connection that writes has one for itself while there are any. */
export const TOTAL_SLOTS = 32

/** The most parameters of one statement; the protocol counts them in 16 bits. */
export const MAX_PARAMETERS = 60_000
