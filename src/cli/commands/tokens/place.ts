// Where tokens are: in the main database, also those that reach one tenant only. So --tenant names
// the tenant of tokens here, not the database.

import type { Store } from '../../../index.ts'
import type { Access, Call } from '../../run/command.ts'
import { useStore } from '../../run/session.ts'

/** Opens the database that has the tokens, for `work`. */
export async function withTokens<T>(
  { global }: Pick<Call, 'global'>,
  work: (store: Store) => Promise<T>,
  access: Access = 'existing',
): Promise<T> {
  const { tenant: _, ...place } = global
  return useStore(place, access, work)
}
