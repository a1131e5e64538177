// PostgreSQL's capabilities, and settings chosen from measurements
// (docs/decisions/0011-server-drivers.md).

import type { EngineCapabilities } from '../contract/engine.ts'

export const capabilities: EngineCapabilities = {
  transactionalDdl: true,
  rowValueSeek: true,
  keepsJsonText: true,
  batchesReads: true,
  referencesPerRow: false,
  fileBacked: false,
  // A check constraint applies to every row of every session; the only way around it is to drop it.
  passesOverChecks: false,
  maxSetSize: 1000,
}

/** The oldest supported server version, as in `server_version_num`. */
export const MIN_SERVER_VERSION = 130_000

/** The most statements that one connection prepares. Further statements are sent unprepared. */
export const MAX_PREPARED = 1000

/**
 * Rows over which each total is spread, so that connections rarely wait for each other: an append
 * locks the totals it adds to until its commit is durable.
 */
export const TOTAL_SLOTS = 16
