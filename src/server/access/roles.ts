// Who may do what: one table. Each role may do what those before it may, and more. A verb that the
// table does not name is a read for every reader, or a change for operators.

import { type TokenRole, tokenRoles } from '../../records/tokens/enums.ts'
import type { RecordRoute } from '../routes/record-routes.ts'

/** From the least to the most. */
export { tokenRoles as roles }
export type Role = TokenRole

export function includes(role: Role, needed: Role): boolean {
  return tokenRoles.indexOf(role) >= tokenRoles.indexOf(needed)
}

/** The least role for a verb of a record. */
const verbs: Readonly<Record<string, Readonly<Record<string, Role>>>> = {
  plans: { proceed: 'agent', mayUse: 'agent', step: 'agent' },
  decisions: { record: 'agent' },
  'plan-checkpoints': { create: 'agent' },
  tasks: {
    ...{ create: 'agent', createMany: 'agent', claim: 'agent', recover: 'agent' },
    ...{ heartbeat: 'agent', complete: 'agent', fail: 'agent', release: 'agent' },
  },
  budgets: { reserve: 'agent', release: 'agent' },
  costs: { append: 'agent', appendMany: 'agent' },
  messages: { append: 'agent', appendMany: 'agent' },
  agents: { seen: 'agent', stop: 'agent' },
  approvals: { request: 'agent', withdraw: 'agent' },
  'parked-runs': { park: 'agent', resume: 'agent' },
  audit: { append: 'agent' },
  settings: { set: 'admin', delete: 'admin' },
  profiles: { create: 'admin', update: 'admin', delete: 'admin' },
}

/** Records that only this role reads and changes. */
const records: Readonly<Record<string, Role>> = { tokens: 'admin' }

/** The least role for a route that is about no record. */
export const storeRoles = {
  me: 'reader',
  search: 'reader',
  changes: 'reader',
  status: 'reader',
  metrics: 'reader',
  drift: 'operator',
  doctor: 'operator',
  retentionPreview: 'operator',
  retentionPrune: 'admin',
  tenants: 'operator',
} as const satisfies Record<string, Role>

export type StoreVerb = keyof typeof storeRoles

export function roleFor({ resource, verb, isRead }: Pick<RecordRoute, 'resource' | 'verb' | 'isRead'>): Role {
  return records[resource] ?? verbs[resource]?.[verb] ?? (isRead ? 'reader' : 'operator')
}

/**
 * The fields that say in whose name an input is. A token of the role `agent` has its own actor
 * there: filled in if it is left out, refused if it names another.
 */
const ownFields: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  tasks: { create: 'createdBy', createMany: 'createdBy', claim: 'agent' },
  budgets: { reserve: 'agentId' },
  costs: { append: 'agentId', appendMany: 'agentId' },
  messages: { append: 'sender', appendMany: 'sender' },
  'parked-runs': { park: 'agentId' },
}

export function ownFieldOf({ resource, verb }: Pick<RecordRoute, 'resource' | 'verb'>): string | undefined {
  return ownFields[resource]?.[verb]
}

/** The verb whose input says who acted: the actor of the token, whatever its role. */
export function namesActor({ resource, verb }: Pick<RecordRoute, 'resource' | 'verb'>): boolean {
  return resource === 'audit' && verb === 'append'
}

/** Verbs of a record whose key is the name of an agent: that of the token. */
export function isOwnKey({ resource, verb }: Pick<RecordRoute, 'resource' | 'verb'>): boolean {
  return resource === 'agents' && (verb === 'seen' || verb === 'stop')
}
