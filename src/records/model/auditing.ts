// How changes of a record get into the audit trail. The definition decides it, and every repository
// follows: each change has an entry, unless the definition says that none has one.

/** What the entries about a record have in common. */
export interface Auditing {
  /** Before the verb, in the action: `task` in `task:update`. */
  readonly area: string
  /** The `subjectType`; the `subjectId` is the record's key. */
  readonly subjectType: string
  readonly riskLevel: 'low' | 'medium'
}

/**
 * `false` for a record that is only appended to, or written beside others: it says itself who wrote
 * it and when, and an entry each would cost more than the record. Otherwise what is not named
 * follows from the record's name.
 */
export type AuditOption = false | Partial<Auditing>

export function auditingOf(name: string, option: AuditOption = {}): Auditing | null {
  return option === false ? null : { area: name, subjectType: name, riskLevel: 'low', ...option }
}
