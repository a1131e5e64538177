// The plans below a plan, as a condition on any column that names plans: one recursive query, any depth. UNION (not UNION
// ALL) ends it even where parents form a cycle.

import type { ExtraCondition } from './selection.ts'

const PLAN_TABLE = 'plans'

export function inPlanTree(column: string, planId: string): ExtraCondition {
  return {
    key: `tree ${column}`,
    query: {
      sql: `${column} in (with recursive tree (id) as (select ? union select plan.plan_id from ${PLAN_TABLE} as plan join tree on plan.parent_plan_id = tree.id) select id from tree)`,
      parameters: [planId],
    },
  }
}

/** The root of the plan that a column names, as an expression; NULL where the plan is not known. */
export function rootPlanOf(column: string): string {
  return `(with recursive above (id, parent) as (select plan_id, parent_plan_id from ${PLAN_TABLE} where plan_id = ${column} union select plan.plan_id, plan.parent_plan_id from ${PLAN_TABLE} as plan join above on plan.plan_id = above.parent) select id from above where parent is null)`
}
