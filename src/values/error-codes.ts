// The codes of errors, with what repeating a call can do, and what they mean.

/** Every code with its retry advice. The documentation's table is checked against this one. */
export const errorCodes = {
  CONNECTION_FAILED: {
    retryable: true,
    summary: 'The database cannot be reached or opened, or the store is not open.',
  },
  MIGRATION_FAILED: { retryable: false, summary: 'The schema cannot be brought to the wanted version.' },
  INVALID_RECORD: {
    retryable: false,
    summary: 'An input breaks a rule of its record; every issue is listed.',
  },
  INVALID_TRANSITION: {
    retryable: false,
    summary: 'The record is not in a state from which this step is allowed.',
  },
  RECORD_NOT_FOUND: { retryable: false, summary: 'The record to change does not exist.' },
  DUPLICATE_RECORD: { retryable: false, summary: 'A record with this id exists.' },
  VERSION_CONFLICT: {
    retryable: false,
    summary: 'The record has changed since it was read: read it again, then decide.',
  },
  CONSTRAINT_VIOLATION: {
    retryable: false,
    summary: 'The database refused the row, usually a reference to a missing one.',
  },
  CORRUPT_RECORD: { retryable: false, summary: 'A key column of a stored row cannot be read.' },
  REVERSION_LIMIT: { retryable: false, summary: 'A plan has been reverted as often as it may be.' },
  PLAN_ENDED: {
    retryable: false,
    summary: 'The plan is applied or cancelled: no live plan can be below it.',
  },
  PLAN_HAS_CHILDREN: {
    retryable: false,
    summary: 'A plan with children is deleted only as a tree, and with live ones it ends only as one.',
  },
  DECISION_SUPERSEDED: {
    retryable: false,
    summary:
      'The decision was superseded by another one, so nothing is recorded under it and it is not corrected.',
  },
  SELF_APPROVAL: { retryable: false, summary: 'Who asked for an approval may not decide it.' },
  NOT_REQUESTER: { retryable: false, summary: 'Only who asked for an approval may withdraw it.' },
  GATE_CLOSED: {
    retryable: false,
    summary: 'The profile of the plan leaves this step to a human; the plan was not moved.',
  },
  PREFLIGHT_FAILED: {
    retryable: false,
    summary: 'The plan may not move yet; every finding is listed.',
  },
  TOOL_DENIED: {
    retryable: false,
    summary: 'The profile of the plan denies the tool that was recorded as allowed.',
  },
  MIXED_CURRENCY: { retryable: false, summary: 'A total over more than one currency was asked for.' },
  BUDGET_EXCEEDED: {
    retryable: false,
    summary: 'A budget has less left than was asked for; nothing was held.',
  },
  LEASE_LOST: {
    retryable: false,
    summary: 'The task is not, or no longer, claimed under this claim; nothing was changed.',
  },
  TRANSACTION_CONFLICT: {
    retryable: true,
    summary: 'The transaction lost against another one and was rolled back.',
  },
  CHANGES_GONE: {
    retryable: false,
    summary: 'The changes after a position are no longer kept: read the lists anew.',
  },
  TRANSFER_FAILED: {
    retryable: false,
    summary:
      'A file of records cannot be read to its end, or does not hold what it says; what was stored stays.',
  },
  TIMEOUT: { retryable: true, summary: 'The database did not answer, or did not free a lock, in time.' },
  QUERY_FAILED: { retryable: false, summary: 'Anything else the database or the driver refused.' },
} as const satisfies Record<string, { retryable: boolean; summary: string }>

export type ErrorCode = keyof typeof errorCodes
