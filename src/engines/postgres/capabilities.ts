// What PostgreSQL can do, and the settings that follow from measurements (docs/decisions/0011-server-drivers.md).

import type { EngineCapabilities } from '../contract/engine.ts'

export const capabilities: EngineCapabilities = {
  transactionalDdl: true,
  rowValueSeek: true,
  keepsJsonText: true,
  batchesReads: true,
  referencesPerRow: false,
  fileBacked: false,
  // A check holds for every row of every session, short of taking it off the table.
  passesOverChecks: false,
  maxSetSize: 1000,
}

/** The oldest version of the server that is supported, as `server_version_num` has it. */
export const MIN_SERVER_VERSION = 130_000

/** The most statements that one connection prepares; any further ones are sent whole. */
export const MAX_PREPARED = 1000

/**
 * Rows that each total is spread over, so that connections seldom wait for each other's: an append locks the totals it adds to
 * until its commit is durable.
 */
export const TOTAL_SLOTS = 16
