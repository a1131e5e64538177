// Who is signed in, and to what.

import { useRead } from './queries.ts'

export interface Session {
  /** Null for the store's own name. */
  readonly actor: string | null
  readonly role: 'reader' | 'agent' | 'operator' | 'admin'
  readonly tenant: string | null
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

/** Whether the role may decide approvals, edit budgets and overrule. */
export function mayOperate(session: Session | undefined): boolean {
  return session?.role === 'operator' || session?.role === 'admin'
}
