// Who a request is from, and what follows from it for what they do.

import { RequestError } from '../answers/request-error.ts'
import type { RecordRoute } from '../routes/record-routes.ts'
import { includes, isOwnKey, namesActor, ownFieldOf, type Role } from './roles.ts'

/** Who a request is from. */
export interface Principal {
  readonly role: Role
  /** Whom the audit trail names; null for the store's own name. */
  readonly actor: string | null
  /** The only tenant that may be reached; null for any. */
  readonly tenant: string | null
  /** What requests are counted by: the token, or the sign-in. */
  readonly key: string
  /** By a cookie, which a browser sends by itself, or by a token. */
  readonly via: 'cookie' | 'token' | 'application'
}

/** Finds whom a token is for; null for none that is valid. */
export type FindToken = (secret: string) => Promise<Principal | null>

/** @throws RequestError unless the role includes the one that is needed */
export function assertRole({ role }: Principal, needed: Role): void {
  if (includes(role, needed)) return
  throw new RequestError('FORBIDDEN', `this needs the role ${needed}; the one of this token is ${role}`)
}

/**
 * The arguments of a verb as who asks may give them. An agent works in its own name, and no
 * caller appends an audit entry in the name of another.
 * @throws RequestError if they are in the name of another
 */
export function inOwnName(
  principal: Principal,
  route: RecordRoute,
  taken: readonly unknown[],
): readonly unknown[] {
  const { role, actor } = principal
  if (namesActor(route) && actor !== null) return inNameOf(actor, 'actor', taken)
  if (role !== 'agent') return taken
  if (actor === null) {
    throw new RequestError('FORBIDDEN', 'the token of an agent needs an actor; make one with --actor')
  }
  if (isOwnKey(route)) {
    if (taken[0] === actor) return taken
    throw otherActor('the agent of the path')
  }
  const field = ownFieldOf(route)
  return field === undefined ? taken : inNameOf(actor, field, taken)
}

function inNameOf(actor: string, field: string, [first, ...rest]: readonly unknown[]): readonly unknown[] {
  const own = (input: unknown) => ownInput(input, field, actor)
  return [Array.isArray(first) ? first.map(own) : own(first), ...rest]
}

function ownInput(input: unknown, field: string, actor: string): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input
  const alias = field === 'sender' && Object.hasOwn(input, 'from') ? 'from' : field
  if (!Object.hasOwn(input, alias)) return { ...input, [field]: actor }
  if ((input as Readonly<Record<string, unknown>>)[alias] === actor) return input
  throw otherActor(alias)
}

function otherActor(what: string): RequestError {
  return new RequestError(
    'FORBIDDEN',
    `${what} must be the actor of this token: nobody writes in the name of another with it`,
  )
}
