// The closed list of words of actions.

export const actionStates = ['available', 'archived'] as const
