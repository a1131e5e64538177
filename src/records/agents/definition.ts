// The agent: who works here, what for, and when it was last heard of.

import { defineRecord, type PatchOf, type RecordOf } from '../model/define-record.ts'
import { id, instant, integer, jsonObject, list, name, oneOf } from '../model/fields.ts'
import { nameRule } from '../model/rules.ts'
import { agentStatuses } from './enums.ts'

export * from './enums.ts'

const fields = {
  /** The name by which it acts: `store.as(id)`, `agentId` of costs, `assignedTo` of tasks. */
  id: id().key(),
  displayName: name().nullable(),
  role: name().nullable().filterable(),
  /**
   * `stopped` from `stop` until the agent is seen again. Otherwise `active` if it was seen within
   * `agentIdleAfter` (5 minutes unless configured) by the database's clock, else `idle`.
   */
  status: oneOf(agentStatuses).default('active').managed().filterable(),
  /** What it can do, in its own words. */
  capabilities: list(nameRule, { unique: true }),
  metadata: jsonObject(),
  /** By the database's clock. */
  lastSeenAt: instant().managed(),
  createdAt: instant().managed(),
  updatedAt: instant().managed(),
  /** Rises with changes, not with beats. */
  version: integer(1).default(1).managed(),
}

export type AgentFields = typeof fields
/** An agent as read from the store. */
export type Agent = RecordOf<AgentFields>
/** The fields that `agents.seen` may set. */
export type AgentPatch = PatchOf<AgentFields>

/**
 * Who works, what for, and when it was last heard of. Agents say so themselves, by beats; costs,
 * tasks and messages may name agents that have no record.
 */
export const agentDefinition = defineRecord({
  name: 'agent',
  table: 'agents',
  key: 'id',
  order: { fields: ['id'], direction: 'asc' },
  fields,
  storage: { indexes: { last_seen: ['lastSeenAt', 'id'], role: ['role', 'id'] } },
})
