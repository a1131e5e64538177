// The plans below a plan, as a condition on any column that holds plan ids: one recursive query,
// any depth. UNION (not UNION ALL) makes it terminate even if parents form a cycle.

import type { Matching } from '../../engines/contract/engine.ts'
import type { ExtraCondition } from './selection.ts'

/** A condition: the column names the plan or one below it. */
export function inPlanTree(column: string, planId: string, matching: Matching): ExtraCondition {
  return {
    key: `tree ${column}`,
    query: {
      sql: `${column} in (with recursive tree (id) as (select ${matching.id} union select plans.plan_id from plans join tree on plans.parent_plan_id = tree.id) select id from tree)`,
      parameters: [planId],
    },
  }
}

/** The root of the plan that a column refers to, as an expression; NULL if the plan is unknown. */
export function rootPlanOf(column: string): string {
  return `(select plans.root_plan_id from plans where plans.plan_id = ${column})`
}
