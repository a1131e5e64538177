// The enumerations of actions.

export const actionStates = ['available', 'archived'] as const
