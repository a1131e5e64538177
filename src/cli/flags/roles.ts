// `--role strategy=mira`: who does what on a plan, or on the plans of an action.

import { assignments, readWord } from './flags.ts'

const roleNames = ['strategy', 'execution', 'review', 'apply', 'estimation', 'invariant'] as const

/** A role and who has it; null takes it away from whoever had it. */
export type Role = readonly [role: (typeof roleNames)[number], name: string | null]

/** An empty name means nobody. */
export function roles() {
  return assignments(
    'role=name',
    `who does what; roles: ${roleNames.join(', ')}`,
    (role, name): Role => [readWord(roleNames, role), name === '' ? null : name],
    { field: 'actors' },
  )
}

/** `strategy mira, review june`; null when nobody has a role. */
export function rolesText(actors: Readonly<Record<string, string | null>>): string | null {
  const given = Object.entries(actors).filter(([, name]) => name !== null)
  return given.length === 0 ? null : given.map(([role, name]) => `${role} ${name}`).join(', ')
}
