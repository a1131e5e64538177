// Who is signed in, and to what.

import { change, signedOut } from './client.ts'
import { queries, useRead } from './queries.ts'

export interface Session {
  /** Null for the store's own name. */
  readonly actor: string | null
  readonly role: 'reader' | 'agent' | 'operator' | 'admin'
  readonly tenant: string | null
  /** `cookie`: signed in by this browser. */
  readonly via: 'cookie' | 'token' | 'application'
  readonly server: {
    readonly version: string
    readonly engine: string
    /** Where the records are, without a password. */
    readonly location: string
  }
}

export function useSession(): Session | undefined {
  return useRead<Session>('/me', { records: [] }).data
}

/** Exchanges a token for a cookie that no script can read. @throws Problem */
export async function signIn(token: string): Promise<void> {
  await change({ method: 'POST', path: '/sign-in', isOutside: true, body: { token } })
  void queries.resetQueries()
}

export async function signOut(): Promise<void> {
  await change({ method: 'POST', path: '/sign-out' })
  signedOut()
}

/** Whether the role may decide approvals, edit budgets and overrule. */
export function mayOperate(session: Session | undefined): boolean {
  return session?.role === 'operator' || session?.role === 'admin'
}
