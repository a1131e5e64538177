// Finds whom a token is for, among the tokens of a store.

import type { Store } from '../../store/store.ts'
import type { FindToken } from './principal.ts'

/** Tokens are looked up for each request, so that a revoked one is refused at once. */
export function tokensOf(store: Pick<Store, 'tokens'>): FindToken {
  return async (secret) => {
    const token = await store.tokens.authenticate(secret)
    if (token === null) return null
    const { name, role, actor, tenant } = token
    return { role, actor: actor ?? name, tenant, key: `token ${name}`, via: 'token' }
  }
}
