// The enumerations of budgets. This file imports nothing, so that `purser --help` can list them
// without loading the library.

/** What a budget counts; all but `everything` need a `target`. A plan is counted with its tree. */
export const budgetScopes = ['everything', 'project', 'agent', 'model', 'plan', 'task'] as const
export type BudgetScope = (typeof budgetScopes)[number]

/** How long a limit lasts; `total` is for all time. Weeks begin on Monday. */
export const budgetPeriods = ['total', 'hour', 'day', 'week', 'month'] as const
export type BudgetPeriod = (typeof budgetPeriods)[number]

/** What a reservation does beyond the limit: it is refused, or held all the same. */
export const exceededPolicies = ['refuse', 'warn'] as const

/** How far a budget is used up: the limit may be exceeded by what was really spent. */
export const budgetLevels = ['within', 'warned', 'exceeded'] as const
export type BudgetLevel = (typeof budgetLevels)[number]
