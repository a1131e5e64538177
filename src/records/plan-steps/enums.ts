// The enumerations of plan steps. This file imports nothing, as those of other records.

export const planStepStatuses = ['pending', 'running', 'completed', 'failed', 'skipped'] as const
export type PlanStepStatus = (typeof planStepStatuses)[number]

/** Statuses of a step that needs no more work. */
export const finishedStatuses = ['completed', 'skipped'] as const satisfies readonly PlanStepStatus[]

/** Why a plan cannot be resumed. */
export const resumeObstacles = ['ended', 'not_begun', 'phase_complete', 'constrained'] as const
export type ResumeObstacle = (typeof resumeObstacles)[number]
