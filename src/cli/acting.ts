// What commands that change records share: in whose name they do it, and on which version they base the change.

import type { ActingStore, Store } from '../index.ts'
import { UsageError } from './failure.ts'
import { text, whole } from './flags.ts'

/** For commands whose changes stand in the audit trail. */
export const actor = text(
  'name',
  'in whose name; it stands in the audit trail (default: PURSER_ACTOR, then system)',
)

/** For commands that change a record; `version` is what errors of the library call it. */
export function ifVersion(noun: string) {
  return whole('n', `only if the ${noun} is at this version (default: whatever it is at)`, {
    min: 1,
    field: 'version',
  })
}

/**
 * The store in the name of the flag, or of PURSER_ACTOR; by itself where neither is given.
 * @throws UsageError for a name that nobody can have
 */
export function inNameOf(store: Store, flag: string | undefined): ActingStore {
  const name = flag ?? (process.env.PURSER_ACTOR || undefined)
  if (name === undefined) return store
  try {
    return store.as(name)
  } catch (error) {
    const [issue] = (error as { readonly issues?: readonly { readonly message: string }[] }).issues ?? []
    if (issue === undefined) throw error
    throw new UsageError(`${flag === undefined ? 'PURSER_ACTOR' : '--actor'} ${issue.message}`)
  }
}
