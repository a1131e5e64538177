// The enumerations of tasks. This file imports nothing, so that `purser --help` can list them
// without loading the library; their meaning is in definition.ts and transitions.ts.

export const taskTypes = ['development', 'design', 'research', 'review', 'meeting', 'admin'] as const
export const taskPriorities = ['critical', 'high', 'medium', 'low'] as const
export const taskComplexities = ['simple', 'medium', 'complex', 'epic'] as const
export const taskStructures = ['sequential', 'parallel', 'mixed'] as const
export const artifactTypes = ['code', 'tests', 'documentation'] as const
export const coordinationTopologies = [
  'sas',
  'centralized',
  'decentralized',
  'context_dependent',
  'auto',
] as const
export const taskStatuses = [
  'created',
  'assigned',
  'in_progress',
  'in_review',
  'completed',
  'blocked',
  'failed',
  'interrupted',
  'auth_required',
  'suspended',
  'cancelled',
  'rejected',
] as const

/** Final statuses: no further work is expected. */
export const endedStatuses = [
  'completed',
  'cancelled',
  'rejected',
] as const satisfies readonly (typeof taskStatuses)[number][]

/** The groupings of task counts. */
export const taskGroupings = [
  'status',
  'priority',
  'type',
  'complexity',
  'assignee',
  'creator',
  'project',
  'plan',
  'parent',
] as const

export type TaskStatus = (typeof taskStatuses)[number]
