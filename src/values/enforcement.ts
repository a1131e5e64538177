// What happens to a call that breaks a rule.

/** Whether a call that breaks a rule is refused, or goes through and is recorded. */
export const enforcements = ['record', 'refuse'] as const
export type Enforcement = (typeof enforcements)[number]
