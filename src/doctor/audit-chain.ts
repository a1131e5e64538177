// Recomputes the hash chain of the audit trail.

import type { AuditProblem } from '../records/audit-entries/verify.ts'
import { type Check, counted, failing, passing } from './check.ts'

const words: Readonly<Record<AuditProblem, string>> = {
  missing: 'is missing',
  misplaced: 'does not stand where its number says',
  changed: 'was changed after it was written',
  unlinked: 'does not follow from the one before it',
  unreadable: 'cannot be read',
  cut: 'and everything after it was cut off',
  forged: 'is where the beginning was cut off, and no entry confirms that cut',
  pruned: 'was cut off on purpose',
}

export const auditChainCheck: Check = {
  name: 'audit chain',
  needsCurrentSchema: true,
  run: async ({ verifyAudit }) => {
    const { ok, checked, firstBad, problem } = await verifyAudit()
    if (ok) {
      return passing(checked === 0 ? 'no entries' : `${counted(checked, 'entry', 'entries')}, unbroken`)
    }
    const fault = problem === null ? 'is not as it was written' : words[problem]
    return failing(
      `entry ${firstBad} ${fault}; ${counted(checked, 'entry', 'entries')} before it ${checked === 1 ? 'is' : 'are'} sound`,
      1,
      'keep a copy of the database as evidence; compare it with a backup from before',
    )
  },
}
