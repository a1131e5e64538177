// The ledger of migrations: every entry is one of this build's, with its checksum, and none is
// missing.

import { latestVersion } from '../migrations/schema-state.ts'
import { type Check, failing, passing } from './check.ts'

export const ledgerCheck: Check = {
  name: 'ledger',
  needsCurrentSchema: false,
  run: async ({ state }) => {
    const version = await state.version()
    if (version === 0) {
      const what =
        'there is no ledger: the database is not Purser’s, or one of an ancestor that was not taken over yet'
      return failing(what, 1, 'run purser status, then purser migrate')
    }
    // Throws for a changed checksum, a gap and a breaking migration of a newer build; the error
    // says what to do.
    const entries = await state.checkedEntries()
    if (version > latestVersion) {
      return {
        status: 'warn',
        detail: `version ${version} is of a newer build; this one knows ${latestVersion}`,
        count: version - latestVersion,
        next: 'update Purser here too',
      }
    }
    if (version < latestVersion) {
      const what = `the database is at version ${version}, this build needs ${latestVersion}`
      return failing(what, latestVersion - version, 'run purser migrate')
    }
    return passing(`version ${version}; all ${entries.length} migrations have the checksums of this build`)
  },
}
