// The status of an agent at a time: stopped, or by when it was last seen.

import type { Locking } from '../../engines/contract/engine.ts'
import type { StatusConditions } from '../repository/database-time.ts'
import type { Agent, AgentStatus } from './definition.ts'

/** @param idleAfter milliseconds without a beat */
export function agentConditions(locking: Locking, idleAfter: number): StatusConditions<AgentStatus> {
  const since = locking.ago(idleAfter)
  return {
    active: `(status <> 'stopped' and last_seen_at > ${since})`,
    idle: `(status <> 'stopped' and last_seen_at <= ${since})`,
    stopped: `(status = 'stopped')`,
  }
}

/**
 * The agent with its status at a time.
 * @param asked statuses of the filter that found it, a moment earlier or later than `now`
 */
export function agentAt(
  agent: Agent,
  now: Date,
  idleAfter: number,
  asked: readonly AgentStatus[] | undefined,
): Agent {
  if (agent.status === 'stopped') return agent
  const isIdle = now.getTime() - agent.lastSeenAt.getTime() >= idleAfter
  const [status, other] = isIdle ? (['idle', 'active'] as const) : (['active', 'idle'] as const)
  const isBetween = asked !== undefined && !asked.includes(status) && asked.includes(other)
  return { ...agent, status: isBetween ? other : status }
}
