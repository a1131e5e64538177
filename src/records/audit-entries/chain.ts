// The hash chain: what an entry's hash is taken of. The hash of an entry is SHA-256 over the canonical JSON of all its other
// fields, the previous entry's hash among them; docs/audit.md says so precisely enough for any other program to verify.

import { createHash } from 'node:crypto'
import type { ChainHead } from '../../engines/engine.ts'
import type { JsonValue } from '../rules.ts'
import { canonicalJson } from './canonical.ts'
import type { AuditEntry } from './definition.ts'

/** What stands for the hash before the first entry. */
export const GENESIS_HASH = '0'.repeat(64)

type Hashed = Omit<AuditEntry, 'hash' | 'unreadable'>

/** The text whose UTF-8 bytes are hashed: one JSON object with every field but `hash`; times as ISO 8601 in UTC with milliseconds. */
export function canonicalEntry(entry: Hashed): string {
  const { id, sequence, timestamp, actor, action, subjectType, subjectId, planId, taskId } = entry
  const { verdict, riskLevel, reason, matchedRules, argumentsHash, details, previousHash } = entry
  return canonicalJson({
    ...{ id, sequence, timestamp: timestamp.toISOString(), actor, action, subjectType, subjectId },
    ...{ planId, taskId, verdict, riskLevel, reason, matchedRules, argumentsHash, details, previousHash },
  } as JsonValue)
}

export function hashOf(entry: Hashed): string {
  return createHash('sha256').update(canonicalEntry(entry), 'utf8').digest('hex')
}

/** The entry as it follows the last one of the chain. */
export function linkTo(
  last: ChainHead | null,
  entry: Omit<Hashed, 'sequence' | 'previousHash'>,
): Omit<AuditEntry, 'unreadable'> {
  const linked = { ...entry, sequence: (last?.sequence ?? 0) + 1, previousHash: last?.hash ?? GENESIS_HASH }
  return { ...linked, hash: hashOf(linked) }
}
