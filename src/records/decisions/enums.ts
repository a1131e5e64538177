// The kinds of decisions.

export const decisionTypes = [
  'prompt_definition',
  'invariant_enforced',
  'strategy_choice',
  'subplan_spawn',
  'subplan_parallel_spawn',
  'error_recovery',
  'reversion',
  'user_intervention',
] as const

export type DecisionType = (typeof decisionTypes)[number]
