// MariaDB's capabilities, and settings chosen from measurements
// (docs/decisions/0009-mariadb-driver.md).

import type { EngineCapabilities } from '../contract/engine.ts'

export const capabilities: EngineCapabilities = {
  // Every schema change commits by itself; docs/decisions/0010-resumable-migrations.md describes
  // the consequences.
  transactionalDdl: false,
  // The optimizer reads `(a, b) > (x, y)` as a filter and scans the whole index.
  rowValueSeek: false,
  keepsJsonText: true,
  batchesReads: true,
  fileBacked: false,
  // References are checked row by row, so a child cannot precede its parent in one statement.
  referencesPerRow: true,
  passesOverChecks: true,
  maxSetSize: 512,
}

/**
 * The most prepared statements that one connection keeps; the server allows 16,382 for all
 * connections together.
 */
export const STATEMENT_CACHE_SIZE = 256

/**
 * The rows of one INSERT are a multiple of this, plus one statement for the rest: few statements
 * then serve batches of any size.
 */
export const ROW_STEP = 16

/**
 * The most bytes of values in one statement, whatever the server's `max_allowed_packet` would
 * allow.
 */
export const MAX_STATEMENT_BYTES = 4_194_304

/**
 * The most slots of running totals. Each writing connection has a separate slot as long as there
 * are any.
 */
export const TOTAL_SLOTS = 32

/** The most parameters of one statement; the protocol counts them in 16 bits. */
export const MAX_PARAMETERS = 60_000
