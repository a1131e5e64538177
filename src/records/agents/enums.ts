// The enumerations of agents.

export const agentStatuses = ['active', 'idle', 'stopped'] as const
export type AgentStatus = (typeof agentStatuses)[number]
