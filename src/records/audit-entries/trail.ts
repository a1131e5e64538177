// How other repositories write audit entries: the entry commits with their own write, or not at
// all.

import type { ChainAppend } from '../../engines/contract/engine.ts'
import { makeUlid } from '../../values/ids.ts'
import { createCodec, type RecordCodec } from '../model/record-codec.ts'
import type { RecordSession } from '../repository/session.ts'
import { linkTo } from './chain.ts'
import { type AuditEntry, type AuditFields, auditEntryDefinition, type NewAuditEntry } from './definition.ts'

/** What happened: an entry without the fields that the trail fills in itself. */
export type AuditEvent = Pick<NewAuditEntry, 'action' | 'subjectType'> &
  Partial<
    Pick<
      NewAuditEntry,
      'subjectId' | 'planId' | 'taskId' | 'reason' | 'verdict' | 'riskLevel' | 'matchedRules' | 'details'
    >
  >

type UnlinkedEntry = Omit<AuditEntry, 'sequence' | 'previousHash' | 'hash' | 'unreadable'>

export class AuditTrail {
  readonly #session: RecordSession
  #codec: RecordCodec<AuditFields> | undefined

  constructor(session: RecordSession) {
    this.#session = session
  }

  /** An entry by the session's actor, to be appended with a write. */
  entry(happening: AuditEvent): ChainAppend {
    return this.#chain(this.#unlinked(happening))
  }

  /** The same for a task whose plan is determined later. The entry's time is that of this call. */
  entryOfTask(happening: AuditEvent): (planId: string | null) => ChainAppend {
    const entry = this.#unlinked(happening)
    return (planId) => this.#chain({ ...entry, planId })
  }

  #unlinked(happening: AuditEvent): UnlinkedEntry {
    return {
      id: makeUlid(),
      timestamp: this.#session.now(),
      actor: this.#session.actor,
      action: happening.action,
      subjectType: happening.subjectType,
      subjectId: happening.subjectId ?? null,
      planId: happening.planId ?? null,
      taskId: happening.taskId ?? null,
      verdict: happening.verdict ?? 'record',
      riskLevel: happening.riskLevel ?? 'low',
      reason: happening.reason ?? null,
      matchedRules: happening.matchedRules ?? [],
      argumentsHash: null,
      details: happening.details ?? null,
    }
  }

  /**
   * An entry as a caller gives it; its id may already exist.
   * @param linked receives the entry as linked; the last call counts
   */
  append(entry: UnlinkedEntry, linked: (entry: AuditEntry) => void): ChainAppend {
    return { ...this.#chain(entry, linked), idempotent: true }
  }

  #chain(entry: UnlinkedEntry, linked?: (entry: AuditEntry) => void): ChainAppend {
    this.#codec ??= createCodec(auditEntryDefinition, this.#session.engine.codec, () => undefined)
    const codec = this.#codec
    return {
      shape: auditEntryDefinition.shape,
      key: entry.id,
      head: { sequence: 'sequence', hash: 'hash' },
      link: (last) => {
        const whole = linkTo(last, entry)
        linked?.({ ...whole, unreadable: [] })
        return { row: codec.encode(whole), sequence: whole.sequence, hash: whole.hash }
      },
    }
  }
}
