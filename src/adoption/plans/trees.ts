// Makes plan trees consistent: a plan whose parent is missing becomes a root, and every plan gets
// its root, in one query downward from the roots. Cycles were handled before (inspect.ts).

import type { MigrationStatement } from '../../engines/contract/schema.ts'
import { FINDINGS } from '../../migrations/preserved-tables.ts'
import type { AdoptionWriter } from '../expressions.ts'
import { noteFinding } from '../preserved-values.ts'
import { place, rootsTable, VERSION } from './scratch-tables.ts'

/** The column name in the finding of a plan that lost its parent. */
export const PARENT = 'parent_plan_id'

/** Statements that compute the root of each plan from its parents. */
export function alignTrees(writer: AdoptionWriter): readonly MigrationStatement[] {
  return [
    noteFinding(
      writer,
      place(PARENT),
      'plan-orphan',
      PARENT,
      `${PARENT} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM plans AS parent WHERE parent.plan_id = plans.${PARENT})`,
    ),
    writer.run(
      'make roots of plans without their parent',
      `UPDATE plans SET ${PARENT} = NULL WHERE plan_id IN (SELECT row_id FROM ${FINDINGS} WHERE migration = ${VERSION} AND table_name = ${writer.text('plans')} AND column_name = ${writer.text(PARENT)})`,
    ),
    ...writer.createTable(rootsTable),
    writer.run(
      'find the root of every plan',
      // No plan is visited twice: each has one parent, and nothing below a root is in a cycle.
      `INSERT INTO ${rootsTable.name} (plan_id, root_plan_id)
WITH RECURSIVE tree (plan_id, root_plan_id) AS (
  SELECT plan_id, plan_id FROM plans WHERE ${PARENT} IS NULL
  UNION ALL
  SELECT child.plan_id, tree.root_plan_id FROM tree JOIN plans AS child ON child.${PARENT} = tree.plan_id
)
SELECT plan_id, root_plan_id FROM tree WHERE plan_id <> root_plan_id ORDER BY plan_id`,
    ),
  ]
}
