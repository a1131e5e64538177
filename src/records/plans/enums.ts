// The enumerations of plans.

export const planPhases = ['action', 'strategize', 'execute', 'apply'] as const
export const planStates = [
  'queued',
  'processing',
  'complete',
  'errored',
  'cancelled',
  'applied',
  'constrained',
] as const
export const invariantSources = ['plan', 'action', 'project', 'global'] as const
export const executionEnvironments = ['host', 'container'] as const
export const executionPriorities = ['fallback', 'override'] as const

export type PlanPhase = (typeof planPhases)[number]
export type PlanState = (typeof planStates)[number]

/** The states that a plan may have in each phase. */
export const statesOfPhase: Readonly<Record<PlanPhase, readonly PlanState[]>> = {
  action: ['queued', 'cancelled'],
  strategize: ['queued', 'processing', 'complete', 'errored', 'cancelled'],
  execute: ['queued', 'processing', 'complete', 'errored', 'cancelled'],
  apply: ['queued', 'processing', 'applied', 'constrained', 'errored', 'cancelled'],
}
