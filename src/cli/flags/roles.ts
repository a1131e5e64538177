// `--role strategy=mira`: who does what on a plan, or on the plans of an action.

import { assignments, readWord } from './flags.ts'

const roleNames = ['strategy', 'execution', 'review', 'apply', 'estimation', 'invariant'] as const

/** A role and its actor; null removes the current one. */
export type Role = readonly [role: (typeof roleNames)[number], name: string | null]

/** An empty name clears the role. */
export function roles() {
  return assignments(
    'role=name',
    `who does what; roles: ${roleNames.join(', ')}`,
    (role, name): Role => [readWord(roleNames, role), name === '' ? null : name],
    { field: 'actors' },
  )
}

/** `strategy mira, review june`; null if no role is filled. */
export function rolesText(actors: Readonly<Record<string, string | null>>): string | null {
  const given = Object.entries(actors).filter(([, name]) => name !== null)
  return given.length === 0 ? null : given.map(([role, name]) => `${role} ${name}`).join(', ')
}
