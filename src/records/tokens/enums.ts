// The enumerations of tokens.

/** What the holder of a token may do, from the least to the most. */
export const tokenRoles = ['reader', 'agent', 'operator', 'admin'] as const
export type TokenRole = (typeof tokenRoles)[number]
