// The enumerations of actions.

export const actionStates = ['available', 'archived'] as const
/** What the value of an argument may be. */
export const argumentTypes = ['string', 'integer', 'number', 'boolean', 'list'] as const
