// The hash chain: which values an entry's hash covers. The hash is SHA-256 over the canonical JSON
// of all other fields, including the previous entry's hash. docs/audit.md specifies it precisely
// enough for any other program to verify.

import { hash } from 'node:crypto'
import type { ChainHead } from '../../engines/contract/engine.ts'
import { canonicalJson } from '../../values/canonical-json.ts'
import type { AuditEntry } from './definition.ts'

/** The previous hash of the first entry. */
export const GENESIS_HASH = '0'.repeat(64)

type Hashed = Omit<AuditEntry, 'hash' | 'unreadable'>

/**
 * The text whose UTF-8 bytes are hashed: the canonical JSON of one object with every field but
 * `hash`, times as ISO 8601 in UTC with milliseconds. The keys are written in canonical order here,
 * which costs a quarter of sorting them.
 */
export function canonicalEntry(entry: Hashed): string {
  const quote = JSON.stringify
  return `{"action":${quote(entry.action)},"actor":${quote(entry.actor)},"argumentsHash":${quote(entry.argumentsHash)},"details":${canonicalJson(entry.details)},"id":${quote(entry.id)},"matchedRules":${quote(entry.matchedRules)},"planId":${quote(entry.planId)},"previousHash":${quote(entry.previousHash)},"reason":${quote(entry.reason)},"riskLevel":${quote(entry.riskLevel)},"sequence":${entry.sequence},"subjectId":${quote(entry.subjectId)},"subjectType":${quote(entry.subjectType)},"taskId":${quote(entry.taskId)},"timestamp":"${entry.timestamp.toISOString()}","verdict":${quote(entry.verdict)}}`
}

/** The SHA-256 of an entry's canonical JSON, in lower-case hexadecimal. */
export function hashOf(entry: Hashed): string {
  return hash('sha256', canonicalEntry(entry), 'hex')
}

/** The entry, linked to the last one of the chain. */
export function linkTo(
  last: ChainHead | null,
  entry: Omit<Hashed, 'sequence' | 'previousHash'>,
): Omit<AuditEntry, 'unreadable'> {
  const linked = { ...entry, sequence: (last?.sequence ?? 0) + 1, previousHash: last?.hash ?? GENESIS_HASH }
  return { ...linked, hash: hashOf(linked) }
}
