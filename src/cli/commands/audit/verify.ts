// `purser audit verify`: recomputes the hash chain and says whether the trail is as it was written;
// exit code 3 if not.

import type { AuditHead } from '../../../index.ts'
import { text, whole } from '../../flags/flags.ts'
import { defineCommand, endingWith } from '../../run/command.ts'
import { UsageError } from '../../run/failure.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { problemText, verificationText } from './verify-view.ts'

export const verifyAudit = defineCommand({
  name: 'verify',
  summary: 'prove that no audit entry was changed, removed or inserted',
  description:
    'Recompute the chain of hashes. Ends with exit code 3, and names the first bad entry, when one was changed, removed, inserted or moved; with --expected-head also when the end was cut off.',
  flags: {
    from: whole('n', 'the first entry to check (default 1)', { min: 1 }),
    to: whole('n', 'the last entry to check (default: the last one there is)', { min: 1 }),
    expectedHead: text('head', 'what purser audit head printed once: NUMBER:HASH, or the hash alone'),
  },
  examples: [
    ['all of it', 'audit verify'],
    ['also that nothing was cut off at the end', 'audit verify --expected-head "$(cat audit-head)"'],
  ],
  run: async (call) => {
    const { from, to } = call.flags
    if (from !== undefined && to !== undefined && to < from) {
      throw new UsageError(`--to must be at least ${from}, where --from begins`)
    }
    const expectedHead = readHead(call.flags.expectedHead)
    return call.withStore('existing', async (store) => {
      const result = await store.audit.verify({ from, to, expectedHead })
      const log = commandLine(call.screen, ['audit', 'log', '--limit', '10', ...sameDatabase(call.global)])
      return {
        data: result,
        ...endingWith(!result.ok && { code: 'AUDIT_TRAIL_BROKEN', text: problemText(result) }),
        show: (screen) => verificationText(screen, result, log),
      }
    })
  },
})

/** @throws UsageError unless it is a head, or the hash of one */
function readHead(given: string | undefined): AuditHead | string | undefined {
  if (given === undefined) return undefined
  const [, sequence, hash] = /^(?:([1-9]\d{0,14}):)?([0-9a-f]{64})$/.exec(given.trim()) ?? []
  if (hash === undefined) {
    throw new UsageError(
      '--expected-head must be what purser audit head prints: NUMBER:HASH, or the hash alone, of 64 hexadecimal digits',
    )
  }
  return sequence === undefined ? hash : { sequence: Number(sequence), hash }
}
